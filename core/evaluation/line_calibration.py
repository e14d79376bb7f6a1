"""Measures how sure a number is that all three networks read, and writes it into the line reader's file.

    python -m core.evaluation.line_calibration --line best_model.onnx --out line.onnx

On training pictures of every kind, made a little worse than they are, so that they are as hard as pictures that the
networks have not seen; on photos and words without digits; and on made pictures of single digits, pages and cells.
A logistic regression (Platt, "Probabilistic Outputs for Support Vector Machines", 1999, with more than one feature)
gives the probability that a whole number is right.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from assets import MODELS
from core.base.errors import DataError, InputError
from core.base.paths import Places
from core.evaluation.calibration_pictures import Picture, calibration_pictures
from core.evaluation.metrics import calibration
from core.reading.classifier import Classifier
from core.reading.detector import Detector
from core.reading.line_reader import LineReader
from core.reading.model_file import write_metadata
from core.reading.photo_reader import Candidate, PhotoReader
from core.reading.reader_settings import LONG, LineSettings
from core.reading.rows.features import EITHER, FEATURES

PULL = 0.003
"""How strongly the regression's weights are held near zero, a share of the candidates."""
ROUNDS = 3
"""Times that the surest candidates are chosen with the regression and weighed anew."""
BESIDE = 0.25
"""Weight of candidates that a surer one at their place leaves out."""
FALSE_SHARE = 0.025
"""Share of pictures without digits in which a number may be reported. Half of these pictures are words alone, which
are harder than what people photograph."""
THRESHOLDS = tuple(round(0.4 + 0.02 * i, 2) for i in range(28))
MAYBE = 0.2
"""Confidence from which a number that is not reported counts as not sure."""
FALSE_COST = 1.0
"""Numbers that must be read right for one that is reported and wrong."""
SPEAKS_FOR = [name.removeprefix("single_") not in EITHER for name in FEATURES]
"""The networks know the pictures of their training too well: the same evidence would count twice, once against."""
LINE, DETECTOR, CLASSIFIER = 1.0, 0.3, 0.3
"""How much each network counts where they say which digit a place shows. Others gave no more right numbers."""


@dataclass(frozen=True)
class Sample:
    """A picture's candidates. right: of each, whether it is a number of the picture; None where that is not known."""

    picture: Picture
    candidates: list[Candidate]
    right: list[bool | None]


def sample_of(reader: PhotoReader, picture: Picture) -> Sample:
    """What the reader takes for numbers in a picture."""
    candidates = [c for c in reader.candidates(picture.gray) if c.is_line]
    return Sample(picture, candidates, [picture.is_right(c.text, c.box) for c in candidates])


def chosen(reader: PhotoReader, sample: Sample) -> list[tuple[Candidate, float, bool]]:
    """The candidates that the reader keeps, with their confidence and whether they are right."""
    right = {id(c): r for c, r in zip(sample.candidates, sample.right, strict=True)}
    kept = [(c, confidence, right[id(c)]) for c, confidence in reader.chosen(sample.candidates)]
    return [(c, confidence, is_right) for c, confidence, is_right in kept if is_right is not None]


def fit(
    features: npt.NDArray[np.float64],
    right: npt.NDArray[np.bool_],
    weight: npt.NDArray[np.float64],
    speaks_for: Sequence[bool] | None = None,
) -> tuple[tuple[float, ...], float]:
    """Weights and bias of the regression. features: (N,F); weight: (N,) of the candidates. speaks_for: (F,) whether
    more of a feature can only speak for a number, so that its weight may not be negative."""
    target = right.astype(np.float64)
    spread = features.std(0) + 1e-6
    scaled = features / spread
    pull = PULL * float(weight.sum())

    def cost(w: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        score = scaled @ w[:-1] + w[-1]
        chance = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
        # log(1 + e^s) - t s, written so that it does not overflow.
        entropy = weight @ (np.logaddexp(0, score) - target * score)
        off = weight * (chance - target)
        slope = np.append(off @ scaled + pull * w[:-1], off.sum())
        return float(entropy + pull * w[:-1] @ w[:-1] / 2), slope

    bounds = [(0.0 if positive else None, None) for positive in speaks_for or [False] * features.shape[1]]
    start = np.zeros(features.shape[1] + 1)
    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)]).x
    return tuple(round(float(v), 4) for v in found[:-1] / spread), round(float(found[-1]), 4)


def fitted(reader: PhotoReader, samples: Sequence[Sample], settings: LineSettings) -> LineSettings:
    """The settings with weights that suit the samples."""
    rows = [
        (c.features, r, s.picture.weight, id(c))
        for s in samples
        for c, r in zip(s.candidates, s.right, strict=True)
        if r is not None
    ]
    if not rows:
        raise DataError("In no image for calibration a number was found; is this a trained line reader?")
    features = np.array([row[0] for row in rows], np.float64)
    right = np.array([row[1] for row in rows], bool)
    weight = np.array([row[2] for row in rows], np.float64)
    beside = np.ones(len(rows))
    for _ in range(ROUNDS):
        weights, bias = fit(features, right, weight * beside, SPEAKS_FOR)
        settings = dataclasses.replace(settings, weights=weights, bias=bias)
        trial = reader.with_line_settings(settings)
        kept = {id(c) for s in samples for c, _ in trial.chosen(s.candidates)}
        beside = np.array([1.0 if row[3] in kept else BESIDE for row in rows])
    return settings


def thresholded(reader: PhotoReader, samples: Sequence[Sample]) -> LineSettings:
    """The settings with the two thresholds that report most right numbers, less the wrong ones, and in few of the
    pictures without digits any."""
    read = [(s.picture.is_empty, chosen(reader, s)) for s in samples]
    kept = [(len(c.digits) >= LONG, confidence, right) for _, own in read for c, confidence, right in own]
    is_long, confidence, right = np.array(kept, np.float64).reshape(-1, 3).T
    surest = np.array([_surest(own) for is_empty, own in read if is_empty]).reshape(-1, 2)
    best, most = (THRESHOLDS[-1], THRESHOLDS[-1]), -np.inf
    # No number is reported sooner because it is short.
    for short, long in itertools.combinations_with_replacement(THRESHOLDS[::-1], 2):
        false = (surest >= (short, long)).any(1).sum()
        reported = right[confidence >= np.where(is_long > 0, long, short)]
        worth = reported.sum() - FALSE_COST * (1 - reported).sum()
        if false <= FALSE_SHARE * max(len(surest), 1) and worth > most:
            best, most = (short, long), worth
    return dataclasses.replace(
        reader.line_settings, threshold=best[0], long_threshold=best[1], maybe=min(MAYBE, *best)
    )


def _surest(kept: Sequence[tuple[Candidate, float, bool]]) -> tuple[float, float]:
    """The highest confidence of a picture's short numbers, and of its long ones."""
    short = max((confidence for c, confidence, _ in kept if len(c.digits) < LONG), default=0.0)
    return short, max((confidence for c, confidence, _ in kept if len(c.digits) >= LONG), default=0.0)


def calibrate_lines(
    reader: PhotoReader, pictures: Sequence[Picture], report: Callable[[str], object] = lambda _: None
) -> LineSettings:
    """The settings for three model files that suit these pictures."""
    settings = dataclasses.replace(LineSettings(), line=LINE, detector=DETECTOR, classifier=CLASSIFIER)
    trial = reader.with_line_settings(settings)
    samples = [sample_of(trial, picture) for picture in pictures]
    trial = reader.with_line_settings(fitted(trial, samples, settings))
    trial = reader.with_line_settings(thresholded(trial, samples))
    report(describe(trial, samples))
    return trial.line_settings


def _is_read(reader: PhotoReader, sample: Sample) -> bool:
    kept = chosen(reader, sample)
    return bool(kept) and kept[0][2] and reader.is_reported(kept[0][0], kept[0][1])


def describe(reader: PhotoReader, samples: Sequence[Sample]) -> str:
    """A table by kind: pictures, those whose surest number is right, false numbers, calibration error."""
    settings = reader.line_settings
    lines = [
        f"reported from {settings.threshold:.2f}, of {LONG} digits and more from {settings.long_threshold:.2f}",
        f"{'kind':38} {'n':>5} {'right':>6} {'false':>6} {'ECE':>6}",
    ]
    kinds = list(dict.fromkeys(s.picture.kind for s in samples))
    for kind in [*kinds, ""]:
        own = [s for s in samples if kind in ("", s.picture.kind)]
        kept = [item for s in own for item in chosen(reader, s) if reader.is_reported(item[0], item[1])]
        right = np.array([r for _, _, r in kept], bool)
        error, _ = calibration(np.array([c for _, c, _ in kept]), right)
        read = sum(_is_read(reader, s) for s in own if not s.picture.is_empty)
        lines.append(f"{kind or 'all':38} {len(own):5} {read:6} {int((~right).sum()):6} {error:6.3f}")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m core.evaluation.line_calibration`: write a line reader's file with settings that suit the others."""
    parser = argparse.ArgumentParser(
        prog="core.evaluation.line_calibration", description="Calibrate the reader of rows."
    )
    parser.add_argument("--line", type=Path, required=True)
    parser.add_argument("--detector", type=Path, default=MODELS / "detector.onnx")
    parser.add_argument("--classifier", type=Path, default=MODELS / "classifier.onnx")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--share", type=float, default=1.0, help="of the images, for a quick look")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    try:
        pictures = calibration_pictures(Places.find(data_dir=args.data_dir), args.share)
        reader = PhotoReader(
            Detector.load(args.detector), Classifier.load(args.classifier),
            line=LineReader.load(args.line), line_settings=LineSettings(),
        )  # fmt: skip
        settings = calibrate_lines(reader, pictures, lambda text: sys.stdout.write(text + "\n"))
        write_metadata(args.line, {"reader": json.dumps(settings.to_dict())}, args.out, kind="line")
    except InputError as error:
        sys.stderr.write(f"core.evaluation.line_calibration: {error}\n")
        return 2
    named = dict(zip(FEATURES, settings.weights, strict=True))
    sys.stdout.write(f"{named} bias {settings.bias}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
