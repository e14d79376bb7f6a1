"""The kinds of models that can be trained, and all that the windows do differently for each, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assets import MODELS
from core.recipes.source_names import LABELLED_NUMBERS


class Kind(StrEnum):
    """What a model file is for.

    CLASSIFIER: which digit one crop shows. DETECTOR: where digits are in a photo. LINE: a row of characters.
    """

    CLASSIFIER = "classifier"
    DETECTOR = "detector"
    LINE = "line"


@dataclass(frozen=True)
class KindFacts:
    """What differs from kind to kind.

    title: in sentences. networks: the names by which recipes ask for it. option: of `gnc evaluate`. shipped: the model
    file that comes with the program. compared: data sets that two models are measured on, the best known first; the
    first two that a run was tested on are taken, or else the first. own: what the user labelled for it, on the
    held-back part of which they are measured, too. looks_tab: the tab that shows what its training pictures look
    like; looks: how the fields on it begin, "" where nothing about them can be set.
    """

    title: str
    networks: tuple[str, ...]
    option: str
    shipped: Path
    compared: tuple[str, ...]
    own: str
    looks_tab: str
    looks: str


KINDS = {
    Kind.CLASSIFIER: KindFacts(
        title="classifier",
        networks=("seed", "general"),
        option="--model",
        shipped=MODELS / "classifier.onnx",
        compared=("mnist", "svhn-numbers", "svhn", "strokes", "fonts", "meter"),
        own="corrections",
        looks_tab="&Augmentation",
        looks="augmentation.",
    ),
    Kind.DETECTOR: KindFacts(
        title="detector",
        networks=("detector",),
        option="--detector",
        shipped=MODELS / "detector.onnx",
        compared=("made-numbers", "svhn-numbers"),
        own=LABELLED_NUMBERS,
        looks_tab="M&ade photos",
        looks="scenes.",
    ),
    Kind.LINE: KindFacts(
        title="line reader",
        networks=("line",),
        option="--line",
        shipped=MODELS / "line.onnx",
        compared=("made-numbers", "svhn-numbers"),
        own=LABELLED_NUMBERS,
        looks_tab="&Rows",
        looks="",
    ),
}


def kind_of_network(network: str) -> Kind:
    """The kind that a recipe's network makes; a classifier for a network that is not known."""
    return next((kind for kind, facts in KINDS.items() if network in facts.networks), Kind.CLASSIFIER)
