"""A recipe being changed: what is changed, what is wrong, what can be put back."""

from __future__ import annotations

import dataclasses

from core.recipes.recipe import RECIPES, recipe_named, recipe_settings
from training.recipe_form.draft import Draft, as_text, label_of, range_text

QUICK = recipe_named("quick")


def test_the_recipes_own_value_is_no_change() -> None:
    draft = Draft(QUICK).with_value("learning_rate", f"{QUICK.learning_rate:.0e}")
    assert not draft.changes
    assert draft.check().recipe == QUICK


def test_changes_are_kept_as_typed_and_put_back() -> None:
    draft = Draft(QUICK).with_value("epochs", "7").with_value("augmentation.rotate", 20.0)
    assert draft.is_changed("epochs")
    assert draft.value("epochs") == "7"
    recipe = draft.check().recipe
    assert recipe is not None
    assert (recipe.epochs, recipe.augmentation.rotate) == (7, 20.0)
    assert draft.put_back("epochs").changes == {"augmentation.rotate": 20.0}
    assert not draft.put_back().changes


def test_every_wrong_value_is_marked() -> None:
    draft = (
        Draft(QUICK)
        .with_value("learning_rate", "abc")
        .with_value("batch_size", "1")
        .with_value("epochs", "2.5")
        .with_value("seed", "inf")
        .with_value("sources.mnist", "-1")
    )
    checked = draft.check()
    assert checked.recipe is None
    assert checked.problems.keys() == {"learning_rate", "batch_size", "epochs", "seed", "sources.mnist"}
    assert checked.problems["learning_rate"] == "“abc” is not a number."
    assert "smallest allowed, 2" in checked.problems["batch_size"]


def test_what_is_wrong_only_together_is_found() -> None:
    draft = Draft(QUICK)
    for name in QUICK.sources:
        draft = draft.with_value(f"sources.{name}", "0")
    assert draft.check().problems.keys() == {"sources"}


def test_what_is_wrong_only_alone_is_right_together() -> None:
    base = dataclasses.replace(QUICK, sources={"mnist": 1.0})
    draft = Draft(base).with_value("sources.mnist", "0").with_value("sources.svhn", "1")
    recipe = draft.check().recipe
    assert recipe is not None
    assert recipe.sources == {"mnist": 0.0, "svhn": 1.0}


def test_all_settings_of_all_recipes_can_be_shown() -> None:
    names = [name for name, _, _ in recipe_settings()]
    assert len(names) == len(set(names))
    for recipe in RECIPES.values():
        for name in names:
            draft = Draft(recipe).with_value(name, as_text(recipe.value(name)))
            assert not draft.changes or isinstance(recipe.value(name), bool), name
    assert QUICK.value("sources.nowhere") == 0.0


def test_words_about_a_field() -> None:
    described = {name: setting for name, setting, _ in recipe_settings()}
    assert range_text(described["augmentation.rotate"]) == "0 to 180 °"
    assert label_of("augmentation.rotate") == "Rotate"
    assert label_of("sources.mnist") == "Share of MNIST"
