"""A recipe being changed by hand: what was typed, what of it is wrong and why. Pure; forms show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.base.errors import InputError
from core.recipes.recipe import Recipe, RecipeError, Setting
from training.runs.recipe_values import label_of
from training.ui.wording import setting as as_text

__all__ = ["Checked", "Draft", "as_text", "label_of", "range_text"]


@dataclass(frozen=True)
class Checked:
    """The recipe of a draft, or why there is none. problems: a sentence a field, by its dotted name."""

    recipe: Recipe | None
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """A recipe and the changes to it. changes: dotted name → value as typed, where it differs from `base`."""

    base: Recipe
    changes: Mapping[str, Any] = field(default_factory=dict)

    def with_value(self, name: str, value: Any) -> Draft:
        """A draft with one field set to what was typed, right or wrong. The recipe's own value is none."""
        rest = {key: old for key, old in self.changes.items() if key != name}
        if _same(self.base, name, value):
            return Draft(self.base, rest)
        return Draft(self.base, rest | {name: value})

    def put_back(self, *names: str) -> Draft:
        """A draft without the changes of these fields; of all, where none are named."""
        return Draft(self.base, {k: v for k, v in self.changes.items() if names and k not in names})

    def value(self, name: str) -> Any:
        """What the field holds now, right or wrong."""
        return self.changes[name] if name in self.changes else self.base.value(name)

    def is_changed(self, name: str) -> bool:
        return name in self.changes

    def check(self) -> Checked:
        """Every field on its own first, so that each wrong one is marked; then all of them together."""
        problems = {}
        for name, value in self.changes.items():
            problem = _problem(self.base, {name: value}, name)
            if problem is not None:
                problems[problem[0]] = problem[1]
        if problems:
            # Two fields may be wrong alone but right together (all weight moved from one source to another).
            together = _problem(self.base, self.changes, next(iter(problems)))
            if together is not None:
                return Checked(None, problems | {together[0]: together[1]})
        try:
            return Checked(self.base.with_values(self.changes))
        except RecipeError as error:
            return Checked(None, {error.field: error.message})


def range_text(setting: Setting) -> str:
    """“0 to 180 °”, or what is allowed at one end only."""
    unit = f" {setting.unit}" if setting.unit else ""
    if setting.low is not None and setting.high is not None:
        return f"{as_text(setting.low)} to {as_text(setting.high)}{unit}"
    if setting.low is not None:
        return f"at least {as_text(setting.low)}{unit}"
    return f"at most {as_text(setting.high)}{unit}" if setting.high is not None else ""


def _same(recipe: Recipe, name: str, value: Any) -> bool:
    """Whether a value, typed or not, is the one the recipe has already."""
    old = recipe.value(name)
    if isinstance(old, bool) or isinstance(value, bool):
        return bool(old is value)
    if isinstance(old, int | float):
        try:
            return float(value) == float(old)
        except (TypeError, ValueError):
            return False
    return bool(str(value) == str(old))


def _problem(base: Recipe, changes: Mapping[str, Any], name: str) -> tuple[str, str] | None:
    try:
        base.with_values(changes)
    except RecipeError as error:
        return error.field, error.message
    except InputError as error:
        return name, str(error)
    return None
