"""Live reading: an image or strokes → a `Reading`. What others may use is named here and loaded when it is used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.reading.api import read_digit, read_drawing, read_photo, shipped_reader
    from core.reading.classifier import Classification, Classifier
    from core.reading.photo_reader import PhotoReader
    from core.reading.strokes import Stroke
    from core.reading.types import Box, Digit, Number, Reading

_HOMES = {
    "read_digit": "api",
    "read_drawing": "api",
    "read_photo": "api",
    "shipped_reader": "api",
    "Box": "types",
    "Classification": "classifier",
    "Classifier": "classifier",
    "Digit": "types",
    "Number": "types",
    "PhotoReader": "photo_reader",
    "Reading": "types",
    "Stroke": "strokes",
}

__all__ = [
    "Box",
    "Classification",
    "Classifier",
    "Digit",
    "Number",
    "PhotoReader",
    "Reading",
    "Stroke",
    "read_digit",
    "read_drawing",
    "read_photo",
    "shipped_reader",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
