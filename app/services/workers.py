"""A thread that does one kind of work, always on the newest item: what came before it is dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

Item = TypeVar("Item")
Result = TypeVar("Result")


class LatestOnlyWorker(Generic[Item, Result]):
    """Calls `work(item)` in its own thread, and there `done(item, result)` or `failed(item, error)`.

    The thread starts with the first item. Every error of `work` goes to `failed`; the thread lives on.
    """

    def __init__(
        self,
        work: Callable[[Item], Result],
        *,
        done: Callable[[Item, Result], None],
        failed: Callable[[Item, Exception], None],
        name: str,
    ) -> None:
        self._work, self._done, self._failed, self._name = work, done, failed, name
        self._wake = threading.Condition()
        self._items: list[Item] = []
        self._stopping = False
        self._busy = False
        self._thread: threading.Thread | None = None

    def submit(self, item: Item) -> None:
        """Have `item` worked on next, in place of any that still waits. Nothing after `stop`."""
        with self._wake:
            if self._stopping:
                return
            self._items = [item]
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._wake.notify()

    def clear(self) -> None:
        """Forget the item that waits; one being worked on is finished."""
        with self._wake:
            self._items = []

    @property
    def busy(self) -> bool:
        """Whether an item waits or is being worked on."""
        with self._wake:
            return self._busy or bool(self._items)

    def stop(self, seconds: float = 0.0) -> bool:
        """End after the item being worked on, without a word about it; whether that was within `seconds`."""
        with self._wake:
            self._stopping, self._items = True, []
            self._wake.notify()
        if self._thread is None:
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._busy = False
                self._wake.wait_for(lambda: self._stopping or bool(self._items))
                if self._stopping:
                    return
                item = self._items.pop()
                self._busy = True
            try:
                result = self._work(item)
            except Exception as error:  # noqa: BLE001  (one bad picture must not end the thread)
                if not self._stopping:
                    self._failed(item, error)
            else:
                if not self._stopping:
                    self._done(item, result)


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
            except Exception as error:  # noqa: BLE001  (every kind of error is passed on to the caller)
                self._over.emit(failed, error)
            else:
                self._over.emit(done, result)

        self._worker.submit(carry_out)

    def shut_down(self) -> None:
        """Finish the work under way, forget what waits."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _on_over(self, call: Callable[[Any], None], value: Any) -> None:
        call(value)
