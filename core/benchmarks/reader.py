"""`gnc bench reader`: milliseconds from a frame to its reading, and the memory that takes."""

from __future__ import annotations

import gc
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil

from assets import MODELS
from core.base.opencv import cv2
from core.reading.api import shipped_line, shipped_reader

ROUNDS = 40
FRAMES = {"640x480": (480, 640), "1280x720": (720, 1280)}


def benchmark(detector: Path | None = None) -> dict[str, Any]:
    """The shipped files on frames with three numbers: median and slowest tenth, milliseconds; memory in MiB."""
    process = psutil.Process()
    before = process.memory_info().rss
    detector, classifier = detector or MODELS / "detector.onnx", MODELS / "classifier.onnx"
    began = time.perf_counter()
    reader = shipped_reader(detector, classifier, threads=2)
    figures: dict[str, Any] = {"seconds_to_load": time.perf_counter() - began}
    for name, (h, w) in FRAMES.items():
        frame = street_frame(h, w)
        for _ in range(3):
            reader.read(frame)
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            reading = reader.read(frame)
            times.append((time.perf_counter() - began) * 1e3)
        figures[f"milliseconds_{name}"] = statistics.median(times)
        figures[f"milliseconds_{name}_slowest_tenth"] = sorted(times)[-len(times) // 10]
        figures[f"numbers_{name}"] = " ".join(n.text for n in reading.numbers) or "none"
    gc.collect()
    figures["memory_mib"] = (process.memory_info().rss - before) / 2**20
    files = [detector, classifier, shipped_line()]
    figures["file_bytes"] = sum(file.stat().st_size for file in files if file is not None)
    return figures


def street_frame(h: int, w: int) -> npt.NDArray[np.uint8]:
    """A frame (H,W,3) as a camera gives it: a wall with some structure, and three numbers of different size."""
    rng = np.random.default_rng(3)
    coarse = rng.integers(90, 170, (h // 24, w // 24), dtype=np.uint8)
    wall = cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    gray = np.clip(wall + rng.normal(0, 5, (h, w)), 0, 255).astype(np.uint8)
    for text, x, y, scale in (("1824", 0.1, 0.35, 2.2), ("57", 0.6, 0.6, 1.2), ("309", 0.25, 0.85, 3.4)):
        size = scale * h / 480
        place = (round(x * w), round(y * h))
        cv2.putText(
            gray, text, place, cv2.FONT_HERSHEY_DUPLEX, size, 25, max(1, round(2.5 * size)), cv2.LINE_AA
        )
    return np.ascontiguousarray(np.repeat(gray[:, :, None], 3, 2))
