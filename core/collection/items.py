"""Everything that was collected, digits and numbers side by side: to look through, to relabel, to delete, to undo."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from core.base.errors import InputError
from core.collection.numbers import LabelledNumber, NumberStore, checked_number
from core.loaders.number_photos import digits_in
from core.loaders.user_digits import UserDigit, UserDigitStore, folder_of
from core.reading.types import NOT_A_DIGIT

What = Literal["digit", "number"]


@dataclass(frozen=True)
class Item:
    """One labelled digit or number, as people look at it.

    text: “7”, “12B”, "" for none. Times are seconds since the epoch; `added` is when it came here.
    """

    what: What
    id: str
    text: str
    kind: str
    was_read: str
    model: str
    time: float
    added: float
    source_file: str
    entry: UserDigit | LabelledNumber

    @classmethod
    def of(cls, entry: UserDigit | LabelledNumber) -> Item:
        """The item of an entry of a store."""
        if isinstance(entry, UserDigit):
            text = "" if entry.label == NOT_A_DIGIT else folder_of(entry.label)
            origin = entry.origin
            return cls(
                "digit", entry.id, text, entry.kind, origin.was_read, origin.model, entry.created, entry.added,
                origin.source_file, entry,
            )  # fmt: skip
        return cls(
            "number", entry.id, entry.written, entry.kind, entry.was_read, entry.model, entry.time, entry.added,
            entry.source_file, entry,
        )  # fmt: skip

    @property
    def picture(self) -> Path:
        return self.entry.png_path if isinstance(self.entry, UserDigit) else self.entry.picture

    @property
    def words(self) -> str:
        """What it was labelled as, for people."""
        return self.text or f"no {self.what}"


@dataclass(frozen=True)
class Change:
    """Entries that came and entries that went, in one step."""

    removed: tuple[UserDigit | LabelledNumber, ...] = ()
    added: tuple[UserDigit | LabelledNumber, ...] = ()


class Collection:
    """The stores of digits and numbers in one folder of corrections, as one."""

    def __init__(self, corrections: Path) -> None:
        self.folder = corrections
        self._digits, self._numbers = UserDigitStore(corrections), NumberStore.within(corrections)

    def count(self) -> int:
        """How many digits and numbers there are; quick for thousands."""
        return self._digits.count() + self._numbers.count()

    def load(self) -> tuple[list[Item], list[str]]:
        """All that can be read, oldest first, and a sentence each of what is damaged."""
        digits, bad = self._digits.entries_and_damaged()
        numbers, sentences = self._numbers.entries()
        items = [*map(Item.of, digits), *map(Item.of, numbers)]
        return sorted(items, key=lambda item: (item.time, item.id)), [*bad.values(), *sentences]

    @staticmethod
    def check(item: Item, text: str) -> None:
        """Raises InputError where the text is no label of such an item."""
        if item.what == "digit":
            digit_label(text)
        else:
            checked_number(text)

    def relabel(self, item: Item, text: str, parts: Sequence[UserDigit] = ()) -> Change:
        """The same picture under another label.

        parts: the digits that were kept of a number (`parts_by_number`): they follow it, or go where they can't be
        matched with its digits.

        Raises InputError where the text is no label, DataError where the entry is damaged, FailureError where the
        folder can't be written.
        """
        if isinstance(item.entry, UserDigit):
            return Change((item.entry,), (self._digits.relabel(item.entry, digit_label(text)),))
        digits = digits_in(checked_number(text))
        new = self._numbers.relabel(item.entry, text)
        done = Change((item.entry,), (new,))
        try:
            known = "".join(str(part.label) for part in parts) == digits_in(item.text)
            is_matched = known and len(digits) == len(parts)
            for place, part in enumerate(parts):
                if is_matched:
                    digit = self._digits.relabel(part, int(digits[place]), number=new.id)
                    done = Change((*done.removed, part), (*done.added, digit))
                else:
                    self._digits.remove(part)
                    done = replace(done, removed=(*done.removed, part))
        except Exception:
            self.undo(done)
            raise
        return done

    def remove(self, item: Item, parts: Sequence[UserDigit] = ()) -> Change:
        """Move an entry to the trash, a number together with its digits. Raises FailureError."""
        done = Change()
        try:
            for entry in (item.entry, *parts):
                self._remove(entry)
                done = Change((*done.removed, entry))
        except Exception:
            self.undo(done)
            raise
        return done

    def undo(self, change: Change) -> None:
        """As it was before. Raises FailureError."""
        for entry in reversed(change.added):
            self._remove(entry)
        for entry in change.removed:
            self._restore(entry)

    def redo(self, change: Change) -> None:
        """As it was after. Raises FailureError."""
        for entry in change.removed:
            self._remove(entry)
        for entry in change.added:
            self._restore(entry)

    def _remove(self, entry: UserDigit | LabelledNumber) -> None:
        if isinstance(entry, UserDigit):
            self._digits.remove(entry)
        else:
            self._numbers.remove(entry)

    def _restore(self, entry: UserDigit | LabelledNumber) -> None:
        if isinstance(entry, UserDigit):
            self._digits.restore(entry)
        else:
            self._numbers.restore(entry)


def parts_by_number(items: Iterable[Item]) -> dict[str, list[UserDigit]]:
    """Of each labelled number the digits that were kept of it, in reading order."""
    found = defaultdict[str, list[UserDigit]](list)
    for item in items:
        if isinstance(item.entry, UserDigit) and item.entry.origin.number:
            found[item.entry.origin.number].append(item.entry)
    return {number: sorted(parts, key=lambda d: (d.created, d.id)) for number, parts in found.items()}


def digit_label(text: str) -> int:
    """0 to 9, NOT_A_DIGIT for nothing. Raises InputError."""
    text = text.strip()
    if text and (len(text) > 1 or text not in "0123456789"):
        raise InputError(f"“{text}” is no digit: give one from 0 to 9, or nothing for no digit.")
    return int(text) if text else NOT_A_DIGIT


class Group(Enum):
    """What of the collection is shown, beside single digits."""

    ALL = "all"
    NEW = "new"
    MISTAKES = "mistakes"
    DIGITS = "digits"
    NUMBERS = "numbers"
    NO_NUMBER = "no number"


class Order(Enum):
    """How it is sorted."""

    LABEL = "label"
    NEWEST = "newest"
    MISTAKES = "mistakes"


@dataclass(frozen=True)
class Filter:
    """What is looked for.

    group: a part of the collection, or a digit's label (NOT_A_DIGIT for none). words: all must be found in an item's
    label, what was read, its model or its file. kind: "drawing", "photo", "camera", "" for all.
    """

    group: Group | int = Group.ALL
    words: str = ""
    kind: str = ""
    order: Order = Order.LABEL


@dataclass(frozen=True)
class Facts:
    """What is known beside the items. learned_at: when the last learning began, 0 for never.

    suspicion: of each likely mistake (by `key_of`) how likely it is.
    """

    learned_at: float = 0.0
    suspicion: Mapping[str, float] = field(default_factory=dict)


def key_of(item: Item) -> str:
    """Tells items apart."""
    return f"{item.what} {item.id}"


def is_new(item: Item, facts: Facts) -> bool:
    """Whether nothing has learned from it yet."""
    return item.added > facts.learned_at


def shown_items(items: Sequence[Item], wanted: Filter, facts: Facts) -> list[Item]:
    """The items that a filter lets through, in its order."""
    words = wanted.words.casefold().split()
    found = [
        item for item in items
        if wanted.kind in ("", item.kind) and _in_group(item, wanted.group, facts)
        and all(word in _searched(item) for word in words)
    ]  # fmt: skip
    order: dict[Order, Callable[[Item], tuple[Any, ...]]] = {
        Order.LABEL: lambda item: (item.what, _sort_key(item.text), item.time, item.id),
        Order.NEWEST: lambda item: (-max(item.time, item.added), item.id),
        Order.MISTAKES: lambda item: (-facts.suspicion.get(key_of(item), 0.0), -item.time, item.id),
    }
    return sorted(found, key=order[wanted.order])


def group_counts(items: Sequence[Item], facts: Facts) -> Counter[Group | int]:
    """How many items each part has."""
    counts: Counter[Group | int] = Counter({Group.ALL: len(items)})
    for item in items:
        counts[Group.NEW] += is_new(item, facts)
        counts[Group.MISTAKES] += key_of(item) in facts.suspicion
        if item.what == "digit":
            counts[Group.DIGITS] += 1
            counts[digit_label(item.text)] += 1
        else:
            counts[Group.NUMBERS if item.text else Group.NO_NUMBER] += 1
    return counts


def _in_group(item: Item, group: Group | int, facts: Facts) -> bool:
    if isinstance(group, int):
        return item.what == "digit" and digit_label(item.text) == group
    if group is Group.NEW:
        return is_new(item, facts)
    if group is Group.MISTAKES:
        return key_of(item) in facts.suspicion
    if group is Group.DIGITS:
        return item.what == "digit"
    if group in (Group.NUMBERS, Group.NO_NUMBER):
        return item.what == "number" and bool(item.text) == (group is Group.NUMBERS)
    return True


def _searched(item: Item) -> str:
    return f"{item.words}\n{item.was_read}\n{item.model}\n{item.source_file}".casefold()


def _sort_key(text: str) -> tuple[bool, int, str, str]:
    """Numbers by their value, what has no number last."""
    digits = digits_in(text)
    return not text, len(digits.lstrip("0")), digits.lstrip("0"), text
