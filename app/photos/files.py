"""Which files are photos, and the dialogs that ask for some."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from assets import SAMPLES
from core.reading.images import PICTURES

_KINDS = f"Photos ({' '.join('*' + suffix for suffix in PICTURES)});;All files (*)"
_MAY_HAVE_PAGES = (".tif", ".tiff")


def sample_photos(folder: Path = SAMPLES) -> list[Path]:
    """The sample photos that come with the program, if they are there."""
    return sorted(p for p in folder.glob("*") if p.suffix.lower() in PICTURES)


def is_one_photo(path: Path) -> bool:
    """Whether a path is a file with one reading: no folder, and none that may have several pages."""
    return not path.is_dir() and path.suffix.lower() not in _MAY_HAVE_PAGES


def ask_photos(parent: QWidget) -> list[Path]:
    """Photos that a person chooses; empty if the dialog is cancelled."""
    names, _ = QFileDialog.getOpenFileNames(parent, "Open photos", "", _KINDS)
    return [Path(name) for name in names]


def ask_folder(parent: QWidget) -> list[Path]:
    """A folder that a person chooses; empty if the dialog is cancelled."""
    name = QFileDialog.getExistingDirectory(parent, "Read all photos of a folder")
    return [Path(name)] if name else []
