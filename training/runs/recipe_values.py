"""The values of recipes by their dotted names: what each is called, how it is written, in what two recipes differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.recipes.recipe import Recipe, recipe_settings
from training.runs.model_cards import title_of
from training.ui import wording


def label_of(name: str) -> str:
    """What a form calls a field, for sentences about it."""
    group, _, last = name.rpartition(".")
    if group == "sources":
        return f"Share of {title_of(last)}"
    return next((setting.label for known, setting, _ in recipe_settings() if known == name), _plain(last))


def value_text(recipe: Recipe, name: str) -> str:
    """A value in words: “0.5”, “yes”, “–” for an empty text."""
    value = recipe.value(name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return wording.setting(value) or wording.NONE


def value_names(recipes: Sequence[Recipe]) -> list[str]:
    """Every value of the recipes by its dotted name, in the order of the form, but for name and summary."""
    names = dict.fromkeys(name for recipe in recipes for name in recipe.flat())
    return [name for name in names if name not in ("name", "summary")]


def differing(base: Recipe, other: Recipe) -> list[str]:
    """The dotted names of the values in which a recipe differs from another, in the order of the form."""
    return [name for name in value_names([base, other]) if base.value(name) != other.value(name)]


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
