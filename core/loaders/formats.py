"""The IDX format of MNIST's four files, gzipped or not. No torch, no Qt."""

from __future__ import annotations

import csv
import gzip
import math
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.errors import DataError
from core.loaders.cache import Arrays
from core.reading.types import Box


def read_idx(path: Path, *, dimensions: int) -> npt.NDArray[np.uint8]:
    """The array of unsigned bytes in an IDX file.

    Raises DataError, naming the file, when it is missing, damaged, truncated, or holds another kind of array.
    Format: http://yann.lecun.com/exdb/mnist/ (magic 0, 0, type, dimensions; then sizes, big endian).
    """
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is damaged or cut short ({error}); fetch it again.") from error
    if len(data) < 4 or data[:2] != b"\0\0":
        raise DataError(f"{path} is not an IDX file: it does not start with the format's mark.")
    if data[2] != 0x08 or data[3] != dimensions:
        raise DataError(
            f"{path} is not the expected IDX file: it holds other values or {data[3]} dimensions, not {dimensions}."
        )
    head = 4 + 4 * dimensions
    if len(data) < head:
        raise DataError(f"{path} is cut short: its header is not complete.")
    shape = tuple(int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(dimensions))
    if len(data) - head != math.prod(shape):
        raise DataError(
            f"{path} is damaged: it announces {math.prod(shape):,} bytes and holds {len(data) - head:,}."
        )
    return np.frombuffer(data, np.uint8, offset=head).reshape(shape)


BOX_COLUMNS = ("x", "y", "w", "h")
"""Columns of a box: left, top, width, height in pixels."""


def read_table(path: Path, names: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a table that has these columns. Raises DataError, naming the file at fault."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            missing = set(names) - set(reader.fieldnames or ())
            if missing:
                raise DataError(f"{path} lacks the column “{min(missing)}”.")
            rows = list(reader)
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is damaged: it is not a table of text.") from error
    if any(row[name] is None for row in rows for name in names):
        raise DataError(f"{path} is cut short: a line lacks its last columns.")
    return rows


def box_of(path: Path, row: Mapping[str, str]) -> Box:
    """The box of a row. Raises DataError, naming the file and what the row is of."""
    try:
        values = [float(row[name]) for name in BOX_COLUMNS]
    except ValueError:
        values = [math.nan]
    if not all(map(math.isfinite, values)):
        raise DataError(f"{path} is damaged: the line of {row['file']} does not hold numbers.")
    return Box(*values)


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
