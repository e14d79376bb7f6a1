"""Small tables (CSV) that come with data or with the program. No torch, no Qt."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.base.errors import DataError
from core.reading.types import Box

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
