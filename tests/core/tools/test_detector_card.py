"""The detector's card: figures as measured, how to train it again, and what a reader must know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.recipes.recipe import recipe_named
from core.tools.detector_card import card, figures_table, main


def about(**changed: str) -> dict[str, Any]:
    recipe = recipe_named("detector").with_values(changed)
    return {
        "recipe": "detector", "date": "2026-01-02", "revision": "abc", "seed": 1, "images": 300_000,
        "settings": json.dumps(recipe.to_dict()), "sources": {"scenes": 900},
    }  # fmt: skip


FOUND = {
    "svhn": {
        "accuracy": 0.75, "interval95": [0.6, 0.85], "n": 56, "false_numbers": 1234, "ece": 0.05, "detection_f1": 0.913,
        "reported_f1": 0.87,
    },
    "signs": {"accuracy": 0.9, "interval95": [0.74, 0.97], "n": 30, "false_numbers": 2, "ece": None},
}  # fmt: skip


def test_figures_stand_in_a_table() -> None:
    rows = figures_table(FOUND)[2:]
    assert (
        rows[0]
        == "| SVHN photos 201 to 256 | 75.00% | 60.00% to 85.00% | 56 | 1,234 | 0.050 | 0.913 | 0.870 |"
    )
    assert rows[1].endswith("| 30 | 2 | – | – | – |")


def test_the_card_says_how_to_train_it_again(tmp_path: Path) -> None:
    model = tmp_path / "detector.onnx"
    model.write_bytes(b"12345")
    plain = card(model, about(), FOUND)
    assert "gnc train --recipe detector --data-dir DATA --out RUNS" in plain
    assert "started from" not in plain
    second = card(model, about(start_from="shipped", epochs="12"), FOUND, "Chosen on dev.")
    assert "--set start_from=shipped" in second
    assert "--set epochs=12" in second
    assert "It started from the detector that was shipped at that revision." in second
    assert second.endswith("\nChosen on dev.\n")


def test_a_missing_run_is_told_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "detector.onnx"), "--run", str(tmp_path / "run")]) == 2
    assert capsys.readouterr().err.startswith("core.tools.detector_card: ")
