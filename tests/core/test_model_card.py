"""The card of a model says what a reader needs to believe it and to make it again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core import checkpoint, events
from core.errors import InputError
from core.evaluate import evaluate_predictions
from core.model_card import card, changes, summary
from core.recipes import recipe_named
from core.runs import EventLog, RunFolder


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
    assert summary(run, found)["figures"]["mnist"] == {"n": 4, "accuracy": 0.75, "interval95": [0.30064, 0.95441]}


def test_an_unfinished_run_has_no_card(run: RunFolder, tmp_path: Path) -> None:
    lines = run.events.read_text().splitlines(keepends=True)
    run.events.write_text(lines[0])
    with pytest.raises(InputError, match="not a finished run"):
        card(tmp_path / "m.onnx", run, {}, [])


def test_a_recipe_as_it_is_has_no_changes() -> None:
    assert changes(recipe_named("general").to_dict()) == []
