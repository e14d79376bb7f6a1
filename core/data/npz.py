"""`.npz` files of other people: read without pickle, with errors that name the file. No torch, no Qt."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from core.base.errors import DataError
from core.data.cache import Arrays


def read_npz(path: Path, *names: str) -> Arrays:
    """The named arrays. Raises DataError when the file is missing, damaged, or lacks one of them."""
    try:
        # Opened here: NumPy forgets to close files that turn out to be damaged.
        with path.open("rb") as file:
            content = np.load(file, allow_pickle=False)
            if not isinstance(content, np.lib.npyio.NpzFile):
                raise DataError(f"{path} holds a single array, not named ones.")
            missing = [name for name in names if name not in content.files]
            if missing:
                raise DataError(
                    f"{path} lacks “{missing[0]}”; it holds {', '.join(content.files) or 'nothing'}."
                )
            return {name: content[name] for name in names}
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file.") from None
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} is damaged or not an .npz file.") from error
