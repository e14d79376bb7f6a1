"""A recipe's paths and its own folder's share, before it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.recipes.recipe import SHIPPED, ready_to_run, recipe_named


def test_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = recipe_named("quick").with_values({"data_folder": "digits", "start_from": "run/best_model.pt"})
    ready = ready_to_run(recipe)
    assert ready.data_folder == str(tmp_path / "digits")
    assert ready.start_from == str(tmp_path / "run" / "best_model.pt")
    assert ready_to_run(ready) == ready


def test_a_named_folder_counts_as_much_as_the_largest_source() -> None:
    quick = recipe_named("quick")
    ready = ready_to_run(quick.with_values({"data_folder": "/digits"}))
    assert ready.sources["folder"] == max(quick.sources.values())


def test_a_share_that_was_given_stays_and_a_detector_gets_none() -> None:
    quick = recipe_named("quick").with_values({"data_folder": "/digits", "sources.folder": 0})
    assert ready_to_run(quick).sources["folder"] == 0
    detector = recipe_named("detector").with_values({"data_folder": "/digits"})
    assert "folder" not in ready_to_run(detector).sources
    assert ready_to_run(recipe_named("finetune")).start_from == SHIPPED
    assert ready_to_run(recipe_named("quick")) is recipe_named("quick")
