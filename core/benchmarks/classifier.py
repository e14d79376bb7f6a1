"""`gnc bench classifier`: how long a model file takes for one digit, and how many it reads a second."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
import psutil

from assets import MODELS
from core.reading.classifier import Classifier

ROUNDS = 200


def benchmark() -> dict[str, Any]:
    """The shipped classifier: milliseconds for one crop (median of many), crops a second, memory."""
    path = MODELS / "classifier.onnx"
    before = psutil.Process().memory_info().rss
    began = time.perf_counter()
    classifier = Classifier.load(path)
    size = classifier.info.input_size
    crops = np.random.default_rng(1).integers(0, 256, (256, size, size), dtype=np.uint8)
    classifier.classify(crops[:1])
    load = time.perf_counter() - began
    one = []
    for index in range(ROUNDS):
        began = time.perf_counter()
        classifier.classify(crops[index % 256 : index % 256 + 1])
        one.append(time.perf_counter() - began)
    many = []
    for _ in range(10):
        began = time.perf_counter()
        classifier.probabilities(crops)
        many.append(time.perf_counter() - began)
    return {
        "milliseconds_one_digit": statistics.median(one) * 1e3,
        "digits_per_second": len(crops) / statistics.median(many),
        "seconds_to_load": load,
        "memory_mib": (psutil.Process().memory_info().rss - before) / 2**20,
        "file_bytes": path.stat().st_size,
    }
