"""Measures how readings are best made of what both networks say, and writes it into the detector's file.

    python -m core.calibrate_reader --detector best_model.onnx --classifier classifier.onnx --out detector.onnx

On photos that neither the detector nor the evaluation uses (see `held_photos`): the weights of the two networks
where they say which digit it is, then by logistic regression the probability that a whole number is right
(Platt, "Probabilistic Outputs for Support Vector Machines", 1999, with more than one feature). No torch.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from assets import MODELS
from core.data.catalogue import backgrounds_folder, data_folders
from core.data.photos import background_files, read_gray
from core.data.svhn_numbers import load_numbers
from core.detector_data import is_held
from core.detector_decode import Finds
from core.errors import DataError, InputError
from core.evaluate_numbers import NumberPhoto
from core.model_metadata import write_metadata
from core.paths import Places
from core.photo_reader import FEATURES, Finder, Reader, ReaderSettings

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Weights of a network that are tried; the sum of both is at least MIN_SUM."""
MIN_SUM = 0.5
Photo = tuple[npt.NDArray[np.uint8], str]
"""A grey picture and its number, empty for none."""
PULL = 0.02
"""How strongly the regression is held near the default weights, a share of the photos."""


@dataclass(frozen=True)
class Judged:
    """Candidates of all photos. features: (N,F). right: (N,) whether it is its photo's number."""

    features: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]


def held_photos(places: Places) -> list[NumberPhoto]:
    """Photos for calibration: of SVHN-extra and of the backgrounds the parts held back from the training.

    Raises DataError where there are none.
    """
    photos: list[NumberPhoto] = []
    for base in data_folders(places):
        if (base / "svhn_extra_numbers" / "labels.csv").exists():
            for path, number in load_numbers(base / "svhn_extra_numbers", "train"):
                if is_held(path.name):
                    photos.append(NumberPhoto(path, number))
            break
    folder = backgrounds_folder(places)
    if folder is not None:
        photos += [NumberPhoto(p, "") for p in background_files(folder, "train") if is_held(p.name)]
    if not any(p.number for p in photos):
        raise DataError("svhn_extra_numbers is not here; say where the data is with --data-dir or GNC_DATA.")
    return photos


class _Remembering:
    """A finder that has looked at every photo once, so that settings can be tried quickly."""

    def __init__(self, finder: Finder, photos: Sequence[Photo]) -> None:
        self._found = {id(gray): finder.find(gray) for gray, _ in photos}
        self.reader: dict[str, Any] = {}
        self.path = finder.path

    def find(self, gray: npt.NDArray[np.uint8]) -> Finds:
        return self._found[id(gray)]


def judge(reader: Reader, photos: Sequence[Photo]) -> Judged:
    """Every candidate number of every photo."""
    features, right = [], []
    for gray, number in photos:
        for candidate in reader.candidates(gray):
            features.append(candidate.features)
            right.append(candidate.text == number)
    return Judged(np.array(features, np.float64).reshape(-1, len(FEATURES)), np.array(right, bool))


def fit(judged: Judged, start: ReaderSettings) -> tuple[tuple[float, ...], float]:
    """Weights (none negative: every feature speaks for a number) and bias, held near those of `start`."""
    target = judged.right.astype(np.float64)
    first = np.array([*start.weights, start.bias])
    pull = PULL * max(len(target), 1)

    def cost(w: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        score = judged.features @ w[:-1] + w[-1]
        chance = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
        # log(1 + e^s) - t s, written so that it does not overflow.
        entropy = np.logaddexp(0, score) - target * score
        held = w - first
        slope = np.append((chance - target) @ judged.features, (chance - target).sum())
        return float(entropy.sum() + pull * held @ held / 2), slope + pull * held

    bounds = [(0.0, None)] * len(FEATURES) + [(None, None)]
    found = minimize(cost, first, jac=True, method="L-BFGS-B", bounds=bounds).x
    return tuple(round(float(v), 4) for v in found[:-1]), round(float(found[-1]), 4)


def calibrate(reader: Reader, photos: Sequence[NumberPhoto]) -> tuple[ReaderSettings, float]:
    """The settings for a pair of model files, and the share of photos with a number read right with them."""
    seen = [(read_gray(photo.path), photo.number) for photo in photos]
    finder = _Remembering(reader.finder, seen)

    def reader_with(settings: ReaderSettings) -> Reader:
        return Reader(finder, reader.classifier, settings)

    numbers = [(gray, number) for gray, number in seen if number]
    best, most = reader.settings, -1.0
    for detector in WEIGHTS:
        for classifier in WEIGHTS if reader.classifier is not None else (0.0,):
            if detector + classifier < MIN_SUM:
                continue
            settings = dataclasses.replace(reader.settings, detector=detector, classifier=classifier)
            right = _share_right(reader_with(settings), numbers)
            if right > most:
                best, most = settings, right
    weights, bias = fit(judge(reader_with(best), seen), ReaderSettings())
    settings = dataclasses.replace(best, weights=weights, bias=bias)
    return settings, _share_right(reader_with(settings), numbers)


def _share_right(reader: Reader, photos: Sequence[Photo]) -> float:
    right = 0
    for gray, number in photos:
        best = max(reader.candidates(gray), key=reader.confidence, default=None)
        right += best is not None and best.text == number
    return right / max(len(photos), 1)


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m core.calibrate_reader`: write a detector's file with settings that suit a classifier."""
    parser = argparse.ArgumentParser(prog="core.calibrate_reader", description="Calibrate the reader.")
    parser.add_argument("--detector", type=Path, required=True)
    parser.add_argument("--classifier", type=Path, default=MODELS / "classifier.onnx")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    try:
        places = Places.find(data_dir=args.data_dir)
        photos = held_photos(places)
        settings, share = calibrate(Reader.load(args.detector, args.classifier), photos)
        write_metadata(args.detector, {"reader": json.dumps(settings.to_dict())}, args.out, kind="detector")
    except InputError as error:
        sys.stderr.write(f"core.calibrate_reader: {error}\n")
        return 2
    sys.stdout.write(f"{share:.1%} of the held photos right with {settings}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
