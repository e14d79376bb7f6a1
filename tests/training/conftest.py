"""Runs made of events, and what stands in for the command line and the gallery's process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from core.base.files import write_json
from core.base.paths import Places
from core.recipes.recipe import Recipe, recipe_named
from core.runs import events
from core.runs.folder import RunFolder
from training.runs.launch import Commands
from training.runs.state import RunSnapshot, RunStateBuilder, RunView
from training.services.run_manager import Steering
from training.window.window import TrainingWindow

HERE = Path(__file__).parent
FAKE_TRAINER = HERE / "runs" / "fake_trainer.py"
FAKE_CLI = HERE / "fake_cli.py"
FAKE_GALLERY = HERE / "fake_gallery.py"
QUICK = Steering(grace=0.4, last_grace=0.4, at_once=0.3, max_running=2, gentle=False)

MakeView = Callable[..., RunView]
MakeRun = Callable[..., Path]
MakeWindow = Callable[..., TrainingWindow]


def history(epochs: int, *, of: int = 4, steps: int = 10, recipe: str = "quick") -> list[events.Event]:
    """What a run of `of` epochs has written after `epochs` of them."""
    found: list[events.Event] = [
        events.Started(
            run="r", recipe=recipe, pid=1, rank=0, processes=1, device="cpu (a processor)",
            precision="float32", why="There is no other.", epoch=0, epochs=of, steps_per_epoch=steps,
            images_per_step=8, parameters=1000, sources={"mnist": 100}, time=1000.0,
        )
    ]  # fmt: skip
    for epoch in range(1, epochs + 1):
        for step in range((epoch - 1) * steps + 1, epoch * steps + 1):
            found.append(
                events.Step(
                    step=step, epoch=epoch, train_cost=2 / step, learning_rate=1e-3,
                    images_per_second=1000.0, memory_mib=100.0, time=1000.0 + step,
                )
            )  # fmt: skip
        found.append(
            events.Epoch(
                epoch=epoch, step=epoch * steps, train_cost=2 / epoch, train_cost_measured=1.5 / epoch,
                train_accuracy=0.9, dev_cost=1 / epoch, dev_accuracy=1 - 0.2 / epoch,
                dev_accuracy_by_source={}, learning_rate=1e-3, seconds=10.0, best=True,
                train_accuracy_measured=1 - 0.1 / epoch, time=1000.0 + epoch * steps,
            )
        )  # fmt: skip
    return found


FINISHED = events.Finished(epoch=4, best_epoch=4, best_dev_cost=0.25, seconds=40.0, time=1050.0)
FAILED = events.Failed(
    kind="out_of_memory", message="The memory is used up; take half the batch.", details="Traceback …",
    time=1050.0,
)  # fmt: skip


@pytest.fixture
def make_view(tmp_path: Path) -> MakeView:
    """A view of a run by its events and facts."""

    def make(
        news: Sequence[events.Event] | None = None, *, name: str = "quick-1", recipe: Recipe | None = None,
        **facts: Any,
    ) -> RunView:  # fmt: skip
        fold = RunStateBuilder(tmp_path / "home" / "runs" / name)
        for event in history(2) if news is None else news:
            fold.add(event)
        known: dict[str, Any] = {"now": 1060.0, "recipe": recipe or recipe_named("quick")}
        return fold.view(RunSnapshot(**(known | facts)))

    return make


@pytest.fixture
def make_run(home: Path) -> MakeRun:
    """A run folder on disk, as one that is over left it."""

    def make(
        name: str = "quick-20260101-100000-aaaa", news: Sequence[events.Event] | None = None, *,
        recipe: Recipe | None = None, report: bool = False,
    ) -> Path:  # fmt: skip
        run = RunFolder(home / "runs" / name)
        run.path.mkdir(parents=True)
        write_json(run.recipe, (recipe or recipe_named("quick")).to_dict())
        lines = [*history(4), FINISHED] if news is None else news
        run.events.write_text("".join(events.to_line(event) for event in lines))
        run.last.write_text(json.dumps({"epoch": 4}))
        run.best_onnx.write_bytes(b"a model")
        run.best.write_bytes(b"weights")
        if report:
            write_report(run.path)
        return run.path

    return make


def write_report(run: Path) -> None:
    """A test.json of two sources with three mistakes, and their sheet."""
    confusion = [[10 if row == column else 0 for column in range(11)] for row in range(10)]
    confusion[4][9] = 2
    confusion[7][1] = 1
    mnist = {
        "n": 103, "accuracy": 100 / 103, "interval95": [0.918, 0.99], "cost": 0.1, "ece": 0.02,
        "per_class": [], "confusion": confusion, "nothing": {"n": 0, "answers": [0] * 11},
        "calibration": [
            {"confidence": 0.7, "accuracy": 0.6, "n": 10}, {"confidence": 0.99, "accuracy": 0.98, "n": 93},
            {"confidence": None, "accuracy": None, "n": 0},
        ],
    }  # fmt: skip
    fonts = mnist | {"n": 20, "accuracy": 1.0, "nothing": {"n": 5, "answers": [1] + [0] * 9 + [4]}}
    mistakes = [
        {"source": "mnist", "label": 4, "digit": 9, "confidence": 0.97, "index": 0},
        {"source": "mnist", "label": 7, "digit": 1, "confidence": 0.8, "index": 1},
        {"source": "fonts", "label": 10, "digit": 0, "confidence": 0.5, "index": 2},
    ]
    write_json(
        run / "test.json",
        {
            "sources": {"mnist": mnist, "fonts": fonts}, "all": mnist, "mistakes": mistakes,
            "mistakes_sheet": "mistakes.png", "mistake_size": 32, "mistakes_columns": 20,
        },
    )  # fmt: skip
    sheet = np.zeros((32, 640), np.uint8)
    sheet[:, 32:64] = 200
    Image.fromarray(sheet).save(run / "mistakes.png")


@pytest.fixture
def places(home: Path) -> Places:
    return Places.find(home=home)


@pytest.fixture
def commands() -> Commands:
    """Child processes that start at once and need no torch."""
    return Commands(trainer=(str(FAKE_TRAINER), "--behave", "finish"), cli=(str(FAKE_CLI),))


@pytest.fixture
def make_window(qtbot: QtBot, places: Places, commands: Commands) -> Iterator[MakeWindow]:
    """Training windows on the test's home, shown."""
    made: list[TrainingWindow] = []

    def make(**changes: Any) -> TrainingWindow:
        known: dict[str, Any] = {
            "commands": commands, "steering": QUICK, "gallery_command": [sys.executable, str(FAKE_GALLERY)],
            "present_model": places.runs / "none.onnx",
        }  # fmt: skip
        window = TrainingWindow(places, **(known | changes))
        qtbot.addWidget(window, before_close_func=lambda w: w.shutdown())
        made.append(window)
        window.show()
        return window

    yield make
    for window in made:
        window.shutdown()
