"""Classifies pictures with ONNX Runtime, and answers as Kaiyan does.

    pip install onnxruntime numpy pillow
    python classify_onnxruntime.py PICTURE...
"""
import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else ONNX Runtime reports to its makers
import onnxruntime


def load_network(file, input_name, logits_name):
    """A function from a tensor of 1×3×height×width to its logits, one for each class."""
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return lambda tensor: session.run([logits_name], {input_name: tensor})[0][0]
