"""Recipes check themselves and travel as JSON."""

from __future__ import annotations

import dataclasses
import json

import pytest

from core.recipes.recipe import (
    RECIPES,
    Augmentation,
    Recipe,
    RecipeError,
    fits_network,
    parse_recipe,
    recipe_named,
    setting_of,
)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_every_recipe_survives_the_journey_through_a_file(recipe: Recipe) -> None:
    assert parse_recipe(json.dumps(recipe.to_dict())) == recipe


@pytest.mark.parametrize("config", [Recipe, Augmentation])
def test_every_number_has_a_label_help_and_range(config: type) -> None:
    for f in dataclasses.fields(config):
        if f.type in ("int", "float"):
            setting = setting_of(f)
            assert setting is not None, f.name
            assert setting.label
            assert setting.help.endswith(".")
            assert setting.low is not None
            assert setting.high is not None


def test_strings_become_what_the_fields_want() -> None:
    changed = recipe_named("quick").with_values(
        {
            "epochs": "3",
            "learning_rate": "1e-4",
            "augmentation.rotate": "5",
            "random_splits": "yes",
            "sources.meter": "0.5",
        }
    )
    assert (changed.epochs, changed.learning_rate, changed.augmentation.rotate) == (3, 1e-4, 5.0)
    assert changed.random_splits is True
    assert changed.sources["meter"] == 0.5


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_recipe_survives_being_flattened_to_text(recipe: Recipe) -> None:
    assert Recipe.from_flat(recipe.flat()) == recipe
    texts = {name: f"{value}" for name, value in recipe.flat().items()}
    assert Recipe.from_flat(texts) == recipe


def test_changes_from_a_recipe_make_the_changed_one_again() -> None:
    quick = recipe_named("quick")
    changed = quick.with_values(
        {"epochs": 3, "sources.svhn": 0, "sources.meter": 0.1, "augmentation.rotate": 1}
    )
    assert changed.changes_from(quick) == {
        "sources.svhn": 0.0, "sources.meter": 0.1, "epochs": 3, "augmentation.rotate": 1.0,
    }  # fmt: skip
    assert quick.with_values(changed.changes_from(quick)) == changed
    detector = recipe_named("detector")
    assert detector.with_values({"augmentation.rotate": 9}).changes_from(detector) == {}


def test_values_fit_the_networks_that_use_them() -> None:
    assert fits_network("augmentation.rotate", "seed")
    assert not fits_network("augmentation.rotate", "line")
    assert fits_network("scenes.tilt", "detector")
    assert not fits_network("scenes.tilt", "line")
    assert not fits_network("dropout", "detector")
    assert fits_network("epochs", "line")


def test_old_names_of_sources_still_name_them() -> None:
    recipe = recipe_named("finetune")
    old = recipe.to_dict()
    old["sources"] = {
        {"corrections": "mine", "non-digits": "nothing"}.get(k, k): v for k, v in recipe.sources.items()
    }
    assert parse_recipe(json.dumps(old)) == recipe
    changed = recipe.with_values({"sources.nothing": "0.2", "sources.mine": 0.4})
    assert changed.sources["non-digits"] == 0.2
    assert changed.sources["corrections"] == 0.4
    assert set(changed.sources) == set(recipe.sources)
    assert changed.value("sources.nothing") == 0.2


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("epochs", "2.5", "not a whole number"),
        ("epochs", "many", "is not a number"),
        ("learning_rate", "nan", "is not a number"),
        ("learning_rate", "7", "more than the largest allowed, 1"),
        ("augmentation.rotate", "-1", "less than the smallest allowed, 0"),
        ("network", "brain", "not one of seed, general"),
        ("random_splits", "perhaps", "neither true nor false"),
        ("sources.mnist", "-1", "not a share"),
        ("colour", "red", "no such field"),
        ("augmentation.colour", "red", "no such field"),
        ("wings.left", "1", "no such field"),
        ("sources", "1", "a table of values"),
    ],
)
def test_a_wrong_value_names_the_field_at_fault(name: str, value: str, sentence: str) -> None:
    with pytest.raises(RecipeError, match=sentence) as caught:
        recipe_named("general").with_values({name: value})
    assert caught.value.field == name


def test_a_recipe_needs_sources_and_a_background() -> None:
    with pytest.raises(RecipeError, match="every share is 0"):
        Recipe(name="x", summary="", sources={"mnist": 0.0})
    with pytest.raises(RecipeError, match="at least one background"):
        Augmentation(background_simple=0)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"name": "x", "summary": "", "augmentation": 3}'])
def test_a_damaged_file_is_refused(text: str) -> None:
    with pytest.raises(RecipeError):
        parse_recipe(text)


def test_a_calmer_augmentation_is_the_same_at_one_and_off_at_nought() -> None:
    strong = recipe_named("general").augmentation
    off = strong.calmer(0.0)
    assert strong.calmer(1.0) == strong
    assert (off.rotate, off.zoom_min, off.zoom_max, off.noise, off.contrast_min) == (0, 1, 1, 0, 1)
    assert off.background_photo == strong.background_photo
    half = strong.calmer(0.5)
    assert half.rotate == strong.rotate / 2
    assert half.zoom_min == pytest.approx((1 + strong.zoom_min) / 2)
