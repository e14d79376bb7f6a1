"""The values of recipes by their dotted names: what each is called, how it is written, in what two recipes differ."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.recipes.recipe import Augmentation, Recipe, Scenes, Setting, setting_of
from training.runs.model_cards import title_of
from training.ui import wording

_GROUPS: dict[str, type[Augmentation] | type[Scenes]] = {"augmentation": Augmentation, "scenes": Scenes}


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
        return f"Share of {title_of(last)}"
    return next((setting.label for known, setting, _ in settings() if known == name), _plain(last))


def value_text(recipe: Recipe, name: str) -> str:
    """A value in words: “0.5”, “yes”, “–” for an empty text."""
    value = original(recipe, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return wording.setting(value) or wording.NONE


def value_names(recipes: Sequence[Recipe]) -> list[str]:
    """Every value of the recipes by its dotted name, in the order of the form, but for name and summary."""
    found = []
    for f in dataclasses.fields(Recipe):
        if f.name == "sources":
            names = dict.fromkeys(source for recipe in recipes for source in recipe.sources)
            found += [f"sources.{name}" for name in names]
        elif f.name in _GROUPS:
            found += [f"{f.name}.{inner.name}" for inner in dataclasses.fields(_GROUPS[f.name])]
        elif f.name not in ("name", "summary"):
            found.append(f.name)
    return found


def differing(base: Recipe, other: Recipe) -> list[str]:
    """The dotted names of the values in which a recipe differs from another, in the order of the form."""
    return [name for name in value_names([base, other]) if original(base, name) != original(other, name)]


@dataclass(frozen=True)
class Difference:
    """One row of the table that compares recipes: a dotted field name and each recipe's value as text."""

    field: str
    label: str
    values: tuple[str, ...]


def recipe_differences(recipes: Sequence[Recipe]) -> list[Difference]:
    """The fields in which the recipes are not all alike, in the order of the form."""
    rows = []
    for name in ["name", *value_names(recipes)]:
        values = tuple(value_text(recipe, name) for recipe in recipes)
        if len(set(values)) > 1:
            rows.append(Difference(name, label_of(name), values))
    return rows


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()
