"""Opens the window: everything between the command `gnc` and Qt's event loop."""

from __future__ import annotations

import gc
import signal
import socket
import sys
from collections.abc import Callable
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING

from app.startup.display import check_display
from core.base.logs import LOG
from core.base.paths import APP_NAME, Places

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

    from app.pages.page import Page, PageContext, PageFactory
    from app.services.models import ModelState
    from app.window.main_window import MainWindow

Watch = Callable[["MainWindow"], None]

CLI = ("-m", "app.cli")
"""What follows the Python executable where a window starts a command of `gnc` as a child process."""
SOON = ("app.camera.page", "app.photos.page", "training.window.window")
"""Imported in a thread once the first digit can be read, so that none of it keeps the window waiting later."""
_SOON_MS = 700
_COLLECT_MS = 3000
"""From here on, after the window was shown, cycles of objects are collected again."""


def run_window(watch: Watch | None = None) -> int:
    """Show the main window until it is closed; returns the exit code.

    watch: called with the window right after it was shown (the start-up benchmark).

    Raises:
        FailureError: there is no display, or Qt lacks a library.
    """
    # Some hundred modules are imported before the first reading: looking for garbage again and again among what they
    # make takes a twentieth of the start, and there is none.
    gc.disable()
    try:
        return _run_window(watch)
    finally:
        gc.enable()


def _run_window(watch: Watch | None) -> int:
    check_display()
    places = Places.find()
    from PySide6.QtCore import QCoreApplication, Qt, QTimer
    from PySide6.QtWidgets import QApplication

    # Ink wants every point of the mouse, not one a frame.
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False)
    app = QApplication([APP_NAME])
    app.setApplicationName(APP_NAME)
    app.setApplicationDisplayName("General Number Classifier")
    app.setDesktopFileName(APP_NAME)
    window = build_window(app, places)
    from app.ui.errors import ErrorReports

    reports = ErrorReports(window, log=places.logs / LOG)
    reports.install()
    signals = _Signals(window.leave)
    window.show()
    _prepare_soon(window)
    QTimer.singleShot(_COLLECT_MS, window, _collect_garbage)
    if watch is not None:
        watch(window)
    try:
        return app.exec()
    finally:
        signals.close()
        reports.uninstall()


def _collect_garbage() -> None:
    """Collect cycles of objects again; those that the start has made stay, as looking at all of them would show."""
    gc.freeze()
    gc.enable()


def build_window(app: QApplication, places: Places) -> MainWindow:
    """The main window with all its pages, not yet shown."""
    from app.services.models import ModelService
    from app.services.settings import Settings
    from app.ui.icons import APP_ICON, icon
    from app.ui.theme import apply_theme
    from app.window.main_window import MainWindow, WindowParts

    settings = Settings(places.settings)
    apply_theme(app, settings.theme)
    app.setWindowIcon(icon(APP_ICON))
    parts = WindowParts(
        places=places,
        settings=settings,
        models=ModelService(settings),
        pages=page_factories(),
        apply_theme=lambda theme: apply_theme(app, theme),
        make_training=lambda: training_window(places),
    )
    return MainWindow(parts)


def training_window(places: Places) -> QWidget:
    """The training window, imported when it is first wanted. It never imports torch."""
    from training.runs.launch import Commands
    from training.window.window import TrainingWindow

    return TrainingWindow(places, commands=Commands(cli=CLI))


def _prepare_soon(window: MainWindow) -> None:
    """Once the first reading has come: Qt's classes; in a thread, what other pages import; the pages; each in turn."""
    from PySide6.QtCore import QTimer

    from app.startup.warm_up import import_in_background, steps_to_make_qt_classes
    from training.ui.lazy_page import IdleQueue

    begin = QTimer(window, singleShot=True, interval=_SOON_MS)
    look = QTimer(window, interval=_SOON_MS)
    classes = IdleQueue(steps_to_make_qt_classes(), window)
    pages = IdleQueue(window.pages_to_build(), window)
    imports: list[Thread] = []

    def on_changed(state: ModelState) -> None:
        if state.classifier is not None:
            window.models.changed.disconnect(on_changed)
            begin.start()

    def on_classes() -> None:
        imports.append(import_in_background(SOON))
        look.start()

    def on_look() -> None:
        if not imports[0].is_alive():
            look.stop()
            pages.start()

    begin.timeout.connect(classes.start)
    classes.finished.connect(on_classes)
    look.timeout.connect(on_look)
    # Not before: Python runs one thread at a time, and the first reading comes first.
    window.models.changed.connect(on_changed)


class _Signals:
    """Closes the window when the process is asked to end (Ctrl+C, SIGTERM).

    Python runs its signal handlers between two of its own instructions, and Qt's loop has none: a socket that
    the signal writes to wakes the loop.
    """

    def __init__(self, close: Callable[[], object]) -> None:
        from PySide6.QtCore import QSocketNotifier

        self._close = close
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._before_fd = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        self._before = {s: signal.signal(s, self._on_signal) for s in (signal.SIGINT, signal.SIGTERM)}
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._drain)

    def close(self) -> None:
        """Put everything back as it was."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._before_fd)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._read.close()
        self._write.close()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._close()

    def _drain(self) -> None:
        # Having come here is enough: on the way Python ran the handler.
        self._read.recv(64)


def page_factories() -> list[PageFactory]:
    """The window's pages; only the first is imported before it is shown."""
    from app.draw.page import DrawPage
    from app.pages.page import PageFactory

    def camera(context: PageContext) -> Page:
        from app.camera.page import CameraPage

        return CameraPage(context)

    def photos(context: PageContext) -> Page:
        from app.photos.page import PhotosPage

        return PhotosPage(context)

    return [
        PageFactory("draw", "Draw", "draw", DrawPage),
        PageFactory("camera", "Camera", "camera", camera),
        PageFactory("photos", "Photos", "photos", photos),
    ]


if __name__ == "__main__":
    sys.exit(run_window())
