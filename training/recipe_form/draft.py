"""A recipe being changed by hand: what was typed, what of it is wrong and why. Pure; forms show it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.base.errors import InputError
from core.recipes.recipe import Augmentation, Recipe, RecipeError, Scenes, Setting, setting_of


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
        return self.changes[name] if name in self.changes else original(self.base, name)

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


def original(recipe: Recipe, name: str) -> Any:
    """The value of a field by its dotted name; a source that is not in the mixture has the share 0."""
    group, _, last = name.rpartition(".")
    if group == "sources":
        return recipe.sources.get(last, 0.0)
    return getattr(getattr(recipe, group) if group else recipe, last)


def settings() -> Iterator[tuple[str, Setting, Any]]:
    """Every field a form shows: dotted name, its description and its type's default."""
    for prefix, cls in (("", Recipe), ("augmentation.", Augmentation), ("scenes.", Scenes)):
        for f in dataclasses.fields(cls):
            setting = setting_of(f)
            if setting is not None:
                yield prefix + f.name, setting, f.default


def label_of(name: str) -> str:
    """What a form calls a field, for sentences about it."""
    group, _, last = name.rpartition(".")
    if group == "sources":
        return f"Share of {last}"
    return next((setting.label for known, setting, _ in settings() if known == name), last.capitalize())


def as_text(value: Any) -> str:
    """A value as it stands in an editor: 0.003, 256, 1e-07."""
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def range_text(setting: Setting) -> str:
    """“0 to 180 °”, or what is allowed at one end only."""
    unit = f" {setting.unit}" if setting.unit else ""
    if setting.low is not None and setting.high is not None:
        return f"{_bound(setting.low)} to {_bound(setting.high)}{unit}"
    if setting.low is not None:
        return f"at least {_bound(setting.low)}{unit}"
    return f"at most {_bound(setting.high)}{unit}" if setting.high is not None else ""


def _bound(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e12 else f"{value:g}"


def _same(recipe: Recipe, name: str, value: Any) -> bool:
    """Whether a value, typed or not, is the one the recipe has already."""
    old = original(recipe, name)
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
