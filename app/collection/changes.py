"""Relabelling and deleting on an undo stack, off the GUI thread and in order."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.services.workers import Background
from core.base.errors import FailureError, InputError
from core.collection.confirmed import Confirmed
from core.collection.items import Change, Collection, Item, key_of, parts_by_number
from core.loaders.user_digits import UserDigit
from training.ui import wording


class Changes(QObject):
    """Changes a collection; every call returns at once, and `changed` follows."""

    changed = Signal(object, bool)
    """A list of `Change`s was made, or was undone (True)."""
    confirmed = Signal(object, bool)
    """Keys of items whose label a person confirmed, or took that back (True)."""
    notice = Signal(str, bool)
    """A few words; whether they offer to undo."""
    failed = Signal(str)
    """A sentence."""

    def __init__(self, collection: Collection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stack = QUndoStack(self)
        self._collection = collection
        self._confirmed = Confirmed(collection.folder)
        self._worker = Background(self)
        self._asked: dict[str, str] = {}
        self._renewed = _Renewed()

    def relabel(self, items: Sequence[Item], text: str, known: Iterable[Item]) -> None:
        """Give items another label. known: all items, whose digits follow their numbers. Raises InputError."""
        for item in items:
            Collection.check(item, text)
        wanted = [item for item in items if self._asked.get(key_of(item), item.text) != text.strip()]
        if not wanted:
            return
        self._asked |= {key_of(item): text.strip() for item in wanted}
        parts = parts_by_number(known)

        def change() -> Iterator[Change]:
            for item in wanted:
                now, own = self._renewed.of(item, parts.get(item.id, ()))
                yield self._collection.relabel(now, text, own)

        words = text.strip() or f"no {wanted[0].what}"
        what = wanted[0].what if len(wanted) == 1 else f"{wording.count(len(wanted))} images"
        self.stack.push(_Step(self, f"{what[0].upper()}{what[1:]} relabelled as {words}.", change))

    def remove(self, items: Sequence[Item], known: Iterable[Item]) -> None:
        """Move items to the trash; a number's digits go with it."""
        parts = parts_by_number(known)
        numbers = {item.id for item in items if item.what == "number"}
        # A digit that goes with its number is not to go twice.
        own = {part.id for number in numbers for part in parts.get(number, ())}
        wanted = [item for item in items if item.what == "number" or item.id not in own]

        def change() -> Iterator[Change]:
            for item in wanted:
                now, own = self._renewed.of(item, parts.get(item.id, ()))
                yield self._collection.remove(now, own)

        what = (
            f"{wanted[0].what} {wanted[0].text}".strip() if len(wanted) == 1 else wording.count(len(wanted))
        )
        self.stack.push(_Step(self, f"Deleted {what}.", change))

    def confirm(self, items: Sequence[Item]) -> None:
        """The labels are right, whatever is suspected."""
        self.stack.push(_Confirm(self, [key_of(item) for item in items]))

    def confirmed_keys(self) -> frozenset[str]:
        """What was confirmed at any time. Reads a small file."""
        return self._confirmed.keys()

    def run(self, step: _Step, undone: bool) -> None:
        """For steps: carry one out, or undo it."""
        work = step.take_back if undone else step.carry_out

        def done(changes: list[Change]) -> None:
            self._forget_asked(changes)
            self.changed.emit(changes, undone)
            self.notice.emit("Undone." if undone else step.text(), not undone)

        def failed(error: Exception) -> None:
            self._tell(error)
            self._asked.clear()
            if step.changes:
                self.changed.emit(list(step.changes), undone)

        self._worker.run(lambda: work(self._collection, self._renewed), done, failed)

    def _forget_asked(self, changes: Iterable[Change]) -> None:
        """What was asked for is in the items that are shown from now on."""
        for change in changes:
            for entry in (*change.removed, *change.added):
                self._asked.pop(key_of(Item.of(entry)), None)

    def run_confirm(self, keys: list[str], undone: bool) -> None:
        """For steps."""

        def done(_: object) -> None:
            self.confirmed.emit(keys, undone)
            self.notice.emit("Undone." if undone else "Kept as it is.", not undone)

        self._worker.run(lambda: self._confirmed.change(keys, undone=undone), done, self._tell)

    def shut_down(self) -> None:
        """Finish what was asked for."""
        self._worker.shut_down()

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, InputError | FailureError | OSError):
            traceback.print_exception(error)
        self.failed.emit(str(error))


class _Renewed:
    """Which item stands in the place of one that was relabelled. Who labels quickly still sees, and means, the one
    before. Only the worker's thread touches it."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._parts: dict[str, tuple[UserDigit, ...]] = {}

    def of(self, item: Item, parts: Sequence[UserDigit]) -> tuple[Item, Sequence[UserDigit]]:
        """The item as it is now, with its digits. parts: those it had when it was chosen."""
        while (now := self._items.get(key_of(item))) is not None:
            item, parts = now, self._parts.get(now.id, ())
        return item, parts

    def made(self, change: Change) -> None:
        if change.added:
            new = Item.of(change.added[0])
            self._items[key_of(Item.of(change.removed[0]))] = new
            self._parts[new.id] = tuple(e for e in change.added[1:] if isinstance(e, UserDigit))

    def taken_back(self, change: Change) -> None:
        if change.added:
            self._items.pop(key_of(Item.of(change.removed[0])), None)


class _Step(QUndoCommand):
    """Changes that are made one by one. Only the worker's thread touches `changes` until it is done."""

    def __init__(self, owner: Changes, words: str, first: Callable[[], Iterator[Change]]) -> None:
        super().__init__(words)
        self._owner, self._first = owner, first
        self._is_made = False
        self.changes: list[Change] = []

    def redo(self) -> None:
        self._owner.run(self, undone=False)

    def undo(self) -> None:
        self._owner.run(self, undone=True)

    def carry_out(self, collection: Collection, renewed: _Renewed) -> list[Change]:
        """In the worker's thread. What was made before an error stays made, and can be undone."""
        if self._is_made:
            for change in self.changes:
                collection.redo(change)
                renewed.made(change)
        else:
            self._is_made = True
            for change in self._first():
                self.changes.append(change)
                renewed.made(change)
        return list(self.changes)

    def take_back(self, collection: Collection, renewed: _Renewed) -> list[Change]:
        for change in reversed(self.changes):
            collection.undo(change)
            renewed.taken_back(change)
        return list(self.changes)


class _Confirm(QUndoCommand):
    def __init__(self, owner: Changes, keys: list[str]) -> None:
        super().__init__("Kept as it is.")
        self._owner, self._keys = owner, keys

    def redo(self) -> None:
        self._owner.run_confirm(self._keys, undone=False)

    def undo(self) -> None:
        self._owner.run_confirm(self._keys, undone=True)
