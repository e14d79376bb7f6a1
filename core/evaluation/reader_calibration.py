"""Measures how readings are best made of what both networks say, and writes it into the detector's file.

    python -m core.evaluation.reader_calibration --detector best_model.onnx --classifier classifier.onnx \
        --out detector.onnx

On photos that neither the detector nor the evaluation uses, on larger pictures made with them, and on made numbers
(see `held_pictures`): from which chance on there is a digit, and the weights of the two networks where they say which
it is; then by logistic regression the probability that a whole number is right (Platt, "Probabilistic Outputs for
Support Vector Machines", 1999, with more than one feature).
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from assets import MODELS
from core.base.errors import InputError
from core.base.opencv import cv2
from core.base.paths import Places
from core.datasets.detector_scenes import load_scene_assets
from core.loaders.background_photos import background_files, read_gray
from core.loaders.folders import backgrounds_folder, data_folder
from core.loaders.svhn_extra import is_held, load_numbers
from core.reading.classifier import Classifier
from core.reading.detector import Detector
from core.reading.detector_decoding import Detections
from core.reading.model_file import write_metadata
from core.reading.photo_reader import FEATURES, Candidate, DigitDetector, PhotoReader, ReaderSettings
from core.recipes.scenes import Scenes
from core.synthesis.scene import SceneAssets, make_number, make_scene, scene_random

_LARGER = Scenes(size=640, empty=1.0)
LARGER_PICTURES = 200
_HELD_UP = Scenes(size=320, handwritten=0.5, contrast_min=0.25, ornaments=0.0, faults=0.7)
HELD_UP_PICTURES = 200
SEED = 12
REPORTED = 0.65
"""Confidence from which a number is reported: two of three so sure are right. What does best on the held pictures is
anything from 0.55 to 0.75, as a few of them decide."""
LOWEST = (0.3, 0.35, 0.4, 0.45)
"""Chances that are tried as the lowest of a digit."""
WEIGHTS = (0.5, 0.75, 1.0)
"""Weights of the detector that are tried beside CLASSIFIER."""
CLASSIFIER = 0.5
"""Weight of the classifier. It has learned from digits of these photos, so how much better it is on them says little:
by them it would get more, and twice as many false numbers on signs."""
Photo = tuple[npt.NDArray[np.uint8], str]
"""A grey picture and its number; "" if it shows none."""
PULL = 0.005
"""How strongly the regression is held near the default weights, a share of the candidates. Five parts of the held
pictures, each measured by a fit to the others, cost 0.26 a picture with 0.02, 0.24 with 0.005 and 0.22 with 0.0002,
which reports twice as many single digits but loses long numbers: a fit to so few of them is dominated by the others."""


@dataclass(frozen=True)
class Judged:
    """Candidates of all photos. features: (N,F). right: (N,) whether it is its photo's number."""

    features: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Held:
    """Pictures for calibration. photos: those held back from the training, of SVHN-extra and of backgrounds, and
    larger pictures made with them. made: made numbers."""

    photos: list[Photo]
    made: list[Photo]


def held_pictures(places: Places) -> Held:
    """What there is on this machine. Raises DataError where there are no photos of numbers."""
    numbers = load_numbers(data_folder(places, "svhn_extra_numbers"), "train")
    photos: list[Photo] = [(read_gray(path), number) for path, number in numbers if is_held(path.name)]
    assets = load_scene_assets(_LARGER, places, "dev")
    larger = larger_pictures(photos, assets)
    folder = backgrounds_folder(places)
    if folder is not None:
        photos += [(read_gray(p), "") for p in background_files(folder, "train") if is_held(p.name)]
    return Held(photos + larger, held_up_pictures(assets))


def larger_pictures(photos: Sequence[Photo], assets: SceneAssets) -> list[Photo]:
    """Walls, words and clutter of a camera's size, in every other one a photo of a number, small: where there is
    more to look at, more looks like a number."""
    made: list[Photo] = []
    for index in range(LARGER_PICTURES):
        rng = scene_random(SEED, index)
        picture, number = make_scene(rng, _LARGER, assets).image.copy(), ""
        if index % 2:
            photo, number = photos[rng.randrange(len(photos))]
            tall = 32 * 5 ** rng.random()
            zoom = min(tall / photo.shape[0], 0.9 * _LARGER.size / photo.shape[1])
            how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
            small = cv2.resize(photo, None, fx=zoom, fy=zoom, interpolation=how)
            y, x = (rng.randint(0, _LARGER.size - side) for side in small.shape)
            picture[y : y + small.shape[0], x : x + small.shape[1]] = small
        made.append((picture, number))
    return made


def held_up_pictures(assets: SceneAssets) -> list[Photo]:
    """A number by itself, printed or written by hand, as one holds it before a camera: of any length, a single digit
    too, which the photos of streets hardly have. None where no fonts are installed."""
    made: list[Photo] = []
    for index in range(HELD_UP_PICTURES if len(assets.glyphs) else 0):
        rng = scene_random(SEED + 1, index)
        picture, number = make_number(rng, _HELD_UP, assets)
        zoom = 3 ** rng.random()
        larger = cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
        made.append((np.asarray(larger), number))
    return made


class _Remembering:
    """A finder that has looked at every photo once, so that settings can be tried quickly."""

    def __init__(self, finder: DigitDetector, photos: Sequence[Photo]) -> None:
        self._found = {id(gray): finder.find(gray) for gray, _ in photos}
        self.reader: dict[str, Any] = {}
        self.path = finder.path

    def find(self, gray: npt.NDArray[np.uint8]) -> Detections:
        return self._found[id(gray)]


def judge(candidates: Sequence[Sequence[Candidate]], pictures: Sequence[Photo]) -> Judged:
    """Every candidate number of every picture."""
    features, right = [], []
    for own, (_, number) in zip(candidates, pictures, strict=True):
        for candidate in own:
            features.append(candidate.features)
            right.append(candidate.text == number)
    return Judged(np.array(features, np.float64).reshape(-1, len(FEATURES)), np.array(right, bool))


def fit(judged: Judged, start: ReaderSettings) -> tuple[tuple[float, ...], float]:
    """Weights (none negative: every feature is evidence for a number) and bias, held near those of `start`."""
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


def calibrate(reader: PhotoReader, held: Held) -> tuple[ReaderSettings, float]:
    """The settings for a pair of model files, and the share of pictures with a number read right with them.

    How sure a number is, all pictures say. With which settings digits are read the photos alone choose, by the right
    numbers less the false ones that are reported on them: made numbers are no measure of that, as both networks know
    such fonts and hands.
    """
    pictures = held.photos + held.made
    finder = _Remembering(reader.finder, pictures)
    best, most = reader.settings, -math.inf
    classifier = CLASSIFIER if reader.classifier is not None else 0.0
    for lowest, detector in itertools.product(LOWEST, WEIGHTS):
        settings = dataclasses.replace(
            reader.settings, min_score=lowest, detector=detector, classifier=classifier, threshold=REPORTED
        )
        trial = PhotoReader(finder, reader.classifier, settings)
        candidates = [trial.candidates(gray) for gray, _ in pictures]
        weights, bias = fit(judge(candidates, pictures), ReaderSettings())
        fitted = PhotoReader(
            finder, reader.classifier, dataclasses.replace(settings, weights=weights, bias=bias)
        )
        worth = sum(
            1 if candidate.text == number else -1
            for own, (_, number) in zip(candidates, held.photos, strict=False)
            for candidate in own
            if fitted.confidence(candidate) >= REPORTED
        )
        if worth > most:
            best, most = fitted.settings, worth
    share = _share_right(
        PhotoReader(finder, reader.classifier, best), [(gray, n) for gray, n in pictures if n]
    )
    return best, share


def _share_right(reader: PhotoReader, photos: Sequence[Photo]) -> float:
    right = 0
    for gray, number in photos:
        best = max(reader.candidates(gray), key=reader.confidence, default=None)
        right += best is not None and best.text == number
    return right / max(len(photos), 1)


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m core.evaluation.reader_calibration`: write a detector's file with settings that suit a classifier."""
    parser = argparse.ArgumentParser(
        prog="core.evaluation.reader_calibration", description="Calibrate the reader."
    )
    parser.add_argument("--detector", type=Path, required=True)
    parser.add_argument("--classifier", type=Path, default=MODELS / "classifier.onnx")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    try:
        places = Places.find(data_dir=args.data_dir)
        finder, judge_of_crops = Detector.load(args.detector), Classifier.load(args.classifier)
        settings, share = calibrate(
            PhotoReader(finder, judge_of_crops, ReaderSettings()), held_pictures(places)
        )
        write_metadata(args.detector, {"reader": json.dumps(settings.to_dict())}, args.out, kind="detector")
    except InputError as error:
        sys.stderr.write(f"core.evaluation.reader_calibration: {error}\n")
        return 2
    sys.stdout.write(f"{share:.1%} of the held images right with {settings}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
