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

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from assets import MODELS
from core.data.catalogue import backgrounds_folder, data_folders
from core.data.photos import background_files, read_gray
from core.data.svhn_numbers import load_numbers
from core.detector_data import is_held
from core.errors import DataError, InputError
from core.evaluate_numbers import NumberPhoto
from core.model_metadata import write_metadata
from core.paths import Places
from core.photo_reader import FEATURES, Reader, ReaderSettings

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Weights of a network that are tried; the sum of both is at least MIN_SUM."""
MIN_SUM = 0.5
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


def judge(reader: Reader, photos: Sequence[NumberPhoto]) -> Judged:
    """Every candidate number of every photo."""
    features, right = [], []
    for photo in photos:
        for candidate in reader.candidates(read_gray(photo.path)):
            features.append(candidate.features)
            right.append(candidate.text == photo.number)
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
    """The settings for a pair of model files, and the share of photos read right with them."""
    best, most = reader.settings, -1.0
    for detector in WEIGHTS:
        for classifier in WEIGHTS:
            if detector + classifier < MIN_SUM or (reader.classifier is None and classifier):
                continue
            settings = dataclasses.replace(reader.settings, detector=detector, classifier=classifier)
            right = _share_right(Reader(reader.finder, reader.classifier, settings), photos)
            if right > most:
                best, most = settings, right
    weights, bias = fit(judge(Reader(reader.finder, reader.classifier, best), photos), ReaderSettings())
    settings = dataclasses.replace(best, weights=weights, bias=bias)
    return settings, _share_right(Reader(reader.finder, reader.classifier, settings), photos)


def _share_right(reader: Reader, photos: Sequence[NumberPhoto]) -> float:
    right = total = 0
    for photo in photos:
        if not photo.number:
            continue
        found = reader.candidates(read_gray(photo.path))
        best = max(found, key=reader.confidence, default=None)
        right += best is not None and best.text == photo.number
        total += 1
    return right / max(total, 1)


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
