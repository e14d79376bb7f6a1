"""Where the catalogue's sources are: found in the data folders, shipped, or made here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.base.paths import Places
from core.loaders import starter
from core.loaders.folders import data_folders
from core.loaders.font_files import font_files

Find = Callable[[Places, Path | None], Path | None]
"""Where a source is, None where it is not here. The path is of the source “folder”."""


def with_files(*names: str) -> Find:
    """Finds the folder (the first name's first part) in which all of the named files exist."""

    def find(places: Places, _: Path | None) -> Path | None:
        for base in data_folders(places):
            if all((base / name).exists() for name in names):
                return base / names[0].split("/")[0]
        return None

    return find


def in_folders(*names: str) -> Find:
    """Finds the first of these folders of the data folder that is here."""

    def find(places: Places, _: Path | None) -> Path | None:
        found = (base / name for name in names for base in data_folders(places))
        return next((folder for folder in found if folder.is_dir()), None)

    return find


def always(places: Places, _: Path | None) -> Path | None:
    """A source that can be made anywhere."""
    return places.cache


def with_fonts(places: Places, _: Path | None) -> Path | None:
    """A source that is made of fonts."""
    return places.cache if font_files() or shipped_fonts() else None


def shipped_fonts() -> Path | None:
    """The glyphs that ship with the program."""
    return starter.GLYPHS if starter.GLYPHS.exists() else None


def shipped_mnist() -> Path | None:
    """The part of MNIST that ships with the program."""
    return starter.MNIST_PART if starter.MNIST_PART.exists() else None
