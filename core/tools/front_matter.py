"""The front matter of a model's card, which model hubs read: YAML between two lines of dashes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_FENCE = "---\n"


def front_matter(values: Mapping[str, Any]) -> str:
    """The block, its fences and an empty line after it.

    Values are written as JSON, which YAML contains; lists of tables, with one innermost table a line.
    """
    return _FENCE + "\n".join(_lines(values)) + "\n" + _FENCE + "\n"


def _lines(values: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, value in values.items():
        if not _is_list_of_tables(value):
            lines.append(f"{name}: {json.dumps(value, ensure_ascii=False)}")
            continue
        lines.append(f"{name}:")
        for item in value:
            if any(_is_list_of_tables(inner) and len(inner) > 1 for inner in item.values()):
                first, *rest = _lines(item)
                lines += [f"- {first}", *(f"  {line}" for line in rest)]
            else:
                lines.append(f"- {json.dumps(item, ensure_ascii=False)}")
    return lines


def _is_list_of_tables(value: Any) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and bool(value)
        and isinstance(value[0], Mapping)
    )


def without_front_matter(text: str) -> str:
    """A card from its title on."""
    if not text.startswith(_FENCE):
        return text
    _, fence, rest = text[len(_FENCE) :].partition("\n" + _FENCE)
    return rest.lstrip("\n") if fence else text
