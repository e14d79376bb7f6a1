"""Looks again and again which cameras are plugged in, off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.camera.source.sources import CameraDevice
from app.services.workers import Background
from app.ui.errors import sentence_of

_LOOK_MS = 2000


class CameraFinder(QObject):
    """Emits `found` every two seconds while it is started."""

    found = Signal(object)
    """list of `CameraDevice`."""
    failed = Signal(str)
    """A sentence: they can't be listed; `found` is emitted with an empty list."""

    def __init__(self, list_devices: Callable[[], list[CameraDevice]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._list_devices = list_devices
        self._looking = False
        self._background = Background(self)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        self.look()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def look(self) -> None:
        """Look now, unless that is under way."""
        if not self._looking:
            self._looking = True
            self._background.run(self._list_devices, self._on_listed, self._on_failed)

    def shut_down(self) -> None:
        self.stop()
        self._background.shut_down()

    def _on_listed(self, cameras: list[CameraDevice]) -> None:
        self._looking = False
        self.found.emit(cameras)

    def _on_failed(self, error: Exception) -> None:
        self._on_listed([])
        self.failed.emit(f"Cameras can't be listed. {sentence_of(error)}")
