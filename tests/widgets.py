"""What tests ask of widgets, as a person would find it: by kind, by name, by words."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

Child = TypeVar("Child", bound=QObject)
Named = TypeVar("Named", bound=QWidget)


def child(parent: QObject, kind: type[Child]) -> Child:
    """The first child of this class."""
    found = parent.findChild(kind)
    assert found is not None, f"no {kind.__name__} in {parent}"
    return found


def named(parent: QWidget, kind: type[Named], name: str) -> Named:
    """The child of this class that assistive programs call so."""
    return next(found for found in parent.findChildren(kind) if found.accessibleName() == name)


def button(parent: QWidget, text: str) -> QAbstractButton:
    """The button with this text or name, without the & of its key."""
    for found in parent.findChildren(QAbstractButton):
        if text in (found.text().replace("&", ""), found.accessibleName()):
            return found
    raise AssertionError(f"no button “{text}” in {parent}")


def texts_in(parent: QWidget) -> list[str]:
    """The texts of all labels in it that are not hidden."""
    labels = [label for label in parent.findChildren(QLabel) if label.isVisibleTo(parent)]
    return [label.text() for label in labels if label.text()]


def words_in(parent: QWidget) -> str:
    """These texts together."""
    return "\n".join(texts_in(parent))
