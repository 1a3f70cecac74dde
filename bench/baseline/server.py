"""The baseline: Flask and a TorchScript ResNet-18, as in many an article that puts a classifier behind HTTP."""
import argparse
import logging
import platform
import socket
import sys
from importlib.metadata import version

import torch
from flask import Flask, jsonify, request
from PIL import Image
from torchvision import models, transforms

TOP = 3

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--port", type=int, default=5001, help="0 takes a free one")
options.add_argument("--weights", help="a state_dict of ResNet-18 (.pth); without it the weights are random")
options.add_argument("--threads", type=int, help="threads of each inference; without it PyTorch decides")
options = options.parse_args()

logging.getLogger("werkzeug").setLevel(logging.ERROR)
if options.threads:
    torch.set_num_threads(options.threads)


def load_model():
    torch.manual_seed(0)
    model = models.resnet18(weights=None).eval()
    if options.weights:
        model.load_state_dict(torch.load(options.weights, map_location="cpu"))
    example = torch.zeros(1, 3, 224, 224)
    with torch.no_grad():
        traced = torch.jit.trace(model, example)
        # TorchScript observes its first runs and compiles then; no client shall wait for that.
        for _ in range(5):
            traced(example)
    return traced


app = Flask(__name__)
model = load_model()
labels = models.ResNet18_Weights.DEFAULT.meta["categories"]
preprocess = transforms.Compose(
    [
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
)


@app.get("/health")
def health():
    return jsonify({"status": "ok"})


@app.post("/predict")
def predict():
    if "image" not in request.files:
        return jsonify({"error": "No image uploaded"}), 400
    picture = Image.open(request.files["image"].stream).convert("RGB")
    with torch.no_grad():
        logits = model(preprocess(picture).unsqueeze(0))[0]
    probabilities, classes = torch.topk(torch.softmax(logits, dim=0), TOP)
    return jsonify(
        [
            {"label": labels[index], "confidence": round(probability * 100, 2)}
            for probability, index in zip(probabilities.tolist(), classes.tolist())
        ]
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    port = options.port or free_port()
    print(
        f"Flask {version('flask')}, PyTorch {torch.__version__}, Python {platform.python_version()}, "
        f"threads of an inference: {torch.get_num_threads()}\n"
        f"The baseline answers at http://127.0.0.1:{port}",
        file=sys.stderr,
        flush=True,
    )
    app.run(host="127.0.0.1", port=port, threaded=True)
