# Everything that makes an answer right is in model.json; nothing below is about one model.
FOLDER = Path(__file__).resolve().parent
MODEL = json.loads((FOLDER / "model.json").read_text("utf-8"))
LABELS = (FOLDER / "labels.txt").read_text("utf-8").rstrip("\n").split("\n")
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def open_rgb(file):
    """The first frame as 8-bit RGB: upright by its EXIF orientation, on white where it is transparent."""
    with Image.open(file) as opened:
        image = ImageOps.exif_transpose(opened)
    if image.mode.startswith("I"):  # 16-bit grey: the high byte, where Pillow's convert() would clip at 255
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return image.convert("RGB")


def resize(image, short_side, resampling):
    """The short side becomes short_side; the long one keeps the proportions, and its fraction is cut off."""
    width, height = image.size
    long_side = int(short_side * max(width, height) / min(width, height))
    size = (short_side, long_side) if width <= height else (long_side, short_side)
    return image.resize(size, resampling)  # Pillow widens the filter when it shrinks, which is what antialiases


def centre_crop(image, width, height):
    """Python's round() takes halves to the even number; so does Kaiyan."""
    left = round((image.width - width) / 2)
    top = round((image.height - height) / 2)
    return image.crop((left, top, left + width, top + height))


def prepare(file):
    """A picture as the network wants it: float32, 1×3×height×width, (pixel - mean) / std for each channel."""
    wanted = MODEL["input"]
    image = resize(open_rgb(file), wanted["resize"]["shortSide"], FILTERS[wanted["resize"]["filter"]])
    pixels = np.asarray(centre_crop(image, wanted["width"], wanted["height"]), np.float32)
    tensor = (pixels - np.float32(wanted["mean"])) / np.float32(wanted["std"])
    return np.ascontiguousarray(tensor.transpose(2, 0, 1)[np.newaxis])


def top5(logits):
    """The most probable classes: softmax of logits / temperature."""
    logits = logits.astype(np.float64)
    weights = np.exp((logits - logits.max()) / MODEL["temperature"])
    probabilities = weights / weights.sum()
    best = np.argsort(-probabilities, kind="stable")[:5]
    return [{"index": int(i), "label": LABELS[i], "probability": round(float(probabilities[i]), 6)} for i in best]


def main():
    files = {file["precision"]: file["path"] for file in MODEL["files"]}
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("pictures", nargs="+", metavar="PICTURE")
    arguments.add_argument("--precision", choices=files, default="fp32" if "fp32" in files else next(iter(files)))
    options = arguments.parse_args()
    run = load_network(FOLDER / files[options.precision], MODEL["input"]["name"], MODEL["output"]["logits"])
    sys.stdout.reconfigure(encoding="utf-8")  # Windows would take another one
    status = 0
    for file in options.pictures:
        try:
            tensor = prepare(file)
        except Exception as error:  # one that cannot be read does not keep the others from their answers
            print(f"{file}: {error}", file=sys.stderr)
            status = 1
            continue
        print(json.dumps({"file": file, "top5": top5(run(tensor))}, ensure_ascii=False), flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
