"""Draws the sample photos and the sample video that ship with the program: house fronts of our own making.

    python -m core.tools.make_samples assets/samples

Everything in them is drawn here, with installed fonts and the painter of the detector's scenes: no photo and no
data set of anybody else's is in them.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.errors import FailureError
from core.base.opencv import cv2
from core.synthesis.backgrounds import noise, smooth_noise
from core.synthesis.camera import take_photo
from core.synthesis.glyphs import family_glyphs
from core.synthesis.painting import paint
from core.synthesis.typesetting import LineStyle, set_line, stack

Gray = npt.NDArray[np.uint8]
Colour = npt.NDArray[np.uint8]

WIDTH, HEIGHT = 960, 720
FRAMES, RATE = 120, 15
VIDEO_SIZE = (640, 480)


@dataclass(frozen=True)
class House:
    """What one front shows. words: a line below the number; "" for no line. height: of a digit, pixels.

    font: family and style.
    turn: degrees. vertical: digits below each other. tint: blue, green, red of the light.
    """

    number: str
    words: str
    font: tuple[str, str]
    height: float
    turn: float
    vertical: bool
    tint: tuple[float, float, float]
    seed: int


HOUSES = (
    House("1824", "MAPLE STREET", ("DejaVu Serif", "Bold"), 100, -4, False, (0.92, 0.98, 1.04), 47),
    House("57", "", ("Liberation Serif", "Bold"), 200, 3, False, (1.05, 1.0, 0.94), 8),
    House("309", "", ("DejaVu Sans", "Bold"), 90, 0, True, (0.95, 1.0, 1.0), 21),
    House("7416", "Rose Cottage", ("Liberation Sans", "Regular"), 64, 7, False, (0.9, 1.0, 1.05), 34),
)


def draw_house(house: House) -> Gray:
    """A house front of HEIGHT x WIDTH pixels with its number. Raises FailureError where its font is missing."""
    glyphs = family_glyphs(*house.font)
    if not len(glyphs):
        raise FailureError(f"The font {' '.join(house.font)} is not installed.")
    rng = random.Random(house.seed)
    front = _wall(rng)
    _opening(rng, front, door=True)
    _opening(rng, front, door=False)
    style = LineStyle(tracking=0.08, vertical=house.vertical)

    def line(text: str, height: float):  # type: ignore[no-untyped-def]
        return set_line(rng, text, lambda c: glyphs.glyph(0, c), height=height, style=style)

    block = line(house.number, house.height)
    if house.words:
        block = stack(rng, [block, line(house.words, 0.3 * house.height)], gap=0.25 * house.height)
    patch = paint(rng, block, behind=float(front.mean()), contrast_min=0.5)
    h, w = patch.layers.shape[:2]
    angle = math.radians(house.turn)
    c, s = math.cos(angle), math.sin(angle)
    x, y = WIDTH * rng.uniform(0.42, 0.52), HEIGHT * rng.uniform(0.4, 0.55)
    matrix = np.array([[c, -s, x - c * w / 2 + s * h / 2], [s, c, y - s * w / 2 - c * h / 2]])
    layers = cv2.warpAffine(patch.layers, matrix, (WIDTH, HEIGHT))
    return np.asarray(np.clip(front * (1 - layers[:, :, 1]) + layers[:, :, 0], 0, 255), np.uint8)


def _wall(rng: random.Random) -> npt.NDArray[np.float32]:
    """Bricks, or boards, under uneven light."""
    wall = np.full((HEIGHT, WIDTH), rng.uniform(120, 190), np.float32)
    bricks = rng.random() < 0.5
    h = rng.randint(26, 44)
    w = round(2.3 * h) if bricks else WIDTH
    for row, y in enumerate(range(0, HEIGHT, h)):
        for x in range(-(w // 2) * (row % 2) if bricks else 0, WIDTH, w):
            shade = rng.uniform(-14, 14)
            wall[y : y + h - 3, max(x, 0) : max(x + w - 3, 0)] += shade
        wall[y + h - 3 : y + h] -= 28
    grain = smooth_noise(rng, HEIGHT, WIDTH, 160)
    light = smooth_noise(rng, HEIGHT, WIDTH, 3)
    return np.asarray(np.clip((wall + 4 * grain) * (1 + 0.12 * light), 0, 255), np.float32)


def _opening(rng: random.Random, front: npt.NDArray[np.float32], *, door: bool) -> None:
    """A door at the right or a window at the left."""
    frame, pane = rng.uniform(60, 235), rng.uniform(20, 90)
    if door:
        left, top, right, bottom = round(0.76 * WIDTH), round(0.18 * HEIGHT), WIDTH - 20, HEIGHT
    else:
        left, top, right, bottom = 20, round(0.12 * HEIGHT), round(0.2 * WIDTH), round(0.52 * HEIGHT)
    cv2.rectangle(front, (left, top), (right, bottom), frame, -1)
    middle, across = (left + right) // 2, (top + bottom) // 2
    parts = [(x, y) for x in ((left, middle), (middle, right)) for y in ((top, across), (across, bottom))]
    for (x0, x1), (y0, y1) in parts:
        cv2.rectangle(front, (x0 + 12, y0 + 12), (x1 - 12, y1 - 12), frame - 25 if door else pane, -1)
    if door:
        cv2.circle(front, (left + 24, across + 40), 9, 240, -1, cv2.LINE_AA)


def tinted(gray: Gray, tint: tuple[float, float, float]) -> Colour:
    """Gray in the colour of the light: (H,W,3), blue first, as OpenCV writes it."""
    return np.clip(gray[:, :, None] * np.array(tint, np.float32), 0, 255).astype(np.uint8)


def film(front: Gray, tint: tuple[float, float, float]) -> Iterator[Colour]:
    """Frames of a hand-held camera that comes closer and sways."""
    w, h = VIDEO_SIZE
    rng = random.Random(5)
    for frame in range(FRAMES):
        t = frame / FRAMES
        zoom = (w / WIDTH) * (0.95 + 0.9 * t)
        angle = math.radians(3 * math.sin(5 * t) + 1.2 * math.sin(17 * t))
        c, s = zoom * math.cos(angle), zoom * math.sin(angle)
        x = WIDTH * (0.5 - 0.03 * t) + 9 * math.sin(9 * t)
        y = HEIGHT * (0.5 - 0.02 * t) + 7 * math.sin(13 * t + 1)
        matrix = np.array([[c, -s, w / 2 - c * x + s * y], [s, c, h / 2 - s * x - c * y]])
        view = cv2.warpAffine(front, matrix, (w, h), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT)
        light = 0.92 + 0.08 * math.sin(7 * t)
        seen = np.clip(view * light + 2.5 * noise(rng, h, w), 0, 255).astype(np.uint8)
        yield tinted(seen, tint)


def make_samples(folder: Path) -> list[Path]:
    """Write the photos and the video; returns their paths. Raises FailureError where one can't be written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for index, house in enumerate(HOUSES):
        front = draw_house(house)
        photo = take_photo(
            random.Random(house.seed), front, finest=house.height / 3, strength=0.6, gentle=True
        )
        path = folder / f"house_{index + 1}.jpg"
        if not cv2.imwrite(str(path), tinted(photo, house.tint), (cv2.IMWRITE_JPEG_QUALITY, 85)):
            raise FailureError(f"{path} could not be written.")
        written.append(path)
    path = folder / "house.mp4"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, VIDEO_SIZE)
    if not video.isOpened():
        raise FailureError(f"{path} could not be written: OpenCV has no writer for it here.")
    for frame in film(draw_house(HOUSES[0]), HOUSES[0].tint):
        video.write(frame)
    video.release()
    return [*written, path]


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m core.tools.make_samples FOLDER`."""
    parser = argparse.ArgumentParser(
        prog="core.tools.make_samples", description="Draw the samples that are shipped."
    )
    parser.add_argument("folder", type=Path)
    args = parser.parse_args(argv)
    try:
        for path in make_samples(args.folder):
            sys.stdout.write(f"{path}: {path.stat().st_size:,} bytes\n")
    except FailureError as error:
        sys.stderr.write(f"core.tools.make_samples: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
