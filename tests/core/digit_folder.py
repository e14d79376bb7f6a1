"""A small labelled data set, drawn by the tests: what `--set data_folder=…` takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont


def make_digit_folder(folder: Path, each: int = 12) -> Path:
    """`each` pictures a digit, 28x28, dark on light, no two alike."""
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
