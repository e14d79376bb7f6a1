"""Where the training window was and how it was divided, kept for the next time."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QSplitter, QWidget

from core.base.errors import DataError
from core.base.files import read_json, write_json


def keep(path: Path, window: QWidget, split: QSplitter) -> None:
    """Write it; a settings folder that can't be written is no reason to complain."""
    values = {"window": _text(window.saveGeometry()), "runs": _text(split.saveState())}
    with contextlib.suppress(OSError):
        write_json(path, values)


def restore(path: Path, window: QWidget, split: QSplitter) -> None:
    """As it was; as it is where nothing was kept, or the file is damaged."""
    try:
        values = read_json(path)
        geometry, state = (base64.b64decode(values[name]) for name in ("window", "runs"))
    except (DataError, KeyError, TypeError, ValueError):
        return
    window.restoreGeometry(QByteArray(geometry))
    split.restoreState(QByteArray(state))


def _text(state: QByteArray) -> str:
    return base64.b64encode(bytes(state.data())).decode("ascii")
