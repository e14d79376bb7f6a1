"""Which part of what was collected is held back from learning, to measure on: whole groups, never a piece of one.

A group is what belongs together: all that comes from one photo, all that one writer drew at once. A group's place
follows from its name alone, so it stays where it is while more is collected, and no model is measured on what an
earlier one learned from.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.collection.numbers import NumberStore
from core.loaders.user_digits import UserDigitStore

SHARE = 0.2
"""About so much is held back."""
LEAST_SHARE = 0.1
"""Of so much, at least, the held-back part consists, where there are several groups to choose from."""
LEAST = 5
"""With fewer items nothing is held back: all of them are needed for learning, and one or two tell nothing."""
MOST_SHARE = 0.5


def held_back(*kinds: Sequence[str]) -> frozenset[str]:
    """The groups that are held back.

    kinds: of each kind of item (digits, numbers) the group of every item. A group is held back for all kinds or for
    none. Where the names of the groups would leave less than half of a kind for learning, the largest go back to
    learning; where they leave a kind without a held-back part, the next groups in the order of their places join it.
    """
    held = {group for kind in kinds if len(kind) >= LEAST for group in kind if place_of(group) < SHARE}
    for kind in kinds:
        held -= _too_many(kind, held)
    for kind in kinds:
        held |= _missing(kind, held)
    return frozenset(held)


def place_of(group: str) -> float:
    """Where a group stands between 0 and 1, by its name."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") / 2**64


def _missing(kind: Sequence[str], held: Iterable[str]) -> set[str]:
    """The groups that must join those held back so that a kind of item has something to measure on."""
    sizes = Counter(kind)
    if len(kind) < LEAST or len(sizes) < 2:
        return set()
    known = set(held)
    count = sum(size for group, size in sizes.items() if group in known)
    joined: set[str] = set()
    for group in sorted(sizes, key=place_of):
        if count >= LEAST_SHARE * len(kind):
            break
        if group not in known and count + sizes[group] <= MOST_SHARE * len(kind):
            joined.add(group)
            count += sizes[group]
    return joined


def _too_many(kind: Sequence[str], held: Iterable[str]) -> set[str]:
    """The largest held-back groups of a kind of which less than half is left for learning."""
    sizes = Counter(kind)
    own = sorted(sizes.keys() & set(held), key=lambda group: (-sizes[group], place_of(group)))
    count, back = sum(sizes[group] for group in own), set[str]()
    for group in own:
        if count <= MOST_SHARE * len(kind):
            break
        back.add(group)
        count -= sizes[group]
    return back


def held_in(corrections: Path) -> frozenset[str]:
    """The groups that are held back of all digits and numbers in a folder of corrections."""
    digits = [entry.origin.group for entry in UserDigitStore(corrections).entries()]
    numbers, _ = NumberStore.within(corrections).entries()
    return held_back(digits, [entry.group for entry in numbers])
