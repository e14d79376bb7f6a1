"""A line reader's run from its first batch to its model file, on painted rows and a handful of pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch
from PIL import Image

from assets import MODELS
from core.base.errors import ModelError
from core.base.paths import Places
from core.datasets import line_rows
from core.datasets.number_entries import MADE_ROWS
from core.networks.line_reader import LineNetwork
from core.reading import ctc
from core.reading.line_format import CHARACTERS, CLASSES, HEIGHT, encode
from core.reading.line_reader import LineReader
from core.recipes.recipe import Recipe, RecipeError, recipe_named
from core.runs.folder import RunFolder
from core.synthesis.lines.fonts import chosen_faces
from core.synthesis.lines.rows import KINDS, RowAssets, make_row
from core.train import checkpoint
from core.train.about import About
from core.train.export import export_file
from core.train.line.task import LineBatch, LineTask, digits_right
from core.train.start import settings_at_start

CPU = torch.device("cpu")


def recipe(**changes: object) -> Recipe:
    values = {"batch_size": 8, "images_per_epoch": 16, "epochs": 1}
    sources = {"line-painted": 1.0, "line-segments": 0.5, "wagon-numbers": 1.0}
    return Recipe.from_dict(recipe_named("line").to_dict() | values | {"sources": sources} | changes)


@pytest.fixture
def places(home: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setattr(line_rows, "MADE_ROWS", dict.fromkeys(MADE_ROWS, 40))
    monkeypatch.setattr(line_rows, "DEV_ROWS", 12)
    monkeypatch.setattr(line_rows, "TEST_ROWS", 6)
    monkeypatch.setattr("core.loaders.font_files.font_folders", list)  # the shipped ones are quick
    found = Places.find(home=home)
    folder = found.data / "wagon_numbers"
    (folder / "images").mkdir(parents=True)
    lines = []
    for i in range(10):
        picture = np.random.default_rng(i).integers(0, 255, (40, 200)).astype(np.uint8)
        Image.fromarray(picture).save(folder / "images" / f"{i}.png")
        lines.append(f"{i}.png,{12345670 + i},{'validation' if i > 6 else 'train'}\n")
    (folder / "labels.csv").write_text("file,number,split\n" + "".join(lines))
    (folder / "boxes.csv").write_text("file,digit,x,y,w,h\n")
    return found


def build(places: Places, **changes: object) -> LineTask:
    return LineTask(recipe(**changes), places, CPU, lambda: None)


def test_a_short_run_makes_no_more_rows_than_it_draws(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_rows, "MADE_ROWS", dict.fromkeys(MADE_ROWS, 100))
    monkeypatch.setattr(line_rows, "_TOGETHER", 10)
    few = build(places, images_per_epoch=32)
    assert few.sources["line-painted"] == 20, "16 of 32 rows are drawn from it"
    line_rows.load_rows(places, "line-painted", "train")
    assert build(places, images_per_epoch=32).sources["line-painted"] == 100, "all are made by now"


def test_what_a_reader_makes_of_its_network_goes_on_with_its_weights(places: Places, tmp_path: Path) -> None:
    task = build(places, start_from="shipped", keep_settings=True)
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    task.finish(task.build().eval(), run, About("line", "finetune-line"))
    shipped = LineReader.load(MODELS / "line.onnx")
    assert shipped.settings
    assert LineReader.load(run.best_onnx).settings == shipped.settings
    assert settings_at_start(str(run.best), "line") == shipped.settings
    assert settings_at_start(str(tmp_path / "gone.pt"), "line") == settings_at_start("", "line") == {}


def test_batches_follow_from_their_place_and_hold_texts(places: Places) -> None:
    task = build(places)
    batch, again = (task.batch(epoch=0, step=3, rank=0, processes=1) for _ in range(2))
    other = task.batch(epoch=1, step=3, rank=0, processes=1)
    assert torch.equal(batch.x_B1HW, again.x_B1HW)
    assert torch.equal(batch.classes, again.classes)
    assert batch.x_B1HW.shape[:3] == (8, 1, HEIGHT)
    assert int(batch.lengths.sum()) == len(batch.classes)
    assert bool((batch.classes < CLASSES).all())
    assert batch.x_B1HW.shape != other.x_B1HW.shape or not torch.equal(batch.x_B1HW, other.x_B1HW)


def test_processes_share_the_width_of_a_batch_and_not_its_rows(places: Places) -> None:
    task = build(places)
    for step in range(6):
        one, two = (task.batch(epoch=0, step=step, rank=rank, processes=2) for rank in (0, 1))
        assert one.x_B1HW.shape == two.x_B1HW.shape == (4, 1, HEIGHT, one.x_B1HW.shape[3])
        assert not torch.equal(one.x_B1HW, two.x_B1HW)


def test_every_text_fits_its_strip(places: Places) -> None:
    task = build(places)
    network = task.build()
    for step in range(12):
        cost = task.cost(network, task.batch(epoch=0, step=step, rank=0, processes=1))
        assert torch.isfinite(cost.loss)
        assert float(cost.cross_entropy) > 0


def test_only_the_digits_of_a_text_count_as_right() -> None:
    said = ["12B", "7 9", "", "0", "No", "111"]
    meant = ["12", "79", "", "8", "", "11"]
    logits = torch.full((len(said), 12, CLASSES), -9.0)
    logits[:, :, 0] = 0
    for row, text in enumerate(said):
        for i, k in enumerate(encode(text)):
            logits[row, 2 * i + 1, int(k)] = 9
    classes = torch.cat([torch.from_numpy(encode(text)) for text in meant])
    batch = LineBatch(torch.zeros(6, 1, HEIGHT, 48), classes, torch.tensor([len(t) for t in meant]))
    assert digits_right(logits, batch).tolist() == [True, True, True, False, True, False]


def test_unknown_and_absent_sources_are_told(places: Places) -> None:
    with pytest.raises(RecipeError, match="line-fonts"):
        build(places, sources={"mnist": 1.0})
    task = build(places, sources={"line-painted": 1.0, "cheques": 1.0})
    assert task.sources == {"line-painted": 40}
    assert "cheques" in task.notes[0]


def test_weights_of_another_network_are_no_start(places: Places, tmp_path: Path) -> None:
    file = tmp_path / "best_model.pt"
    checkpoint.save(file, {"network": "detector", "weights": {}})
    with pytest.raises(ModelError, match="detector"):
        build(places, start_from=str(file)).build()


def test_a_run_ends_with_figures_and_a_model_file(places: Places, tmp_path: Path) -> None:
    task = build(places)
    network = task.build()
    measured = task.measure(network, "dev", lambda: None)
    assert set(measured.accuracy_by_source) == {"line-painted", "line-segments", "wagon-numbers"}
    assert np.isfinite(measured.cost)
    assert network.training
    run = RunFolder(tmp_path)
    evaluated = task.finish(network.eval(), run, About("line", recipe="line", run="r"))
    counts = {e.source: e.n for e in evaluated}
    assert counts.pop("wagon-numbers") == 3
    assert counts == dict.fromkeys(KINDS, 6), "made rows are measured wherever it runs"
    body = json.loads(run.test.read_text())
    assert "cheques" in body["not_measured"]
    assert not set(body["not_measured"]) & set(KINDS)
    assert body["kind"] == "line"
    assert body["temperature"] > 0
    assert body["sources"]["wagon-numbers"]["n"] == 3
    session = ort.InferenceSession(str(run.best_onnx))
    said = session.get_modelmeta().custom_metadata_map
    assert said["gnc_kind"] == "line"
    assert said["gnc_characters"] == CHARACTERS
    assert run.best_onnx.stat().st_size < 1_200_000
    for count, width in ((1, 36), (5, 400)):
        (out,) = session.run(None, {"images": np.zeros((count, 1, HEIGHT, width), np.float32)})
        assert out.shape == (count, width // 4, CLASSES)
        assert isinstance(ctc.greedy(out[0]), str)
    assert export_file(run.best, tmp_path / "again.onnx") < 1e-2


def test_the_network_learns_a_batch_by_heart(places: Places) -> None:
    torch.manual_seed(1)
    task = build(places, sources={"line-painted": 1.0})
    network = LineNetwork()
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    batch = next(task.plain_batches(task.train, 0, 8))
    first = last = 0.0
    for _ in range(60):
        cost = task.cost(network, batch)
        optimiser.zero_grad()
        cost.loss.backward()
        optimiser.step()
        first, last = first or float(cost.cross_entropy), float(cost.cross_entropy)
    assert last < 0.5 * min(first, 4.0)


def test_made_rows_of_the_test_phase_are_none_that_training_sees(places: Places) -> None:
    for kind in ("line-painted", "line-segments"):
        sets = {split: line_rows.load_rows(places, kind, split) for split in ("train", "dev", "test")}
        seen = {
            rows.row(i).picture.tobytes()
            for name in ("train", "dev")
            for rows in [sets[name]]
            for i in range(len(rows))
        }
        tested = sets["test"]
        assert not seen & {tested.row(i).picture.tobytes() for i in range(len(tested))}
    row, again = (
        line_rows.load_rows(places, "line-segments", "test").row(3),
        make_row("line-segments", -1_000_004, RowAssets()),
    )
    assert again is not None
    assert (row.text, row.is_ink) == (again.text, again.is_ink)
    assert np.array_equal(row.picture, again.picture)


def test_fonts_of_the_test_phase_are_none_that_training_uses() -> None:
    families = {split: {face.family for face in chosen_faces(split, files=())} for split in ("train", "test")}
    assert families["test"]
    assert not families["train"] & families["test"]
