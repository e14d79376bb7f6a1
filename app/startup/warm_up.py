"""Imports what will be wanted soon in a thread, so that the window need not stand still when it is.

PySide6 makes a class of Qt only when a program first names it, and lets other threads run while it does: two threads
that make the same class bring the process down. So all classes that the imports name are made before the thread begins,
in the window's own thread and in short steps.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from types import ModuleType

QT_MODULES = tuple(
    f"PySide6.{name}"
    for name in ("QtCore", "QtGui", "QtWidgets", "QtSvg", "QtOpenGL", "QtOpenGLWidgets", "QtTest")
)
"""All of Qt that the window's pages and pyqtgraph import."""
_CLASSES_A_STEP = 24


def steps_to_make_qt_classes() -> Iterator[Callable[[], object]]:
    """Steps of some milliseconds for the window's thread, after which QT_MODULES are imported and have all their
    classes. Each must be taken before the next is asked for."""
    for name in QT_MODULES:
        yield partial(_import, name)
        if name not in sys.modules:
            continue  # a distribution's own Qt may lack one
        module = sys.modules[name]
        left = missing_classes(module)
        for at in range(0, len(left), _CLASSES_A_STEP):
            yield partial(_make, module, left[at : at + _CLASSES_A_STEP])


def missing_classes(module: ModuleType) -> list[str]:
    """The names that a module of PySide6 offers and has not made yet."""
    return sorted(set(dir(module)) - set(vars(module)))


def _make(module: ModuleType, names: Sequence[str]) -> None:
    for name in names:
        getattr(module, name, None)


def import_in_background(names: Iterable[str]) -> threading.Thread:
    """Import these modules, one after the other, in a thread; returns it, already running.

    A module imported meanwhile by another thread is waited for there, not imported twice. One that fails is
    passed over: whoever needs it imports it again, and gets the error in its own place. When the program ends,
    the module under way is finished and the others are left.
    """
    thread = threading.Thread(target=_import_all, args=(tuple(names),), name="warm-up")
    # Not a daemon: one that is stopped in the middle of loading a library takes the whole process down with it.
    thread.start()
    return thread


def _import_all(names: tuple[str, ...]) -> None:
    for name in names:
        if not threading.main_thread().is_alive():
            return
        _import(name)


def _import(name: str) -> None:
    with contextlib.suppress(Exception):
        importlib.import_module(name)
