#!/usr/bin/env python3
"""Whether an exported model gives the same answers in Python ONNX Runtime and in OpenVINO as in Kaiyan.

    kaiyan models export resnet18
    pip install onnxruntime openvino numpy pillow
    python scripts/check-export.py resnet18-1 PICTURE_OR_FOLDER...

Runs "kaiyan classify" and the two programs of the export on the same pictures, and compares their five best classes: which,
in which order, and how probable. In FP32 all have to be the same, and the exit status is 1 if they are not; INT8 depends on how
CPU and runtime round, and is reported only. The model has to be installed under the name that it was exported from.
"""
import argparse
import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

KAIYAN = Path(__file__).resolve().parent.parent / "bin" / "kaiyan.js"
RUNTIMES = ("onnxruntime", "openvino")


def lines_of(command):
    """The JSON lines of a program, whatever its exit status; what it complains of goes to stderr."""
    run = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, encoding="utf-8")
    if run.returncode and not run.stdout:
        sys.exit(f"{command[1]} failed; its message is above.")
    return [json.loads(line) for line in run.stdout.splitlines()]


def ask_kaiyan(command, model, file, pictures):
    """Kaiyan's five best classes of each picture, by its path."""
    asked = ["--model", f"{model['name']}@{model['version']}", "--precision", file["precision"]]
    answers = lines_of([*command, "classify", "--json", "--top", "5", "--lang", "en", *asked, *pictures])
    digests = {answer["model"]["digest"] for answer in answers if "model" in answer}
    if digests != {file["sha256"][:12]}:
        sys.exit(f"Expected answers of the exported file, {file['sha256'][:12]}, but Kaiyan has {', '.join(digests) or 'none'}.")
    return {answer["file"]: answer["predictions"] for answer in answers if "predictions" in answer}


def ask_runtime(runtime, folder, precision, pictures):
    program = [sys.executable, folder / f"classify_{runtime}.py", "--precision", precision]
    return {answer["file"]: answer["top5"] for answer in lines_of([*program, *pictures])}


def names(predictions):
    return [(prediction["index"], prediction["label"]) for prediction in predictions]


def difference(ours, theirs):
    """The largest difference in probability among the classes that both name."""
    known = {prediction["index"]: prediction["probability"] for prediction in theirs}
    return max((abs(one["probability"] - known[one["index"]]) for one in ours if one["index"] in known), default=0.0)


def in_words(predictions):
    return ", ".join(f"{one['label']} {one['probability']:.6f}" for one in predictions) or "no answer"


def compare(runtime, precision, ours, theirs):
    """A row of the table, and the pictures whose classes differ."""
    answers = [(file, best, theirs.get(file, [])) for file, best in ours.items()]
    other = [answer for answer in answers if names(answer[1]) != names(answer[2])]
    same_first = sum(names(best)[:1] == names(found)[:1] for _, best, found in answers)
    worst, where = max((difference(best, found), Path(file).name) for file, best, found in answers)
    count = len(answers)
    row = [f"{runtime} {version(runtime)}", precision, f"{same_first}/{count}", f"{count - len(other)}/{count}"]
    return [*row, f"{worst:.6f} ({where})"], other, worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="what \"kaiyan models export\" wrote")
    parser.add_argument("pictures", nargs="+", help="pictures, or folders of pictures")
    parser.add_argument("--runtime", choices=RUNTIMES, action="append", help="that one alone")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="of probabilities, in FP32 (default: 0.0001)")
    parser.add_argument("--kaiyan", nargs="+", default=["node", KAIYAN], help="how Kaiyan is called (default: this one)")
    options = parser.parse_args()
    runtimes = options.runtime or RUNTIMES
    for runtime in runtimes:
        try:
            version(runtime)
        except PackageNotFoundError:
            sys.exit(f"Expected the package {runtime}, but it is not installed. Install it: pip install {runtime}")

    model = json.loads((options.folder / "model.json").read_text("utf-8"))
    table = [["runtime", "precision", "same class", "same five", "largest difference in probability"]]
    same = True
    for file in model["files"]:
        precision = file["precision"]
        ours = ask_kaiyan(options.kaiyan, model, file, options.pictures)
        for runtime in runtimes:
            theirs = ask_runtime(runtime, options.folder, precision, list(ours))
            row, other, worst = compare(runtime, precision, ours, theirs)
            table.append(row)
            if precision == "fp32":
                for path, best, found in other:
                    print(f"{path}\n  kaiyan: {in_words(best)}\n  {runtime}: {in_words(found)}", file=sys.stderr)
                same &= not other and worst <= options.tolerance

    print(f"{model['name']}@{model['version']}, {len(ours)} pictures, against Kaiyan\n")
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    if not same:
        print("\nFP32 does not give the same answers.")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
