"""What tests ask of widgets, as a person would find it: by kind, by words."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

Child = TypeVar("Child", bound=QObject)


def child(parent: QObject, kind: type[Child]) -> Child:
    """The first child of this class."""
    found = parent.findChild(kind)
    assert found is not None, f"no {kind.__name__} in {parent}"
    return found


def words_in(widget: QWidget) -> str:
    """The text of all labels in it that are not hidden, a line each."""
    labels = [label for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]
    return "\n".join(label.text() for label in labels if label.text())


def button(widget: QWidget, text: str) -> QAbstractButton:
    """The button with this text or name, without the & of its key."""
    for found in widget.findChildren(QAbstractButton):
        if text in (found.text().replace("&", ""), found.accessibleName()):
            return found
    raise AssertionError(f"no button “{text}” in {widget}")
