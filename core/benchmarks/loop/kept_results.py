"""What `gnc bench loop` has measured is kept, so that one that was stopped goes on where it was.

<cache>/bench/loop/<key>.json   one learning's result; the key tells all that it hangs on
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import DataError
from core.base.files import read_json, write_json
from core.base.paths import Places
from core.recipes.recipe import Recipe

FOLDER = ("bench", "loop")
VERSION = 2
"""Of what is kept: another way of measuring begins anew."""


@dataclass(frozen=True)
class KeptResults:
    """The folder of the results. It need not exist."""

    folder: Path

    @classmethod
    def within(cls, places: Places) -> KeptResults:
        return cls(places.cache.joinpath(*FOLDER))

    def result(self, facts: Mapping[str, Any], measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The result that was kept under these facts, or what `measure` finds now, which is kept.

        facts: all that it hangs on, as JSON can hold it.
        """
        path = self.folder / f"{key_of(facts)}.json"
        with contextlib.suppress(DataError, KeyError, TypeError):
            found: dict[str, Any] = read_json(path)["result"]
            return found
        result = measure()
        with contextlib.suppress(OSError):  # a full disk must not lose what is measured for the table
            write_json(path, {"facts": dict(facts), "result": result})
        return result


def key_of(facts: Mapping[str, Any]) -> str:
    text = json.dumps({"version": VERSION, **facts}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def facts_of(recipe: Recipe, model: Path) -> dict[str, Any]:
    """What a learning hangs on besides its corrections: its recipe, and the content of the model it starts from."""
    return {"recipe": recipe.to_dict(), "model": hashlib.sha256(model.read_bytes()).hexdigest()[:20]}
