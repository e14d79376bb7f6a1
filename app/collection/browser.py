"""What the window knows of a collection: all items, which of them are shown, which are likely to be wrong."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.collection.checker import Checker, Checks, Judge
from app.collection.grid import CollectionModel
from app.services.workers import Background
from app.ui.errors import sentence_of
from core.collection.items import (
    Change,
    Collection,
    Facts,
    Filter,
    Group,
    Item,
    group_counts,
    key_of,
    shown_items,
)
from core.collection.mistakes import Suspicion, suspicions

_MANY = 50
"""So many changes at once are not shown one by one."""
_SETTLE_MS = 400
"""Between two searches for mistakes while pictures are being looked at."""


class Browser(QObject):
    """Loads, filters, follows changes; the model shows what comes of it."""

    loaded = Signal()
    """All items were read anew."""
    counts_changed = Signal()
    """How many items the parts have is another matter now."""
    suspicions_changed = Signal()
    checking = Signal(int, int)
    """How many pictures of how many were looked at."""
    failed = Signal(str)
    """A sentence: the stores can't be read."""

    def __init__(
        self,
        collection: Collection,
        model: CollectionModel,
        judge: Judge,
        *,
        cache: Path,
        learned_at: Callable[[], float],
        confirmed: Callable[[], frozenset[str]],
        parent: QObject | None = None,
    ) -> None:
        """learned_at: when the last learning began. confirmed: keys of labels that were confirmed. Both read files."""
        super().__init__(parent)
        self._collection, self._model = collection, model
        self._learned_at, self._read_confirmed = learned_at, confirmed
        self._worker = Background(self)
        self._checker = Checker(judge, cache / "collection-checks.json", self)
        self._checker.found.connect(self._on_found)
        self._checker.damaged.connect(self._on_damaged)
        self._checker.progressed.connect(self._on_progressed)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._search)
        self._items: dict[str, Item] = {}
        self._gone: dict[str, int] = {}
        self._checks = Checks()
        self._suspicions: dict[str, Suspicion] = {}
        self._confirmed: frozenset[str] = frozenset()
        self._filter = Filter()
        self._learned = 0.0
        self._is_searching, self._searched_at = False, 0.0
        self._is_loading = self._has_ended = False
        self.damaged: list[str] = []
        self.has_loaded = False

    @property
    def items(self) -> list[Item]:
        """All of them."""
        return list(self._items.values())

    @property
    def filter(self) -> Filter:
        return self._filter

    @property
    def facts(self) -> Facts:
        return Facts(self._learned, {key: one.score for key, one in self._suspicions.items()})

    @property
    def counts(self) -> Counter[Group | int]:
        return group_counts(self.items, self.facts)

    def suspicion(self, item: Item) -> Suspicion | None:
        return self._suspicions.get(key_of(item))

    def load(self) -> None:
        """Read the stores anew."""
        if self._is_loading or self._has_ended:
            return
        self._is_loading = True

        def work() -> tuple[list[Item], list[str], float, frozenset[str]]:
            return *self._collection.load(), self._learned_at(), self._read_confirmed()

        self._worker.run(work, lambda result: self._on_loaded(*result), self._on_failed)

    def show(self, wanted: Filter) -> None:
        """Show what this filter lets through."""
        self._filter = wanted
        self._show()

    def check(self) -> None:
        """Look for likely mistakes; what is known already is not looked at again."""
        if self._has_ended:
            return
        self._checker.start(self.items, self._checks)

    def check_anew(self) -> None:
        """The models are others."""
        self._checks = Checks(self._checks.prints)
        self.check()

    def stop_checking(self) -> None:
        self._checker.stop()

    def apply(self, changes: Sequence[Change], *, undone: bool) -> None:
        """Entries came and went; what was relabelled stays where it stands."""
        steps = [
            (change.added, change.removed) if undone else (change.removed, change.added) for change in changes
        ]
        items = [([Item.of(e) for e in removed], [Item.of(e) for e in added]) for removed, added in steps]
        if len(items) > _MANY:
            self._apply_at_once(items)
        else:
            for removed, added in items:
                self._apply(removed, added)
        self.counts_changed.emit()
        self._settle.start()

    def confirm(self, keys: Iterable[str], *, undone: bool) -> None:
        self._confirmed = self._confirmed - set(keys) if undone else self._confirmed | set(keys)
        self._settle.start()

    def shut_down(self) -> None:
        # What the threads told last may still be on its way.
        self._has_ended = True
        self._settle.stop()
        self._checker.shut_down()
        self._worker.shut_down()

    def _apply_at_once(self, changes: list[tuple[list[Item], list[Item]]]) -> None:
        """Replace many items at once; the view gets one signal."""
        replaced: dict[str, Item] = {}
        is_restored = False
        for removed, added in changes:
            pairs = _pairs(removed, added)
            replaced |= pairs
            for old in removed:
                self._items.pop(key_of(old), None)
            for new in added:
                self._items[key_of(new)] = new
            for key, new in pairs.items():
                self._inherit(key, key_of(new))
            is_restored |= len(added) > len(pairs)
        if is_restored:
            self._show()
        else:
            rows = [replaced.get(key_of(item), item) for item in self._model.items]
            self._model.set_items([item for item in rows if key_of(item) in self._items])

    def _apply(self, removed: list[Item], added: list[Item]) -> None:
        pairs = _pairs(removed, added)
        for old in removed:
            key = key_of(old)
            new = pairs.get(key)
            self._items.pop(key, None)
            if new is not None:
                self._items[key_of(new)] = new
                self._inherit(key, key_of(new))
                if self._model.row_of(key) >= 0:
                    self._model.replace(key, new)
            elif self._model.row_of(key) >= 0:
                self._gone[key] = self._model.remove(key)
        taken = {key_of(new) for new in pairs.values()}
        for new in reversed(added):
            key = key_of(new)
            if key not in taken:
                self._items[key] = new
                if key in self._gone:
                    self._model.insert(self._gone.pop(key), new)

    def _inherit(self, old: str, new: str) -> None:
        """The picture is the same: what was seen there holds."""
        if old in self._checks.prints:
            self._checks.prints[new] = self._checks.prints[old]
        if old in self._checks.said:
            self._checks.said[new] = self._checks.said[old]

    def _show(self) -> None:
        self._gone.clear()
        self._model.set_items(shown_items(self.items, self._filter, self.facts))

    def _on_loaded(
        self, items: list[Item], damaged: list[str], learned: float, confirmed: frozenset[str]
    ) -> None:
        self._is_loading = False
        self.has_loaded = True
        self._items = {key_of(item): item for item in items}
        self._learned, self._confirmed, self.damaged = learned, confirmed, damaged
        self._show()
        self.loaded.emit()
        self.counts_changed.emit()
        self._settle.start()
        self.check()

    def _on_failed(self, error: Exception) -> None:
        self._is_loading = False
        self.failed.emit(sentence_of(error))

    def _on_found(self, checks: Checks) -> None:
        self._checks.prints.update(checks.prints)
        self._checks.said.update(checks.said)
        if not self._settle.isActive():
            self._settle.start()

    def _on_damaged(self, sentence: str) -> None:
        if sentence not in self.damaged:
            self.damaged.append(sentence)
            self.loaded.emit()

    def _on_progressed(self, done: int, of: int) -> None:
        self.checking.emit(done, of)

    def _search(self) -> None:
        """Find the likely mistakes of what was looked at; one search at a time."""
        if self._has_ended:
            return
        if self._is_searching:
            self._settle.start()
            return
        self._is_searching = True
        self._searched_at = time.monotonic()
        items, prints, said = self.items, dict(self._checks.prints), dict(self._checks.said)
        confirmed = self._confirmed
        self._worker.run(
            lambda: suspicions(items, prints, said, confirmed), self._on_suspicions, self._on_search_failed
        )

    def _on_suspicions(self, found: dict[str, Suspicion]) -> None:
        self._is_searching = False
        # Thousands of pictures take a while to compare: at most a third of a core goes into it.
        self._settle.setInterval(max(_SETTLE_MS, round(2000 * (time.monotonic() - self._searched_at))))
        if found == self._suspicions:
            return
        before, self._suspicions = self._suspicions, found
        self._model.set_suspicions(found)
        # What comes to light appears; what is put right stays in sight until another part is chosen.
        if self._filter.group is Group.MISTAKES:
            new = [
                key
                for key in found
                if key not in before and self._model.row_of(key) < 0 and key in self._items
            ]
            allowed = {
                key_of(item)
                for item in shown_items([self._items[key] for key in new], self._filter, self.facts)
            }
            for key in new:
                if key in allowed:
                    self._model.insert(len(self._model.items), self._items[key])
        self.counts_changed.emit()
        self.suspicions_changed.emit()

    def _on_search_failed(self, error: Exception) -> None:
        self._is_searching = False
        self.failed.emit(sentence_of(error))


def _pairs(removed: list[Item], added: list[Item]) -> dict[str, Item]:
    """What took the place of what, by the old keys."""
    # The digits of a number that were relabelled with it stand in the same order on both sides.
    if len(removed) == len(added):
        return dict(zip(map(key_of, removed), added, strict=True))
    return {key_of(removed[0]): added[0]} if removed and added else {}
