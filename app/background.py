"""Work that may take long (a large picture, a slow disk) off the GUI thread, one after another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Signal


class Background(QObject):
    """Runs work in a thread of its own and calls back in the thread this object lives in."""

    _over = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="background")
        self._over.connect(self._on_over)

    def run(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        """Do `work` there; here `done(result)` or `failed(error)`, not before this call has returned."""

        def carry_out() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001  (whatever it is, its owner has to hear of it)
                self._over.emit(failed, error)
            else:
                self._over.emit(done, result)

        self._worker.submit(carry_out)

    def shut_down(self) -> None:
        """Finish the work under way, forget what waits."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _on_over(self, call: Callable[[Any], None], value: Any) -> None:
        call(value)
