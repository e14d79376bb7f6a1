"""The metadata of a recipe's fields: forms and checks need no lists of their own."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from core.base.errors import InputError


class RecipeError(InputError):
    """A value of a recipe is out of its range. `field` is the dotted name of the field at fault."""

    def __init__(self, field_name: str, message: str) -> None:
        super().__init__(f"{field_name}: {message}")
        self.field = field_name
        self.message = message


@dataclass(frozen=True)
class Setting:
    """What a form shows of one field. choices: all allowed values, where there are few. networks: those that it
    means something to; empty: to all."""

    label: str
    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


def setting(
    default: Any,
    label: str,
    help: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    networks: tuple[str, ...] = (),
) -> Any:
    """A dataclass field with its default and what a form shows of it."""
    meta = {"setting": Setting(label, help, unit, low, high, choices, networks)}
    return field(default=default, metadata=meta)


def setting_of(f: dataclasses.Field[Any]) -> Setting | None:
    """The form's view of a dataclass field; None where the form does not show it."""
    found = f.metadata.get("setting")
    assert found is None or isinstance(found, Setting)
    return found


def check_ranges(config: Any, prefix: str = "") -> None:
    """Raises RecipeError for the first field of a dataclass whose value its setting does not allow."""
    for f in dataclasses.fields(config):
        known = setting_of(f)
        if known is None:
            continue
        value = getattr(config, f.name)
        name = prefix + f.name
        if known.choices and value not in known.choices:
            raise RecipeError(name, f"“{value}” is not one of {', '.join(known.choices)}.")
        if isinstance(value, int | float) and not isinstance(value, bool):
            if value != value:
                raise RecipeError(name, "is not a number.")
            if known.low is not None and value < known.low:
                raise RecipeError(name, f"{value:g} is less than the smallest allowed, {known.low:g}.")
            if known.high is not None and value > known.high:
                raise RecipeError(name, f"{value:g} is more than the largest allowed, {known.high:g}.")
