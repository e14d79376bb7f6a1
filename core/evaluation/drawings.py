"""How good a reader is at numbers drawn with a pen: numbers made of real pen strokes, small, close and joined.

`python -m core.evaluation.drawings` measures the shipped classifier on the validation writers of UNIPEN and CROHME.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assets import MODELS
from core.base.errors import NAME_DATA, DataError, InputError
from core.base.paths import Places
from core.evaluation.metrics import calibration, wilson
from core.loaders import pen_strokes
from core.loaders.folders import data_folders
from core.loaders.formats import read_npz
from core.reading.classifier import Classifier
from core.reading.drawing_reader import DrawingReader
from core.reading.strokes import Stroke
from core.reading.types import confidence_word

SETS = ("unipen_strokes/unipen_digits.npz", "crohme_strokes/crohme_digits.npz")
"""Files of pen strokes that numbers are made of; those that are here are used."""

KINDS = ("single", "apart", "small", "close", "joined")
"""single: one digit of several strokes, often small. apart: 2 to 4 digits, clear gaps. small: the same, the pen as wide
as a sixth to a third of their height. close: neighbours touch or nearly do. joined: 2 or 3 digits, one stroke."""

Path2D = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MadeDrawing:
    """A drawing with the number in it. owners: which digit of the number each stroke belongs to."""

    strokes: tuple[Stroke, ...]
    number: str
    kind: str
    owners: tuple[int, ...] = ()


@dataclass(frozen=True)
class KindScore:
    """Drawings of one kind. right: read as one number, the right one. sure_wrong: read wrong, and called sure."""

    n: int
    right: int
    sure_wrong: int


@dataclass(frozen=True)
class DrawingEvaluation:
    """A reader on made drawings. calibration_error: of the best numbers' confidences. mistakes: number, what was read
    (a space between two numbers), its confidence, kind."""

    kinds: dict[str, KindScore]
    calibration_error: float
    milliseconds: float
    mistakes: tuple[tuple[str, str, float, str], ...]

    @property
    def n(self) -> int:
        return sum(score.n for score in self.kinds.values())

    @property
    def right(self) -> int:
        return sum(score.right for score in self.kinds.values())

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "data": "drawings",
            "n": self.n,
            "right": self.right,
            "accuracy": self.right / max(self.n, 1),
            "interval95": list(wilson(self.right, self.n)),
            "kinds": {
                k: {"n": s.n, "right": s.right, "sure_wrong": s.sure_wrong} for k, s in self.kinds.items()
            },
            "ece": self.calibration_error,
            "milliseconds": self.milliseconds,
        }


def made_drawings(places: Places, count: int, *, split: str = "dev", seed: int = 5) -> list[MadeDrawing]:
    """`count` drawings, every kind as often, each of one writer's digits; always the same for a seed.

    split: `dev` for the writers that are kept for validation, `train` for the others.

    Raises DataError where no pen strokes are here, or they are damaged.
    """
    hands = [hand for path in _files(places) for hand in _hands(path, split == "dev")]
    drawings = []
    for index in range(count):
        rng = np.random.default_rng((seed, index))
        kind = KINDS[index % len(KINDS)]
        made = None
        while made is None:
            made = _made(kind, hands[rng.integers(len(hands))], rng)
        drawings.append(made)
    return drawings


def evaluate_drawings(reader: DrawingReader, drawings: Sequence[MadeDrawing]) -> DrawingEvaluation:
    """Read every drawing."""
    counts = {kind: [0, 0, 0] for kind in KINDS}
    times, confidences, rights, mistakes = [], [], [], []
    for drawing in drawings:
        reading = reader.read(drawing.strokes)
        texts = [number.text for number in reading.numbers]
        confidence = reading.numbers[0].confidence if reading.numbers else 0.0
        right = texts == [drawing.number]
        times.append(reading.milliseconds)
        if texts:
            confidences.append(confidence)
            rights.append(right)
        count = counts[drawing.kind]
        count[0] += 1
        count[1] += right
        if not right:
            count[2] += confidence_word(confidence) == "sure"
            mistakes.append((drawing.number, " ".join(texts), confidence, drawing.kind))
    error, _ = calibration(np.array(confidences), np.array(rights, bool))
    return DrawingEvaluation(
        {kind: KindScore(*count) for kind, count in counts.items() if count[0]},
        error, statistics.median(times or [0.0]), tuple(mistakes),
    )  # fmt: skip


def _files(places: Places) -> list[Path]:
    found = [base / name for name in SETS for base in data_folders(places) if (base / name).is_file()]
    if not found:
        raise DataError(f"There are no pen strokes here; {NAME_DATA}.")
    return found


@dataclass(frozen=True)
class _Hand:
    """One writer's digits. digits: per label the strokes of each."""

    digits: dict[int, list[list[Path2D]]]


def _hands(path: Path, validation: bool) -> list[_Hand]:
    content = pen_strokes.read_strokes(path)
    writers = read_npz(path, "writer")["writer"]
    paths = pen_strokes.split_paths(content)
    hands: dict[int, dict[int, list[list[Path2D]]]] = {}
    for k in np.flatnonzero(content["validation"].astype(bool) == validation):
        own = hands.setdefault(int(writers[k]), {})
        own.setdefault(int(content["labels"][k]), []).append([p.astype(np.float64) for p in paths[k]])
    return [_Hand(own) for _, own in sorted(hands.items()) if len(own) >= 4]


def _made(kind: str, hand: _Hand, rng: np.random.Generator) -> MadeDrawing | None:
    """A drawing of this kind; None where the writer has no digits for it."""
    height = float(np.exp(rng.uniform(np.log(60), np.log(260))))
    pen = float(rng.choice([8, 12, 16, 16, 16, 24, 32]))
    if kind == "small":
        height, pen = float(rng.uniform(55, 100)), float(rng.choice([12, 16, 16, 20]))
    pen = min(pen, height / 3)
    if kind == "single":
        several = [(d, own) for d, all_of in hand.digits.items() for own in all_of if len(own) > 1]
        if not several:
            return None
        label, strokes = several[rng.integers(len(several))]
        placed, _ = _placed(strokes, 0.0, height, rng)
        return MadeDrawing(_inked(placed, pen), str(label), kind, (0,) * len(placed))
    count = int(rng.integers(2, 4 if kind == "joined" else 5))
    labels = [int(rng.choice(sorted(hand.digits))) for _ in range(count)]
    all_placed: list[list[Path2D]] = []
    x = 0.0
    for label in labels:
        own = hand.digits[label]
        if kind == "joined":
            own = [strokes for strokes in own if len(strokes) == 1]
            if not own:
                return None
        placed, right = _placed(own[rng.integers(len(own))], x, height, rng)
        all_placed.append(placed)
        if kind == "close":
            x = right + pen * float(rng.uniform(0.3, 1.2))
        elif kind == "joined":
            x = right + height * float(rng.uniform(0.0, 0.25))
        else:
            x = right + pen + height * float(rng.uniform(0.1, 0.5))
    owners = tuple(i for i, placed in enumerate(all_placed) for _ in placed)
    paths = [path for placed in all_placed for path in placed]
    if kind == "joined":
        paths, owners = [np.concatenate(paths)], ()
    return MadeDrawing(_inked(paths, pen), "".join(map(str, labels)), kind, owners)


def _placed(
    strokes: Sequence[Path2D], left: float, height: float, rng: np.random.Generator
) -> tuple[list[Path2D], float]:
    """The strokes of a digit, its left side at `left`, about `height` tall on a base line; and its right side."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    # The longer side is what the files scale to one length; a wide digit keeps its proportions.
    scale = height * float(rng.uniform(0.85, 1.1)) / float(max(high - low))
    base = height * float(rng.uniform(-0.06, 0.06))
    placed = [
        np.stack([(p[:, 0] - low[0]) * scale + left, (p[:, 1] - high[1]) * scale + base], 1) for p in strokes
    ]
    return placed, left + float(high[0] - low[0]) * scale


def _inked(paths: Sequence[Path2D], pen: float) -> tuple[Stroke, ...]:
    return tuple(Stroke(tuple(map(tuple, path.tolist())), pen) for path in paths)


def describe(found: DrawingEvaluation) -> str:
    """Some lines for people."""
    low, high = wilson(found.right, found.n)
    lines = [
        f"drawings: {found.right} of {found.n} right, {found.right / max(found.n, 1):.1%} ({low:.1%} to {high:.1%}); "
        f"calibration error {found.calibration_error:.1%}; {found.milliseconds:.1f} ms"
    ]
    lines += [
        f"  {kind:8} {s.right:>4} of {s.n:>4}, {s.right / s.n:.1%}; {s.sure_wrong} wrong and sure"
        for kind, s in found.kinds.items()
    ]
    return "\n".join(lines)


def main(argv: Iterable[str] | None = None) -> int:
    """`python -m core.evaluation.drawings`: figures of a classifier; one JSON object with --json."""
    parser = argparse.ArgumentParser(prog="core.evaluation.drawings", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--classifier", type=Path, default=MODELS / "classifier.onnx")
    parser.add_argument("--split", choices=("train", "dev"), default="dev")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--mistakes", action="store_true", help="list the drawings that were read wrong")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(None if argv is None else list(argv))
    try:
        reader = DrawingReader(Classifier.load(args.classifier))
        places = Places.find(data_dir=args.data_dir)
        found = evaluate_drawings(reader, made_drawings(places, args.count, split=args.split, seed=args.seed))
    except InputError as error:
        sys.stderr.write(f"core.evaluation.drawings: {error}\n")
        return 2
    sys.stdout.write((json.dumps(found.to_dict()) if args.json else describe(found)) + "\n")
    if args.mistakes and not args.json:
        for number, read, confidence, kind in found.mistakes:
            sys.stdout.write(f"  {kind}: {number} read as {read or 'nothing'} ({confidence:.0%})\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
