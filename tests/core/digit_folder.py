"""Small labelled data sets, made by the tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.loaders import meters


def make_digit_folder(folder: Path, each: int = 12) -> Path:
    """What `--set data_folder=…` takes: `each` pictures a digit, 28x28, dark on light, no two alike."""
    rng = np.random.default_rng(5)
    font = ImageFont.load_default(size=22)
    for digit in range(10):
        (folder / str(digit)).mkdir(parents=True)
        for index in range(each):
            picture = Image.new("L", (28, 28), 230)
            place = (7 + int(rng.integers(-3, 4)), 1 + int(rng.integers(-2, 3)))
            ImageDraw.Draw(picture).text(place, str(digit), fill=int(rng.integers(0, 70)), font=font)
            picture.save(folder / str(digit) / f"{index}.png")
    return folder


def make_counters(data: Path) -> None:
    """The source `meter` in a data folder: 60 digits of 30 counters, nothing but noise."""
    (data / "meter").mkdir(parents=True)
    rng = np.random.default_rng(1)
    np.savez(
        data / "meter" / meters.FILE,
        images=rng.integers(0, 255, (60, 52, 32, 3), dtype=np.uint8),
        labels=np.arange(60, dtype=np.uint8) % 10,
        group=np.array([f"a/b/c/{i // 2}/x" for i in range(60)]),
    )
