"""The card of a model says what a reader needs to believe it and to make it again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assets import MODELS
from core.base.errors import InputError
from core.evaluation.metrics import evaluate_predictions
from core.recipes.recipe import recipe_named
from core.runs import events
from core.runs.folder import EventLog, RunFolder
from core.tools.classifier_card import card, changes, figures_of, main, measured_again
from core.train import checkpoint


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A finished run of `quick` with another seed, as far as a card looks at it."""
    folder = RunFolder.create(tmp_path, "quick")
    recipe = recipe_named("quick").with_values({"seed": 7, "sources.mnist": 0.5})
    about = {
        "network": "general", "recipe": "quick", "run": folder.name, "epoch": 8, "images": 96_000, "seed": 7,
        "revision": "abc123", "date": "2026-11-22", "settings": json.dumps(recipe.to_dict()),
        "sources": {"mnist": 55_000, "fonts": 10}, "temperature": 0.9,
    }  # fmt: skip
    checkpoint.save(folder.best, about)
    log = EventLog(folder)
    log.write(
        events.Started(
            run=folder.name, recipe="quick", pid=1, rank=0, processes=1, device="cpu (a processor)",
            precision="float32", why="", epoch=0, epochs=8, steps_per_epoch=10, images_per_step=128,
            parameters=611_300, sources={},
        )
    )  # fmt: skip
    log.write(events.Finished(epoch=8, best_epoch=7, best_dev_cost=0.1234, seconds=120.0))
    log.close()
    return folder


def test_a_card_has_figures_data_and_the_way_back(run: RunFolder, tmp_path: Path) -> None:
    model = tmp_path / "classifier.onnx"
    model.write_bytes(b"x" * 1000)
    right = np.eye(11, dtype=np.float32)[[1, 2, 3, 3]]
    found = {"mnist": evaluate_predictions(right, np.array([1, 2, 3, 4]))}
    text = card(model, run, found, ["DejaVu Sans"])
    assert "| MNIST, test images | 75.00% |" in text
    assert "gnc train --recipe quick --set sources.mnist=0.5 --set seed=7" in text
    assert "revision `abc123`" in text
    assert "up to epoch 7 of 8, 2 minutes" in text
    assert "| mnist | 55,000 |" in text
    assert "DejaVu Sans." in text
    assert figures_of(found)["mnist"] == {"n": 4, "accuracy": 0.75, "interval95": [0.30064, 0.95441]}


def test_the_figures_of_a_card_are_measured_again(run: RunFolder, tmp_path: Path) -> None:
    model = tmp_path / "classifier.onnx"
    model.write_bytes(b"x" * 1000)
    right = np.eye(11, dtype=np.float32)[[1, 2, 3, 3]]
    before, after = (
        {"mnist": evaluate_predictions(right, np.array([1, 2, 3, last]))} for last in (4, 3)
    )  # fmt: skip
    text = card(model, run, before, ["DejaVu Sans"])
    assert measured_again(text, after) == card(model, run, after, ["DejaVu Sans"])
    with pytest.raises(InputError, match="no table of figures"):
        measured_again("# A text", after)


@pytest.mark.parametrize("missing", [".md", ".json"])
def test_a_model_without_a_card_needs_its_run(
    missing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "seed.onnx"
    for suffix in (".onnx", ".md", ".json"):
        if suffix != missing:
            model.with_suffix(suffix).write_bytes((MODELS / "seed").with_suffix(suffix).read_bytes())
    assert main([str(model), "--data-dir", str(tmp_path)]) == 2
    assert f"seed{missing}" in capsys.readouterr().err
    assert model.read_bytes() == (MODELS / "seed.onnx").read_bytes()


def test_an_unfinished_run_has_no_card(run: RunFolder, tmp_path: Path) -> None:
    lines = run.events.read_text().splitlines(keepends=True)
    run.events.write_text(lines[0])
    with pytest.raises(InputError, match="not a finished run"):
        card(tmp_path / "m.onnx", run, {}, [])


def test_a_recipe_as_it_is_has_no_changes() -> None:
    assert changes(recipe_named("general").to_dict()) == []
