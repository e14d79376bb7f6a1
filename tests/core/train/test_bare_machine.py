"""The detector and the line reader on a machine with nothing but what ships: no fonts, no data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from assets import MODELS
from core.base.paths import Places
from core.datasets import line_rows
from core.datasets.detector_scenes import load_scene_data
from core.evaluation import made_numbers
from core.recipes.recipe import recipe_named
from core.recipes.scenes import Scenes
from core.runs.folder import RunFolder
from core.synthesis.lines.rows import KINDS
from core.train.detector import report as detector_report
from core.train.line.report import read_validation

CONFIG = Scenes(fonts=16)


@pytest.fixture(autouse=True)
def _no_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.loaders.font_files.font_folders", list)


def test_scenes_are_made_of_shipped_fonts_and_handwriting(places: Places) -> None:
    data = load_scene_data(recipe_named("detector").sources, CONFIG, places, "train")
    assert data.counts["scenes"] == 16
    assert len(data.assets.handwriting) == 1
    assert set(data.shares) == {"scenes"}
    assert any("svhn" in note for note in data.notes)
    batch = data.batch(1, 0, 4)
    assert batch.images.shape[0] == 4
    assert (batch.labels <= 9).any()


def test_a_detector_is_tested_on_made_numbers_and_says_what_is_missing(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_numbers, "_LOOKS", Scenes(size=160, fonts=16))
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    shutil.copy(MODELS / "detector.onnx", run.best_onnx)
    evaluated, figures, missing = detector_report.run_detector_test_phase(run, places, 3)
    assert [(event.source, event.n) for event in evaluated] == [("made-numbers", 3)]
    assert set(figures) == {"made-numbers"}
    assert "signs" in missing
    body = json.loads(run.test.read_text("utf-8"))
    assert body["not_measured"] == missing
    assert body["sources"]["made-numbers"]["n"] == 3


def test_the_shipped_reader_reads_the_rows_of_the_test_phase(
    places: Places, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The strips are cut as live ones are: what reads well there reads well here."""
    monkeypatch.setattr(line_rows, "TEST_ROWS", 20)
    run = RunFolder(tmp_path)
    shutil.copy(MODELS / "line.onnx", run.best_onnx)
    evaluated, sources, figures, missing = read_validation(run, places)
    assert {e.source for e in evaluated} == set(sources) == set(figures) == set(KINDS)
    accuracy = {e.source: e.accuracy for e in evaluated}
    assert np.mean(list(accuracy.values())) > 0.8, accuracy
    assert min(accuracy.values()) >= 0.6, accuracy
    assert "wagon-numbers" in missing
