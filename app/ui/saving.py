"""Asking where to save something."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

PNG, CSV, JSON = "PNG (*.png)", "Comma-separated values (*.csv)", "JSON (*.json)"


def ask_where(parent: QWidget, title: str, name: str, *kinds: str) -> Path | None:
    """Ask for a file to write; None where none is chosen. A name without an ending gets that of its kind.

    name: what is proposed. kinds: `PNG`, `CSV`, `JSON`.
    """
    chosen, kind = QFileDialog.getSaveFileName(parent, title, name, ";;".join(kinds))
    if not chosen:
        return None
    path = Path(chosen)
    ending = (kind or kinds[0]).partition("*")[2].rstrip(")")
    return path if path.suffix else path.with_suffix(ending)
