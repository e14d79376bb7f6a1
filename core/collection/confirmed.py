"""Labels that a person confirmed although something speaks against them: `mine/confirmed.json`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.base.errors import DataError
from core.base.files import read_json, write_json

FILE = "confirmed.json"


class Confirmed:
    """The keys (`core.collection.items.key_of`) of what was confirmed; a new label is a new key."""

    def __init__(self, corrections: Path) -> None:
        self._path = corrections / FILE

    def keys(self) -> frozenset[str]:
        """Empty where there are none, or the file is damaged: the worst is a second question."""
        try:
            found = read_json(self._path)
        except DataError:
            return frozenset()
        return frozenset(map(str, found)) if isinstance(found, list) else frozenset()

    def change(self, keys: Sequence[str], *, undone: bool = False) -> None:
        """Add keys, or take them out again. Raises OSError where the file can't be written."""
        known = self.keys()
        write_json(self._path, sorted(known - set(keys) if undone else known | set(keys)))
