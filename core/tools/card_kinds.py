"""What the cards of the three kinds of models say, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.evaluation.all_sets import DIGITS, SetResult
from core.evaluation.metrics import Evaluation
from core.evaluation.numbers import NumberEvaluation
from core.evaluation.photo_sets import EMPTY, NUMBERS, SINGLE


@dataclass(frozen=True)
class CardKind:
    """What differs from kind to kind.

    what: what the model is, in a paragraph. images: what it was trained on, in the plural; each: of a source.
    task: by its name at model hubs. tags: there too. measured: the kinds of data sets that it is measured on.
    commands: how to measure one set. notes: paragraphs that every reader of a card of this kind must know.
    """

    what: str
    images: str
    each: str
    task: str
    tags: tuple[str, ...]
    measured: tuple[str, ...]
    commands: tuple[str, ...]
    notes: tuple[str, ...] = ()


_BOXES = (
    "The boxes of `svhn-numbers` were found by earlier models of ours: first by a classifier trained without them, "
    "then by a detector trained on those boxes and a classifier (`python -m core.tools.locate_digits`). Its numbers "
    "are votes of published models; where those disagree, some were read by eye "
    "(`core/loaders/svhn_extra_checked.csv`)."
)
_FONTS = "Fonts are those installed on the machine that trains; with others the figures move a little."
_PHOTOS = (NUMBERS, EMPTY, SINGLE)

CARD_KINDS = {
    "classifier": CardKind(
        what="It says which digit one square crop shows, 0 to 9, or that it shows none. Each stage of the network "
        "votes; the votes are combined, and confidences are calibrated on the dev split.",
        images="augmented images",
        each="training images",
        task="image-classification",
        tags=("digits", "digit-recognition", "mnist", "svhn", "onnx"),
        measured=(DIGITS,),
        commands=("gnc evaluate --model {model} --data mnist        (and so on)",),
        notes=(_FONTS, _BOXES),
    ),
    "detector": CardKind(
        what="It finds digits in a whole photo and says which they are. It reads together with `line.onnx` and "
        "`classifier.onnx`; how they are weighed, and how confidences are calibrated, stands in the file.",
        images="scenes and pieces of photos",
        each="fonts, photos or crops",
        task="object-detection",
        tags=("digits", "digit-detection", "ocr", "svhn", "onnx"),
        measured=_PHOTOS,
        commands=("gnc evaluate --detector {model} --data all",),
        notes=(
            "Calibration used photos of the training split that the detector was not trained on, and larger images "
            "made with them (`python -m core.evaluation.reader_calibration`). Digits count as found, reported or not, "
            "where boxes overlap by half.",
            _FONTS,
            _BOXES,
        ),
    ),
    "line": CardKind(
        what="It reads a row of characters, cut out of a photo, as a sequence: digits, letters and signs (CTC). The "
        "detector finds the row, the classifier looks at each digit.",
        images="rows",
        each="rows",
        task="image-to-text",
        tags=("digits", "ocr", "text-recognition", "ctc", "onnx"),
        measured=_PHOTOS,
        commands=("gnc evaluate --line {model} --data all",),
        notes=(
            "The figures are those of the whole reader: detector, line reader and classifier together. Rows are cut "
            "in training as live reading cuts them.",
            _FONTS,
            _BOXES,
        ),
    ),
}

HUB_NAMES = {"mnist": "ylecun/mnist", "svhn": "ufldl-stanford/svhn", "svhn-numbers": "ufldl-stanford/svhn"}
"""Data sets that model hubs know, by our names for them."""

MEASURED_OF: Mapping[str, tuple[str, ...]] = {
    "svhn-photos": ("svhn",),
    "chars74k": ("fonts",),
    "iiit5k-words": ("iiit5k-words", "words"),
    "icdar2015-scenes": ("no-numbers",),
    "backgrounds-more": ("no-numbers",),
}
"""Measured sets whose other part is a training source of another name, or of several."""


@dataclass(frozen=True)
class Column:
    """A column of a table of figures. cell: what it shows of a result; empty where it does not apply."""

    head: str
    cell: Callable[[SetResult], str]


@dataclass(frozen=True)
class FiguresTable:
    """The table of the sets of some kinds: its title, its columns, and a sentence about them."""

    title: str
    kinds: tuple[str, ...]
    columns: tuple[Column, ...]
    note: str


def percent(value: float) -> str:
    """“99.62%”."""
    return f"{value:.2%}"


def right_of(result: SetResult) -> float:
    """The share of the set's pictures that are read rightly."""
    found = result.found
    return found.accuracy if isinstance(found, Evaluation) else float(found.to_dict()["accuracy"])


def interval_of(result: SetResult) -> tuple[float, float]:
    """The 95% interval of the share."""
    found = result.found
    low, high = found.interval95 if isinstance(found, Evaluation) else found.to_dict()["interval95"]
    return low, high


def _interval(result: SetResult) -> str:
    low, high = interval_of(result)
    return f"{percent(low)} to {percent(high)}"


def _plain(name: str, form: str) -> Callable[[SetResult], str]:
    """What `to_dict` has under a name; a dash for nothing."""

    def cell(result: SetResult) -> str:
        value = result.found.to_dict().get(name)
        return "–" if value is None else format(value, form)

    return cell


def _found(result: SetResult) -> str:
    found = result.found
    assert isinstance(found, NumberEvaluation)
    return percent(found.numbers_found / found.n) if found.n else "–"


def _called_none(result: SetResult) -> str:
    found = result.found
    assert isinstance(found, Evaluation)
    return f"{sum(row[10] for row in found.confusion):,}"


_SHARES = (Column("95% interval", _interval), Column("n", _plain("n", ",")))
_TITLE = Column("", lambda result: result.title)

FIGURES_TABLES = (
    FiguresTable(
        "Single digits",
        (DIGITS,),
        (
            _TITLE,
            Column("right", lambda result: percent(right_of(result))),
            *_SHARES,
            Column("called no digit", _called_none),
            Column("calibration error", _plain("ece", ".3f")),
        ),
        "From the image to the answer, as `gnc evaluate` measures; an answer “no digit” counts as wrong.",
    ),
    FiguresTable(
        "Whole numbers in photos",
        (NUMBERS, SINGLE),
        (
            _TITLE,
            Column("whole number right", lambda result: percent(right_of(result))),
            *_SHARES,
            Column("found", _found),
            Column("false numbers", _plain("false_numbers", ",")),
            Column("calibration error", _plain("ece", ".3f")),
            Column("digits found, F1", _plain("detection_f1", ".3f")),
            Column("reported, F1", _plain("reported_f1", ".3f")),
        ),
        "Right: the best reported number is the one in the photo. Found: it is among the reported ones. False: "
        "reported at the default confidence, and no number of the photo.",
    ),
    FiguresTable(
        "Photos without numbers",
        (EMPTY,),
        (
            _TITLE,
            Column("nothing reported", lambda result: percent(right_of(result))),
            *_SHARES,
            Column("false numbers", _plain("false_numbers", ",")),
            Column("of a hundred photos", _plain("false_per_100", ".1f")),
        ),
        "Here a photo is right where no number is reported.",
    ),
)

USES: Mapping[str, tuple[str, str]] = {
    "any use": ("mit", ""),
    "research and other non-commercial use only": ("other", "research-and-non-commercial-use"),
    "no terms are stated": ("unknown", ""),
}
"""What the terms allow → the licence by its name at model hubs, and its own name for “other”."""
