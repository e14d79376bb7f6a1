"""`gnc bench augment`: augmented images a second, against one image at a time in Python loops."""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.augmentation.augment import augment
from core.augmentation.backgrounds import paint, rounded_boxes
from core.loaders.digit_frame import SOURCE_SIZE
from core.recipes.recipe import recipe_named
from core.train.device import Device, choose_device
from core.train.task import generator

ROUNDS = 41
"""How many measurements a figure is the median of."""
SEED_SIZE = 28
SEED_RATE = 200.0
"""Images a second that the project this one grew from stated for its loops."""
_INK_SHARE = 0.8  # of the images; the rest stands for photos
_LOOPED = 12  # images a measurement of the loops


def made_up_digits(count: int) -> Tensor:
    """(count,64,64) uint8 ink that costs what digits cost: rings and bars of a digit's size."""
    wide = torch.linspace(0.05, 0.4, count)
    half, centre = torch.stack([wide, torch.full_like(wide, 0.3)]), torch.zeros(2, count)
    tilt = torch.linspace(-0.3, 0.3, count)
    distance = rounded_boxes(SOURCE_SIZE, centre=centre, half=half, radius=0.1, angle=tilt).abs_().sub_(0.06)
    ground = torch.zeros(count, SOURCE_SIZE, SOURCE_SIZE)
    return (paint(ground, torch.ones(count), distance) * 255).to(torch.uint8)


def benchmark() -> dict[str, Any]:
    """Median images a second on the fastest device here: the seed's kinds, all that `general` uses, the loops."""
    device = choose_device()
    batch = 256 if device.torch.type == "cpu" else 4096
    seeds_kinds = _rate("seed", SEED_SIZE, batch, 1.0, device)
    general = _rate("general", 32, batch, _INK_SHARE, device)
    loops = _rate_of_loops()
    return {
        "device": device.name,
        "threads": torch.get_num_threads(),
        "batch": batch,
        "seed_kinds_images_per_second": seeds_kinds,
        "general_images_per_second": general,
        "python_loops_images_per_second": loops,
        "seed_kinds_times_python_loops": seeds_kinds / loops,
        "seed_kinds_times_stated_200": seeds_kinds / SEED_RATE,
    }


def _median_seconds(work: Callable[[], None]) -> float:
    """Of ROUNDS rounds, after three to warm up."""
    seconds = []
    for _ in range(ROUNDS + 3):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[3:])


def _rate(recipe_name: str, size: int, batch: int, ink: float, device: Device) -> float:
    """Images a second that a recipe's augmentation makes in batches."""
    config = recipe_named(recipe_name).augmentation
    images = made_up_digits(batch).to(device.torch)
    is_ink = (torch.arange(batch) < ink * batch).to(device.torch)
    textures = images if config.background_photo > 0 else None
    made = generator(1, device.torch)

    def work() -> None:
        augment(images, is_ink, config, made, size=size, textures=textures)
        if device.torch.type == "cuda":
            torch.cuda.synchronize()

    return batch / _median_seconds(work)


def _rate_of_loops() -> float:
    """Images a second of `augment_in_loops`."""
    digits: list[list[list[int]]] = made_up_digits(_LOOPED).tolist()
    draw = random.Random(1)

    def work() -> None:
        for digit in digits:
            augment_in_loops(digit, SEED_SIZE, draw)

    return _LOOPED / _median_seconds(work)


def augment_in_loops(digit: list[list[int]], size: int, draw: random.Random) -> list[list[float]]:
    """One digit rotated, zoomed, moved and laid on a ground, pixel by pixel: how the seed's data set was made.

    digit: rows of coverage, 0..255. Returns `size` rows of greys in 0..1. It is the yardstick of `benchmark` alone.
    """
    angle = math.radians(draw.uniform(-30, 30))
    step = 40 / size / draw.uniform(0.7, 1.2)
    cos, sin = math.cos(angle) * step, math.sin(angle) * step
    middle, source_middle = (size - 1) / 2, (len(digit) - 1) / 2
    move_x, move_y = draw.uniform(-0.1, 0.1) * size, draw.uniform(-0.1, 0.1) * size
    ground = _ground_in_loops(size, draw)
    ink = draw.random()
    for y in range(size):
        for x in range(size):
            u, v = x - middle - move_x, y - middle - move_y
            left, top = u * cos - v * sin + source_middle, u * sin + v * cos + source_middle
            column, row = math.floor(left), math.floor(top)
            if 0 <= column < len(digit) - 1 and 0 <= row < len(digit) - 1:
                right, below = left - column, top - row
                upper = digit[row][column] * (1 - right) + digit[row][column + 1] * right
                lower = digit[row + 1][column] * (1 - right) + digit[row + 1][column + 1] * right
                covered = (upper * (1 - below) + lower * below) / 255
                ground[y][x] += covered * (ink - ground[y][x])
    return ground


def _ground_in_loops(size: int, draw: random.Random) -> list[list[float]]:
    """One of the seed's four grounds: simple, pretty, noisy, figure."""
    kind, grey = draw.randrange(4), draw.random()
    a, b, radius = draw.uniform(-0.3, 0.3), draw.uniform(-0.3, 0.3), draw.uniform(3, 14)

    def value(x: int, y: int) -> float:
        if kind == 1:
            return 0.5 + 0.25 * math.sin(a * x) + 0.25 * math.cos(b * y) * math.tanh(a * y)
        if kind == 2:
            return min(1.0, max(0.0, draw.gauss(grey, 0.1)))
        if kind == 3 and math.hypot(x - size / 2, y - size / 2) < radius:
            return 1 - grey
        return grey

    return [[value(x, y) for x in range(size)] for y in range(size)]
