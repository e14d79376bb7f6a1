"""The IDX format of MNIST's four files, gzipped or not. No torch, no Qt."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.errors import DataError


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
