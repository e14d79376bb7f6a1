"""Imports what will be wanted soon in a thread, so that the window need not stand still when it is."""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Iterable


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
        with contextlib.suppress(Exception):
            importlib.import_module(name)
