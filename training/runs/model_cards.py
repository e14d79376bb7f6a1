"""What model files say of themselves: their kind, and how good each recipe got for us.

A model file says in its metadata which kind it is, which recipe it is of and what its test phase measured.
Only those few lines are read here: opening the model itself would take a second. A file that can't be read
shows nothing.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from core.base.errors import DataError
from core.base.files import read_json
from core.recipes.source_names import source_name
from core.runs.folder import RECIPE
from training.runs.model_kinds import Kind, kind_of_network
from training.ui import wording

__all__ = [
    "Figure", "Kind", "figures_by_recipe", "kind_of", "kind_of_run", "read_metadata", "title_of",
]  # fmt: skip


TITLES = {
    "mnist": "MNIST", "svhn": "SVHN", "svhn-numbers": "house numbers", "strokes": "UNIPEN pen strokes",
    "crohme": "CROHME pen strokes", "cvl": "CVL", "dida": "DIDA", "meter-tenths": "meters between two digits",
    "fonts": "fonts", "meter": "meters", "corrections": "your corrections",
    "corrections-numbers": "your numbers", "corrections-empty": "your photos without a number",
    "made-numbers": "made numbers", "folder": "your own folder",
    "non-digits": "no digit", "made-photos": "made photos",
    "hwd1000": "HwD-1000", "seed_test": "seed test", "signs": "signs", "all": "all together", "scenes": "made scenes",
    "backgrounds": "photos without numbers",
}  # fmt: skip
_METADATA = 14
_ORDER = ("mnist", "hwd1000", "svhn-numbers", "signs", "svhn", "strokes", "fonts", "meter")


def kind_of(model: Path) -> Kind:
    """The kind in a model file's metadata; without one, the kind its run was to train, or else a classifier.

    So a damaged detector is still refused as a detector, and never offered to read single digits.
    """
    try:
        return Kind(read_metadata(model)["gnc_kind"])
    except (OSError, ValueError, KeyError):
        return kind_of_run(model.parent)


def kind_of_run(run: Path) -> Kind:
    """What a run trains, by its recipe; a classifier if the recipe is missing or damaged."""
    try:
        recipe = read_json(run / RECIPE)
    except DataError:
        return Kind.CLASSIFIER
    network = recipe.get("network") if isinstance(recipe, dict) else None
    return kind_of_network(str(network))


def title_of(data: str) -> str:
    """The name of a data set for people."""
    return TITLES.get(source_name(data), data)


@dataclass(frozen=True)
class Figure:
    """One figure of a model: data set, how many images, share right."""

    data: str
    n: int
    accuracy: float

    @property
    def text(self) -> str:
        """“99.62% on MNIST”."""
        return f"{wording.accuracy(self.accuracy)} on {title_of(self.data)}"


def figures_by_recipe(folder: Path) -> dict[str, tuple[Figure, ...]]:
    """Each recipe's figures, the best known data sets first; of two models of a recipe, the later file's."""
    found = {}
    for path in sorted(folder.glob("*.onnx")):
        try:
            said = read_metadata(path)
            recipe, body = said["gnc_recipe"], json.loads(said["gnc_figures"])
            figures = [f for data, values in body.items() if (f := _figure(data, values)) is not None]
        except (OSError, ValueError, KeyError, AttributeError):
            continue
        figures.sort(key=lambda f: (_ORDER.index(f.data) if f.data in _ORDER else len(_ORDER), f.data))
        if figures:
            found[recipe] = tuple(figures)
    return found


def _figure(data: str, values: Any) -> Figure | None:
    """None for a figure of another kind than a share right."""
    try:
        return Figure(str(data), int(values["n"]), float(values["accuracy"]))
    except (KeyError, TypeError, ValueError):
        return None


def read_metadata(path: Path) -> dict[str, str]:
    """The `metadata_props` of an ONNX file (a protobuf message; field 14 holds pairs of fields 1 and 2).

    Raises OSError, and ValueError for a file that is cut off or none of this kind.
    """
    found = {}
    with path.open("rb") as file:
        for number, length in _fields(file):
            if number == _METADATA:
                pair = io.BytesIO(_read(file, length))
                texts = {inner: _read(pair, size).decode("utf-8") for inner, size in _fields(pair)}
                found[texts.get(1, "")] = texts.get(2, "")
            else:
                file.seek(length, io.SEEK_CUR)
    return found


def _fields(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """(number, length) of each field with bytes; the reader stands at its first byte. Others are passed over."""
    while (key := _varint(file, at_start=True)) is not None:
        number, kind = key >> 3, key & 7
        if kind == 2:
            yield number, _varint(file) or 0
        elif kind == 0:
            _varint(file)
        elif kind in (1, 5):
            _read(file, 8 if kind == 1 else 4)
        else:
            raise ValueError("not a model file")


def _varint(file: BinaryIO, *, at_start: bool = False) -> int | None:
    """A protobuf number; None at the end of the file, where that may be."""
    value = shift = 0
    while True:
        byte = file.read(1)
        if not byte:
            if at_start and not shift:
                return None
            raise ValueError("the file is cut off")
        value |= (byte[0] & 0x7F) << shift
        shift += 7
        if byte[0] < 0x80:
            return value
        if shift > 63:
            raise ValueError("not a model file")


def _read(file: BinaryIO, length: int) -> bytes:
    data = file.read(length)
    if len(data) != length:
        raise ValueError("the file is cut off")
    return data
