"""Where the raw sources lie on disk."""

from __future__ import annotations

from pathlib import Path

from core.base.errors import NAME_DATA, DataError
from core.base.paths import Places
from core.loaders import background_photos


def data_folders(places: Places) -> list[Path]:
    """Where data sets are looked for, in this order."""
    return list(dict.fromkeys([places.data, places.downloads]))


def data_folder(places: Places, name: str) -> Path:
    """The folder of this name in one of the data folders. Raises DataError if it is missing."""
    for base in data_folders(places):
        if (base / name).is_dir():
            return base / name
    raise DataError(f"The folder {name} is not here; {NAME_DATA}.")


def backgrounds_folder(places: Places) -> Path | None:
    """The folder of photos without writing, None where it is not here."""
    folders = (base / "backgrounds" for base in data_folders(places))
    return next((folder for folder in folders if background_photos.image_files(folder)), None)
