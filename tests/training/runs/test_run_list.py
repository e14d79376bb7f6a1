"""The list of runs: scanning, notes, trash, differences of recipes."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
import send2trash

from core.base.errors import FailureError
from core.base.files import write_json
from core.recipes.recipe import recipe_named
from core.runs import events
from core.runs.folder import EventLog, RunFolder
from training.runs import event_tail, run_list
from training.runs.recipe_values import recipe_differences
from training.runs.run_list import RunScanner, read_notes, to_trash, write_notes
from training.runs.run_names import LONGEST, read_name, run_title, write_name
from training.runs.state import Status


def make_run(runs: Path, name: str, *, finished: bool = True, at: float = 1000.0) -> Path:
    run = RunFolder(runs / name)
    run.path.mkdir(parents=True)
    write_json(run.recipe, recipe_named("quick").to_dict())
    log = EventLog(run)
    log.write(
        events.Started(
            run=name, recipe="quick", pid=2**22 + 1, rank=0, processes=1, device="cpu", precision="float32",
            why="", epoch=0, epochs=8, steps_per_epoch=10, images_per_step=50, parameters=7, sources={}, time=at,
        )
    )  # fmt: skip
    for n in range(10):
        log.write(events.Step(step=n + 1, epoch=1, train_cost=1.0, learning_rate=0.1, images_per_second=9.0,
                              memory_mib=1.0, time=at + n))  # fmt: skip
    log.write(
        events.Epoch(
            epoch=1, step=10, train_cost=1.0, train_cost_measured=1.0, train_accuracy=0.5, dev_cost=0.25,
            dev_accuracy=0.9, dev_accuracy_by_source={}, learning_rate=0.1, seconds=10.0, best=True, time=at + 20,
        )
    )  # fmt: skip
    if finished:
        log.write(events.Evaluated(source="mnist", n=100, accuracy=0.97, interval95=(0.9, 1.0), cost=0.1,
                                   time=at + 21))  # fmt: skip
        log.write(events.Finished(epoch=8, best_epoch=1, best_dev_cost=0.25, seconds=33.0, time=at + 22))
    log.close()
    return run.path


def scan(scanner: RunScanner) -> tuple[run_list.RunSummary, ...]:
    rows, awake = scanner.scan({}, grace=10.0)
    assert awake == []
    return rows


def test_rows_newest_first(tmp_path: Path) -> None:
    make_run(tmp_path, "quick-a", at=1000)
    make_run(tmp_path, "quick-b", finished=False, at=2000)
    (tmp_path / "not-a-run").mkdir()
    (tmp_path / "a-file").write_text("")
    newest, oldest = scan(RunScanner(tmp_path))
    assert (newest.id, newest.status, newest.can_resume) == ("quick-b", Status.INTERRUPTED, True)
    assert math.isnan(newest.test_accuracy)
    assert (oldest.id, oldest.recipe_name, oldest.status) == ("quick-a", "quick", Status.FINISHED)
    assert (oldest.best_dev_cost, oldest.best_epoch, oldest.test_accuracy, oldest.test_n) == (
        0.25,
        1,
        0.97,
        100,
    )
    assert (oldest.duration, oldest.date) == (33.0, 1000.0)


def test_missing_folder_is_an_empty_list(tmp_path: Path) -> None:
    assert scan(RunScanner(tmp_path / "nothing")) == ()


def test_damaged_folders_still_have_a_row(tmp_path: Path) -> None:
    run = make_run(tmp_path, "quick-a")
    (run / "recipe.json").write_text("{")
    other = tmp_path / "seed-b"
    other.mkdir()
    (other / "events.jsonl").write_bytes(b"\xff\n{}\nhalf")
    rows = {row.id: row for row in scan(RunScanner(tmp_path))}
    assert (rows["quick-a"].recipe, rows["quick-a"].recipe_name) == (None, "quick")
    assert (rows["seed-b"].status, rows["seed-b"].recipe_name) == (Status.NEW, "seed")


def test_only_what_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(tmp_path, "quick-a")
    make_run(tmp_path, "quick-b")
    scanner = RunScanner(tmp_path)
    first = scan(scanner)
    read: list[Path] = []

    def noted(path: Path) -> list[events.Event]:
        read.append(path.parent)
        return event_tail.read_outline(path)

    monkeypatch.setattr(run_list, "read_outline", noted)
    assert scan(scanner) == first
    assert read == []
    write_notes(run, "the good one")
    assert [row.notes for row in scan(scanner)] == ["the good one", ""] or [
        row.notes for row in scan(scanner)
    ] == ["", "the good one"]
    assert read == [run]


def test_notes(tmp_path: Path) -> None:
    assert read_notes(tmp_path) == ""
    write_notes(tmp_path, "größer ist besser\n")
    assert read_notes(tmp_path) == "größer ist besser\n"
    write_notes(tmp_path, "  ")
    assert not (tmp_path / run_list.NOTES).exists()
    write_notes(tmp_path, "")


def test_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thrown: list[str] = []
    monkeypatch.setattr(send2trash, "send2trash", lambda path: thrown.append(os.fspath(path)))
    to_trash([tmp_path / "a", tmp_path / "b"])
    assert thrown == [str(tmp_path / "a"), str(tmp_path / "b")]

    def refuse(path: object) -> None:
        raise send2trash.TrashPermissionError(str(path))

    monkeypatch.setattr(send2trash, "send2trash", refuse)
    with pytest.raises(FailureError, match=r"a could not be moved to the trash"):
        to_trash([tmp_path / "a"])


def test_differences_of_recipes() -> None:
    quick = recipe_named("quick")
    other = quick.with_values(
        {"seed": 5, "sources.meter": 0.5, "augmentation.rotate": 3, "random_splits": True}
    )
    rows = {row.field: row for row in recipe_differences([quick, other])}
    assert set(rows) == {"seed", "sources.meter", "augmentation.rotate", "random_splits"}
    assert rows["seed"].values == ("1", "5")
    assert rows["random_splits"].values == ("no", "yes")
    assert (rows["augmentation.rotate"].label, rows["sources.meter"].values) == ("Rotate", ("0", "0.5"))
    tilted = quick.with_values({"scenes.tilt": 5})
    assert [(d.field, d.label, d.values) for d in recipe_differences([quick, tilted])] == [
        ("scenes.tilt", "Tilt", ("25", "5"))
    ]
    assert recipe_differences([quick, quick]) == []
    assert recipe_differences([]) == []


def test_a_name_of_its_own_is_kept_beside_the_recipe(tmp_path: Path) -> None:
    run = make_run(tmp_path, "quick-a")
    before = (run / "recipe.json").read_bytes()
    scanner = RunScanner(tmp_path)
    assert [row.title for row in scan(scanner)] == ["quick"]
    write_name(run, "  größer\nist   besser ")
    assert [row.title for row in scan(scanner)] == ["größer ist besser"]
    assert (run / "recipe.json").read_bytes() == before
    write_name(run, "x" * 500)
    assert len(read_name(run)) == LONGEST
    write_name(run, "  ")
    assert [row.title for row in scan(scanner)] == ["quick"]
    write_name(run, "")


def test_the_epochs_come_last_in_a_title() -> None:
    """A narrow list cuts the end off: two runs were both “quick, epochs 6, …”."""
    recipe = recipe_named("quick").with_values({"epochs": 6, "dropout": 0.5})
    assert run_title(Path("quick-1"), recipe) == "quick, dropout 0.5, epochs 6"
