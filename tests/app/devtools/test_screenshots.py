"""The command that takes the README's pictures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.devtools import screenshots
from app.services.model_files import SHIPPED, SHIPPED_DETECTOR
from core.base.paths import Places
from core.collection.learnings import LearningLog, Result
from core.reading.strokes import Stroke

needs_models = pytest.mark.skipif(
    not (SHIPPED.is_file() and SHIPPED_DETECTOR.is_file()), reason="the shipped models are not there yet"
)


@pytest.mark.slow
@needs_models
def test_each_page_is_shown_in_light_and_dark(tmp_path: Path) -> None:
    log = LearningLog.within(Places.find(home=tmp_path / "home").corrections)
    log.begin({"finetune-1": Result()})
    log.note(
        "finetune-1", sentence="About as good as the present model.", lines=("MNIST: 99% → 99%",), used=False
    )
    done = subprocess.run(
        [
            sys.executable, "-m", "app.devtools.screenshots", "--out", str(tmp_path), "--learned",
            str(tmp_path / "home"),
        ],
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = [
        f"{page}-{theme}.png"
        for page in ("draw", "photos", "review", "camera", "corrections", "learned")
        for theme in ("light", "dark")
    ]
    assert done.stdout.splitlines() == [str(tmp_path / name) for name in names]
    for name in names:
        picture = QImage(str(tmp_path / name))
        own = {
            "draw": screenshots.DRAW_SIZE,
            "corrections": screenshots.COLLECTION_SIZE,
            "learned": screenshots.LEARNED_SIZE,
        }
        size = own.get(name.split("-")[0], screenshots.PICTURE_SIZE)
        assert (picture.width(), picture.height()) == size
        corner = picture.pixelColor(picture.width() - 3, 60).lightness()
        assert corner < 60 if "dark" in name else corner > 200


@needs_models
def test_what_is_drawn_reads_1824(tmp_path: Path) -> None:
    from app.draw.drawing import Drawing
    from app.draw.drawing_reader import read_drawing
    from app.services.models import ModelService
    from app.services.settings import Settings

    strokes = tuple(
        Stroke(tuple((2.5 * x, 2.5 * y) for x, y in points), 16.0) for points in screenshots.handwriting()
    )
    models = ModelService(Settings(tmp_path))
    reader = models.drawing_reader()
    assert reader is not None
    reading = read_drawing(reader, Drawing(strokes))
    models.shut_down()
    assert [n.text for n in reading.numbers] == ["1824"]


def test_what_is_no_run_is_said_before_anything_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    out = tmp_path / "out"
    assert screenshots.main(["--out", str(out), "--run", str(tmp_path)]) == 2
    assert "is no run" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.slow
def test_the_training_window_shows_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: object
) -> None:
    from PySide6.QtWidgets import QApplication

    from core.base.paths import Places
    from core.recipes.recipe import recipe_named

    assert isinstance(qapp, QApplication)
    run = tmp_path / "general-1"
    run.mkdir()
    (run / "recipe.json").write_text(json.dumps(recipe_named("general").to_dict()))
    (run / "events.jsonl").write_text("")
    before = qapp.palette()
    photographer = screenshots.Photographer(qapp, tmp_path)
    try:
        screenshots.show_training(photographer, Places.find(home=tmp_path / "home"), run)
    finally:
        qapp.setPalette(before)
    assert [path.name for path in photographer.taken] == ["training-light.png", "training-dark.png"]


def test_a_home_without_a_learning_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert screenshots.main(["--out", str(tmp_path / "out"), "--learned", str(tmp_path)]) == 2
    assert "Nothing was learned from corrections in" in capsys.readouterr().err
