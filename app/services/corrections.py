"""“Wrong? Tell me”: keeps labelled digits in the folder `mine`, off the GUI thread and in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from core.base.errors import FailureError, InputError
from core.loaders.user_digits import UserDigit, UserDigitStore

if TYPE_CHECKING:
    from core.reading.strokes import Stroke


class KeptDigit:
    """A digit that was handed over to be kept; the ticket to take it back."""

    def __init__(self, label: int) -> None:
        self.label = label
        self.entry: UserDigit | None = None


class Corrections(QObject):
    """Keeps digits, takes them back, puts them back again; every call returns at once.

    The calls are carried out one after another, so taking back what is still being written is fine.
    """

    count_changed = Signal(int)
    """How many digits there are now."""
    failed = Signal(str)
    """A sentence: something could not be kept or taken back."""

    def __init__(self, store: UserDigitStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="corrections")

    def recount(self) -> None:
        """Count what is there; `count_changed` tells."""
        self._run(lambda: None)

    def keep(
        self,
        strokes: Sequence[Stroke],
        image: NDArray[np.uint8],
        label: int,
        *,
        kind: str = "drawing",
        size: tuple[int, int] | None = None,
    ) -> KeptDigit:
        """Keep one digit as `UserDigitStore.add` does; the ticket takes it back."""
        ticket = KeptDigit(label)

        def add() -> None:
            ticket.entry = self._store.add(strokes, image, label, kind=kind, size=size)

        self._run(add)
        return ticket

    def take_back(self, ticket: KeptDigit) -> None:
        """Undo `keep`."""

        def remove() -> None:
            if ticket.entry is not None:
                self._store.remove(ticket.entry)

        self._run(remove)

    def put_back(self, ticket: KeptDigit) -> None:
        """Undo `take_back`."""

        def restore() -> None:
            if ticket.entry is not None:
                self._store.restore(ticket.entry)

        self._run(restore)

    def shut_down(self) -> None:
        """Finish what was asked for, then end the thread."""
        self._worker.shutdown(wait=True)

    def _run(self, work: Callable[[], None]) -> None:
        def carry_out() -> None:
            try:
                work()
                self.count_changed.emit(self._store.count())
            except (InputError, FailureError) as error:
                self.failed.emit(str(error))
            except OSError as error:
                self.failed.emit(f"{self._store.folder} can't be read ({error.strerror}).")

        self._worker.submit(carry_out)
