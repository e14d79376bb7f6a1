"""The formats that data comes in: MNIST's IDX, tables of text, NumPy's archives."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
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


COLUMNS: Mapping[str, tuple[str, ...]] = {
    "file": (
        "filename",
        "file_name",
        "image",
        "image_name",
        "img",
        "path",
        "picture",
        "name",
        "image_path",
        "filepath",
    ),
    "label": ("digit", "class", "class_name", "category", "target", "y", "labels"),
    "split": ("set", "subset", "part", "partition"),
    "x": ("left", "xmin", "x_min"),
    "y": ("top", "ymin", "y_min"),
    "w": ("width",),
    "h": ("height",),
}  # fmt: skip
"""Columns by our names, and what else they are called."""


_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_rows(path: Path, most: int | None = None) -> list[list[str]]:
    """The first rows of a table of text, the header too: separated by commas, semicolons or tabs; empty lines away.

    UTF-8 and UTF-16 as spreadsheets write them, with or without a byte order mark, else Windows' western code page.
    Raises DataError, naming the file.
    """
    try:
        with path.open("rb") as file:
            data = b"" if most is None else b"".join(file.readline() for _ in range(most))
            if most is None or data[:2] in _UTF_16:  # whose lines end in two bytes
                data += file.read()
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise DataError(f"{path} can't be read ({error.strerror}).") from error
    if b"\0" in data[:2048] and data[:2] not in _UTF_16:
        raise DataError(f"{path} is damaged: it is not a table of text.")
    encoding = "utf-16" if data[:2] in _UTF_16 else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding == "utf-16":
            raise DataError(f"{path} is damaged: it is not a table of text.") from None
        text = data.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise DataError(f"{path} is damaged: it is not a table of text.") from error
    return [row for row in rows if any(cell.strip() for cell in row)]


def read_table(
    path: Path,
    names: Sequence[str],
    optional: Sequence[str] = (),
    aliases: Mapping[str, tuple[str, ...]] = {},
) -> list[dict[str, str]]:
    """The rows of a table that has these columns, in any order and case, and those others that it has.

    aliases: what else a column may be called (see COLUMNS). Raises DataError, naming the file at fault.
    """
    rows = read_rows(path)
    header = [cell.strip() for cell in rows[0]] if rows else []
    low = [cell.casefold() for cell in header]
    at: dict[str, int] = {}
    for name in (*names, *optional):
        found = next((w for w in (name, *aliases.get(name, ())) if w in low), None)
        if found is not None:
            at[name] = low.index(found)
    missing = [name for name in names if name not in at]
    if missing:
        raise DataError(
            f"{path} lacks the column “{min(missing)}”; its columns are {', '.join(header[:8]) or 'none'}."
        )
    if any(len(row) <= at[name] for row in rows[1:] for name in names):
        raise DataError(f"{path} is cut short: a line lacks its last columns.")
    renamed = {i: name for name, i in at.items()}
    keys = [renamed.get(i, cell) for i, cell in enumerate(header)]
    return [dict(zip(keys, row, strict=False)) for row in rows[1:]]


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
