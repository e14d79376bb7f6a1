"""Names of data sources that changed: old recipes, run folders and commands keep working."""

from __future__ import annotations

RENAMED = {"nothing": "non-digits", "mine": "corrections"}
"""Old name → the name today."""


def source_name(name: str) -> str:
    """What a source is called today; names that never changed, and unknown ones, stay as they are."""
    return RENAMED.get(name, name)
