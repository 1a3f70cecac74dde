"""Classifies pictures with OpenVINO, and answers as Kaiyan does.

    pip install openvino numpy pillow
    python classify_openvino.py PICTURE...
"""
import argparse
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

sys.modules["openvino_telemetry"] = None  # else importing OpenVINO tells Google Analytics of it
import openvino


def load_network(file, input_name, logits_name):
    """A function from a tensor of 1×3×height×width to its logits, one for each class."""
    # Some CPUs would compute FP32 models in bfloat16, which is faster and moves every probability.
    network = openvino.Core().compile_model(str(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda tensor: network({input_name: tensor})[logits_name][0]
