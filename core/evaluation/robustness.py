"""How a classifier bears faults of pictures: MNIST's dev digits under each, one row a fault.

The faults are after those of MNIST-C (Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", 2019)
and of small data sets, written anew and apart from `core.augmentation.augment`: figures compare models of ours,
not with papers.

    python -m core.evaluation.robustness assets/models/classifier.onnx another.onnx
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.errors import InputError
from core.base.opencv import cv2
from core.base.paths import Places
from core.evaluation.digit_sets import mnist_digits
from core.evaluation.metrics import wilson
from core.reading.classifier import Classifier
from core.reading.images import frame_digit

Fault = Callable[[np.random.Generator, NDArray[np.floating]], NDArray[np.floating]]
"""A digit (28, 28) float32 in 0…1, light on black → the picture of it, (H, W) in 0…1 before clipping."""

_SEED = 7


def _moved(digit: NDArray[np.floating], matrix: Sequence[Sequence[float]]) -> NDArray[np.floating]:
    """The digit under a linear map (2, 2) about its middle."""
    linear = np.array(matrix, np.float64)
    centre = np.array([(digit.shape[1] - 1) / 2, (digit.shape[0] - 1) / 2])
    full = np.column_stack([linear, centre - linear @ centre])
    return np.asarray(cv2.warpAffine(digit, full, digit.shape[::-1], flags=cv2.INTER_LINEAR))


def _turned(rng: np.random.Generator, digit: NDArray[np.floating]) -> NDArray[np.floating]:
    angle = np.deg2rad(rng.choice([-25, 25]))
    return _moved(digit, [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _impulse(rng: np.random.Generator, digit: NDArray[np.floating]) -> NDArray[np.floating]:
    u = rng.random(digit.shape)
    return np.where(u < 0.085, 0, np.where(u < 0.17, 1, digit))


def _glass(rng: np.random.Generator, digit: NDArray[np.floating]) -> NDArray[np.floating]:
    seen = np.asarray(cv2.GaussianBlur(digit, (0, 0), 0.7))
    high, wide = seen.shape
    for _ in range(2):
        for y in range(high - 2, 0, -1):
            for x in range(wide - 2, 0, -1):
                down, right = rng.integers(-1, 2, 2)
                seen[y, x], seen[y + down, x + right] = seen[y + down, x + right], seen[y, x]
    return np.asarray(cv2.GaussianBlur(seen, (0, 0), 0.7))


def _smeared(rng: np.random.Generator, digit: NDArray[np.floating]) -> NDArray[np.floating]:
    kernel = np.zeros((7, 7), np.float32)
    angle = np.deg2rad(rng.uniform(-45, 45))
    reach = np.array([np.cos(angle), np.sin(angle)]) * 3
    start, end = (tuple(int(v) for v in np.round(3 + sign * reach)) for sign in (-1, 1))
    cv2.line(kernel, start, end, 1.0)
    return np.asarray(cv2.filter2D(digit, -1, kernel / kernel.sum()))


def _striped(_: np.random.Generator, digit: NDArray[np.floating]) -> NDArray[np.floating]:
    striped = 1 - digit
    striped[:, 7:21] = digit[:, 7:21]
    return striped


def _fog(rng: np.random.Generator, digit: NDArray[np.floating]) -> NDArray[np.floating]:
    fog = np.zeros((32, 32))
    for k in range(5):
        coarse = cv2.resize(rng.random((2 << k, 2 << k)), (32, 32), interpolation=cv2.INTER_LINEAR)
        fog += np.asarray(coarse, np.float64) / 1.5**k
    fog = (fog - fog.min()) / np.ptp(fog)
    return np.asarray((digit + 2.5 * fog[:28, :28]) / 3.5)


def _spattered(rng: np.random.Generator, digit: NDArray[np.floating]) -> NDArray[np.floating]:
    noise = np.asarray(cv2.GaussianBlur(rng.normal(0, 1, digit.shape), (0, 0), 1))
    return np.where(noise > np.quantile(noise, 0.94), 1, digit)


def _across(rng: np.random.Generator) -> tuple[NDArray[np.floating], NDArray[np.floating], float]:
    """A line from edge to edge of a picture four times as large: its start, direction and length."""
    low, high = rng.uniform(0, 112, 2)
    start, end = np.array([0, low]), np.array([111, high])
    if rng.random() < 0.5:
        start, end = start[::-1], end[::-1]
    length = float(np.hypot(*(end - start)))
    return start, (end - start) / length, length


def _over(digit: NDArray[np.floating], drawn: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(np.maximum(digit, cv2.resize(drawn, (28, 28), interpolation=cv2.INTER_AREA)))


def _dotted(rng: np.random.Generator, digit: NDArray[np.floating]) -> NDArray[np.floating]:
    start, along, length = _across(rng)
    drawn = np.zeros((112, 112), np.float32)
    for at in np.arange(0, length, 16):
        x, y = start + along * at
        cv2.circle(drawn, (int(x), int(y)), 4, 1.0, -1)
    return _over(digit, drawn)


def _zigzag(rng: np.random.Generator, digit: NDArray[np.floating]) -> NDArray[np.floating]:
    start, along, length = _across(rng)
    aside = np.array([-along[1], along[0]]) * 8
    points = [start + along * at + aside * (1 - 2 * (k % 2)) for k, at in enumerate(np.arange(0, length, 12))]
    drawn = np.zeros((112, 112), np.float32)
    cv2.polylines(drawn, [np.array(points, np.int32)], False, 1.0, 5)
    return _over(digit, drawn)


def _edges(_: np.random.Generator, digit: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(cv2.Canny((digit * 255).astype(np.uint8), 100, 200)) / 255


def _hole(rng: np.random.Generator, digit: NDArray[np.floating]) -> NDArray[np.floating]:
    holed = digit.copy()
    y, x = rng.integers(6, 17, 2)
    holed[y : y + 5, x : x + 5] = 0
    return holed


def _cut(digit: NDArray[np.floating]) -> NDArray[np.floating]:
    rows, columns = np.flatnonzero((digit > 0.3).any(1)), np.flatnonzero((digit > 0.3).any(0))
    if not len(rows):
        return digit
    return digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _stretched(_: np.random.Generator, digit: NDArray[np.floating]) -> NDArray[np.floating]:
    """Cut at its ink, 16x16 pixels, black or white: as the digits of the Semeion data set are."""
    return (cv2.resize(_cut(digit), (16, 16), interpolation=cv2.INTER_AREA) > 0.4).astype(np.float32)


def _few_pixels(_: np.random.Generator, digit: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(cv2.resize(digit, (8, 8), interpolation=cv2.INTER_AREA))


FAULTS: dict[str, Fault] = {
    "as it is": lambda _, digit: digit,
    "shot noise": lambda rng, digit: rng.poisson(digit * 5) / 5,
    "impulse noise": _impulse,
    "glass blur": _glass,
    "motion blur": _smeared,
    "turned by 25°": _turned,
    "sheared": lambda rng, digit: _moved(digit, [[1, rng.choice([-0.4, 0.4])], [0, 1]]),
    "smaller": lambda _, digit: _moved(digit, [[0.6, 0], [0, 0.6]]),
    "brighter": lambda _, digit: digit + 0.5,
    "striped": _striped,
    "fog": _fog,
    "spatter": _spattered,
    "dotted line": _dotted,
    "zigzag": _zigzag,
    "edges": _edges,
    "hole": _hole,
    "cut at its ink": lambda _, digit: _cut(digit),
    "stretched": _stretched,
    "8x8 pixels": _few_pixels,
}


def faulty(fault: Fault, digits: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Digits (N, 28, 28) uint8 as pictures with a fault, uint8 too; the same ones each time."""
    rng = np.random.default_rng(_SEED)
    light = digits.astype(np.float32) / 255
    return [(np.clip(fault(rng, digit), 0, 1) * 255).round().astype(np.uint8) for digit in light]


def main(argv: Sequence[str] | None = None) -> int:
    """The command of this module."""
    parser = argparse.ArgumentParser(
        prog="core.evaluation.robustness", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("models", type=Path, nargs="+", help="model files, compared in one table")
    parser.add_argument("--data-dir", type=Path, help="where the data is")
    args = parser.parse_args(argv)
    try:
        digits, labels = mnist_digits(Places.find(data_dir=args.data_dir), "dev")
        classifiers = [Classifier.load(path) for path in args.models]
        shares = []
        for name, fault in FAULTS.items():
            pictures = faulty(fault, digits)
            right = [_right(classifier, pictures, labels) for classifier in classifiers]
            shares.append([count / len(labels) for count in right])
            cells = "  ".join(_cell(count, len(labels)) for count in right)
            print(f"{name:>15}  {cells}", flush=True)
    except InputError as error:
        print(f"core.evaluation.robustness: {error}", file=sys.stderr)
        return 2
    means = "  ".join(f"{share:7.2%}{'':16}" for share in np.mean(shares, axis=0))
    print(f"{'mean':>15}  {means}".rstrip())
    print(f"{len(labels):,} digits of MNIST's dev split; in brackets 95% intervals")
    return 0


def _right(classifier: Classifier, pictures: list[NDArray[np.uint8]], labels: NDArray[np.int64]) -> int:
    size = classifier.info.input_size
    crops = np.stack([frame_digit(picture, size) for picture in pictures])
    return int((classifier.probabilities(crops).argmax(axis=1) == labels).sum())


def _cell(right: int, n: int) -> str:
    low, high = wilson(right, n)
    return f"{right / n:7.2%} ({low:6.2%}-{high:6.2%})"


if __name__ == "__main__":
    raise SystemExit(main())
