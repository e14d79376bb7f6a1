"""A small collection with one of everything that people label."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.collection.numbers import NumberStore
from core.loaders.user_digits import DigitOrigin, UserDigitStore
from core.reading.strokes import Stroke
from core.reading.types import NOT_A_DIGIT, Box

STROKES = (
    Stroke(((10.0, 20.0), (30.5, 40.25), (31.0, 60.0)), 6.0, (0.5, 1.0, 0.25)),
    Stroke(((1.0, 2.0),), 6.0),
)


def noise(seed: int, *size: int) -> NDArray[np.uint8]:
    """A picture that is like no other."""
    return np.random.default_rng(seed).integers(0, 256, size, np.uint8)


def fill(corrections: Path, photos: Path) -> None:
    """Digits drawn and photographed, none; numbers with and without places, in crops and whole photos, twice in one,
    with letters and signs; no number at all, and none in a part of a photo."""
    digits, numbers = UserDigitStore(corrections), NumberStore.within(corrections)
    drawn = digits.add(
        STROKES, noise(1, 32, 32), 7, size=(640, 480), origin=DigitOrigin("1", "general", group="me")
    )
    digits.add(
        (),
        noise(2, 32, 32),
        7,
        kind="photo",
        origin=DigitOrigin("4", "m2", drawn.id, "a\u2028b.jpg", "photo-1"),
    )
    digits.add((), noise(3, 32, 32), 0, kind="camera", size=(1920, 1080))
    digits.add(STROKES, noise(4, 32, 32), NOT_A_DIGIT)
    photo = photos / "meter.jpg"
    photos.mkdir(parents=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(noise(5, 90, 160, 3)).save(photo, "JPEG", exif=exif)
    from core.reading.images import load_image

    whole = load_image(photo)
    for written, box in (
        ("00217.61", Box(3.25, 4.5, 50.33, 20.77)), ("12B", Box(10, 60, 30, 15)), ("12b", Box(10, 90, 30, 15)),
        ("", Box(50, 120, 20, 10)), ("8/9", None),
    ):  # fmt: skip
        numbers.add(
            whole, written, box=box, whole=True, was_read="1", model="m", source_file=str(photo), photo=photo
        )
    numbers.add(
        noise(6, 40, 60, 3), "47", box=Box(5, 5, 50, 30), kind="camera", group="evening", source_file="desk"
    )
    numbers.add(noise(7, 40, 60), "1824", kind="drawing", strokes=STROKES, group="me")
    numbers.add(noise(8, 80, 120, 3), "", whole=True)
    numbers.add(noise(9, 80, 120, 3), "007", box=Box(0, 0, 120, 80), whole=True)
