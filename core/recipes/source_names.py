"""Names of data sources that changed: old recipes, run folders and commands keep working."""

from __future__ import annotations

RENAMED = {"nothing": "non-digits", "mine": "corrections"}
"""Old name → the name today."""

LABELLED_NUMBERS = "corrections-numbers"
"""The numbers that a person labelled, and what was read wrongly where there is none."""
LABELLED_EMPTY = "corrections-empty"
"""Whole photos of which a person said that they show no number."""


def source_name(name: str) -> str:
    """What a source is called today; names that never changed, and unknown ones, stay as they are."""
    return RENAMED.get(name, name)
