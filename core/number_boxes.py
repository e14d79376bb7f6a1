"""Finds where the digits of photos with a whole-number label are, by what a trained classifier sees in them.

    python -m core.number_boxes --model best_model.onnx --out core/data/svhn_extra_boxes.csv

The photos of `svhn_extra_numbers` say which number they show, not where its digits are. Every window of a photo,
at several scales, is classified; the best row of windows that spells the number wins (a forced alignment, as in
speech recognition: Rabiner, 1989), and is kept where every digit of it is clear. Made from a model that never saw
these photos, the boxes let the next one learn from them.
"""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.classifier import Classifier
from core.data.photos import read_gray
from core.data.sources import load_numbers
from core.errors import InputError
from core.framing import INK_SHARE
from core.opencv import cv2
from core.paths import Places
from core.reading import NOT_A_DIGIT, Box
from core.runs import written_aside

WINDOW = 32
DIGIT = WINDOW * INK_SHARE
"""Height of a digit in a window, in pixels of the window."""
STRIDE = 5
HEIGHTS = (0.95, 0.76, 0.61, 0.49, 0.39, 0.31)
"""Heights of digits that are tried, as shares of the photo's height."""
CLEAR = 0.8
"""Every digit of a kept photo has at least this probability in its window."""


@dataclass(frozen=True)
class Grid:
    """All windows of a photo at one scale. log_p: (rows, columns, 10). scale: photo pixels per window pixel."""

    log_p: np.ndarray
    scale: float


@dataclass(frozen=True)
class Placed:
    """Where a number's digits are. worst: the smallest probability of its digits."""

    boxes: tuple[Box, ...]
    score: float
    worst: float


def windows(gray: np.ndarray, scale: float) -> np.ndarray:
    """(rows, columns, WINDOW, WINDOW) uint8: every STRIDE-th window of the photo (H, W) shrunk by `scale`.

    The photo's edge is repeated for half a digit around it, so that digits at the edge have windows too.
    """
    height, width = (max(1, round(side / scale)) for side in gray.shape)
    how = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
    shrunk = cv2.resize(gray, (width, height), interpolation=how)
    missing = max(0, WINDOW - height), max(0, WINDOW - width)
    edge = WINDOW // 4
    padded = np.pad(
        shrunk,
        [(edge + m // 2, edge + m - m // 2) for m in missing],
        mode="edge",
    )
    every = np.lib.stride_tricks.sliding_window_view(padded, (WINDOW, WINDOW))
    return every[::STRIDE, ::STRIDE]


def centre(grid: Grid, shape: tuple[int, ...], row: int, column: int) -> tuple[float, float]:
    """(x, y) in pixels of a photo of `shape` of the middle of a window."""
    place = []
    for index, side in ((column, shape[1]), (row, shape[0])):
        shrunk = max(1, round(side / grid.scale))
        edge = WINDOW // 4 + max(0, WINDOW - shrunk) // 2
        place.append((index * STRIDE - edge + WINDOW / 2) * side / shrunk)
    return place[0], place[1]


def best_row(log_p: np.ndarray, digits: Sequence[int]) -> tuple[float, list[tuple[int, int]]]:
    """The windows, left to right, that spell `digits` with the largest sum of log probabilities.

    log_p: (rows, columns, 10). Neighbours are 0.35 to 1.4 digit heights apart, and at most 0.35 higher or lower.
    Returns the sum (-inf where the number does not fit) and (row, column) of each digit.
    """
    rows, columns, _ = log_p.shape
    near, far = round(0.35 * DIGIT / STRIDE), round(1.4 * DIGIT / STRIDE)
    climb = round(0.35 * DIGIT / STRIDE)
    score = log_p[:, :, digits[0]]
    back: list[np.ndarray] = []
    for digit in digits[1:]:
        best = np.full((rows, columns), -np.inf)
        source = np.zeros((rows, columns, 2), np.int64)
        for step in range(near, min(far, columns - 1) + 1):
            for rise in range(-climb, climb + 1):
                low, high = max(0, rise), min(rows, rows + rise)
                if low >= high:
                    continue
                candidate = score[low - rise : high - rise, : columns - step]
                target = best[low:high, step:]
                better = candidate > target
                target[better] = candidate[better]
                source[low:high, step:][better] = (-rise, -step)
        back.append(source)
        score = best + log_p[:, :, digit]
    row, column = np.unravel_index(int(score.argmax()), score.shape)
    total = float(score[row, column])
    path = [(int(row), int(column))]
    for source in reversed(back):
        row, column = path[-1][0] + source[path[-1]][0], path[-1][1] + source[path[-1]][1]
        path.append((int(row), int(column)))
    return total, path[::-1]


def place_number(grids: Sequence[Grid], shape: tuple[int, ...], number: str) -> Placed | None:
    """The digits of `number` in a photo of `shape`; None where it fits at no scale.

    A digit is recognised off its middle and at other sizes, so its box is the mean over all windows around the
    best one that see it clearly.
    """
    digits = [int(d) for d in number]
    found = [(*best_row(grid.log_p, digits), index) for index, grid in enumerate(grids)]
    total, path, at = max(found, key=lambda f: f[0])
    if not np.isfinite(total):
        return None
    grid = grids[at]
    worst = min(
        float(np.exp(grid.log_p[row, column, d])) for (row, column), d in zip(path, digits, strict=True)
    )
    boxes = []
    gap = min((b[1] - a[1] for a, b in itertools.pairwise(path)), default=6) * STRIDE * grid.scale
    for (row, column), digit in zip(path, digits, strict=True):
        x, y = centre(grid, shape, row, column)
        boxes.append(_mean_box(grids, shape, digit, x, y, grid.scale, min(gap / 2, 0.4 * DIGIT * grid.scale)))
    return Placed(tuple(boxes), total / len(digits), worst)


def _mean_box(
    grids: Sequence[Grid], shape: tuple[int, ...], digit: int, x: float, y: float, scale: float, reach: float
) -> Box:
    """The box of a digit near (x, y): the mean of clear windows within `reach` and 1.6 times larger or smaller."""
    total, sums = 0.0, np.zeros(3)
    for grid in grids:
        if not 1 / 1.6 < grid.scale / scale < 1.6:
            continue
        weights = np.exp(4 * grid.log_p[:, :, digit])
        for row, column in np.argwhere(weights >= 0.2):
            cx, cy = centre(grid, shape, row, column)
            if abs(cx - x) <= reach and abs(cy - y) <= reach:
                total += float(weights[row, column])
                sums += weights[row, column] * np.array([cx, cy, np.log(grid.scale)])
    if total:
        x, y, scale = sums[0] / total, sums[1] / total, float(np.exp(sums[2] / total))
    height = DIGIT * scale
    # The widths of digits vary more than the windows tell: the box is as wide as most digits are.
    width = 0.6 * height
    left, top = max(0.0, x - width / 2), max(0.0, y - height / 2)
    right, bottom = min(float(shape[1]), x + width / 2), min(float(shape[0]), y + height / 2)
    return Box(left, top, max(1.0, right - left), max(1.0, bottom - top))


def grids_of(gray: np.ndarray, classifier: Classifier) -> list[Grid]:
    """Classify all windows of a photo (H, W) at all scales."""
    scales = [share * gray.shape[0] / DIGIT for share in HEIGHTS]
    cut = [windows(gray, scale) for scale in scales]
    flat = np.concatenate([w.reshape(-1, WINDOW, WINDOW) for w in cut])
    log_p = np.log(classifier.probabilities(flat)[:, :NOT_A_DIGIT] + 1e-9)
    grids, start = [], 0
    for scale, w in zip(scales, cut, strict=True):
        rows, columns = w.shape[:2]
        grids.append(Grid(log_p[start : start + rows * columns].reshape(rows, columns, NOT_A_DIGIT), scale))
        start += rows * columns
    return grids


def main(argv: Sequence[str] | None = None) -> int:
    """The command of this module."""
    parser = argparse.ArgumentParser(prog="core.number_boxes", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="a model file of a classifier")
    parser.add_argument("--data-dir", type=Path, help="where the data is")
    parser.add_argument("--out", type=Path, required=True, help="the table to write")
    args = parser.parse_args(argv)
    try:
        classifier = Classifier.load(args.model)
        if len(classifier.info.classes) <= NOT_A_DIGIT or classifier.info.input_size != WINDOW:
            raise InputError(
                f"{args.model} is no model of a recipe like “general”, which knows what is no digit."
            )
        numbers = load_numbers(Places.find(data_dir=args.data_dir), "train")
    except InputError as error:
        print(f"core.number_boxes: {error}", file=sys.stderr)
        return 2
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("file", "index", "digit", "x", "y", "w", "h"))
    kept = 0
    for path, number in tqdm(numbers, unit="photo"):
        gray = read_gray(path)
        placed = place_number(grids_of(gray, classifier), gray.shape, number)
        if placed is None or placed.worst < CLEAR:
            continue
        kept += 1
        for index, (digit, box) in enumerate(zip(number, placed.boxes, strict=True)):
            table.writerow((path.name, index, digit, *(f"{v:.1f}" for v in box.as_list())))
    with written_aside(args.out) as file:
        file.write(text.getvalue().encode())
    print(f"Kept {kept} of {len(numbers)} photos in {args.out}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
