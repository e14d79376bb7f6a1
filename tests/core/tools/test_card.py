"""The card of a model says what a reader needs to believe it, to use it and to make it again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assets import MODELS
from core.base.errors import InputError, ModelError
from core.evaluation.all_sets import DIGITS, SetResult
from core.evaluation.metrics import evaluate_predictions
from core.evaluation.numbers import NumberEvaluation
from core.evaluation.photo_sets import EMPTY, NUMBERS
from core.evaluation.test_file import LINE, RowsFound, SourceResult, TestReport
from core.reading.model_file import read_any_model
from core.recipes.recipe import recipe_named
from core.runs import events
from core.runs.folder import EventLog, RunFolder
from core.tools import card
from core.tools.card_kinds import CARD_KINDS
from core.tools.front_matter import without_front_matter
from core.train import checkpoint
from core.train.about import About


def digits(last: int = 4) -> SetResult:
    """Four digits, three of them right where the last is read as 3 and is a 4."""
    right = np.eye(11, dtype=np.float32)[[1, 2, 3, 3]]
    return SetResult("mnist", "MNIST, test", DIGITS, evaluate_predictions(right, np.array([1, 2, 3, last])))


def numbers(name: str, title: str, kind: str, right: int) -> SetResult:
    """Four photos."""
    found = NumberEvaluation(
        name, 4, right, 4, 4 - right, 0, 0, 0, 0, 0, 0, 0.05, (), 10.0, (), numbered=4, numbers_found=right
    )
    return SetResult(name, title, kind, found)


def finished_run(folder: Path, recipe: str, sources: dict[str, int], **changed: Any) -> RunFolder:
    """As far as a card looks at it."""
    run = RunFolder.create(folder, recipe)
    used = recipe_named(recipe).with_values(changed)
    about = About(
        network=used.network, recipe=recipe, run=run.name, epoch=8, images=96_000, seed=used.seed, revision="abc123",
        date="2026-11-22", settings=json.dumps(used.to_dict()), sources=sources, temperature=0.9,
    )  # fmt: skip
    checkpoint.save(run.best, about.to_dict())
    log = EventLog(run)
    log.write(
        events.Started(
            run=run.name, recipe=recipe, pid=1, rank=0, processes=1, device="cpu (a processor)",
            precision="float32", why="", epoch=0, epochs=8, steps_per_epoch=10, images_per_step=128,
            parameters=611_300, sources={},
        )
    )  # fmt: skip
    log.write(events.Finished(epoch=8, best_epoch=7, best_dev_cost=0.1234, seconds=120.0))
    log.close()
    return run


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "classifier.onnx"
    path.write_bytes(b"x" * 1000)
    return path


def written(model: Path, run: RunFolder, kind: str, *results: SetResult, **more: Any) -> str:
    """The card of a run."""
    about, training = card.about_run(run)
    return card.new_card(model, CARD_KINDS[kind], about, training, results, **more)


def test_a_card_has_figures_data_terms_and_the_way_back(model: Path, tmp_path: Path) -> None:
    run = finished_run(
        tmp_path, "quick", {"mnist": 55_000, "svhn": 432, "nothing": 10}, seed=7, **{"sources.mnist": 0.5}
    )
    text = written(
        model, run, "classifier", digits(), remarks=["Chosen on dev.", "By hand."], fonts=3, measured="today"
    )
    assert "| MNIST, test | 75.00% | 30.06% to 95.44% | 4 | 0 | 0.250 | its training part |" in text
    assert "Measured today." in text
    assert (
        "    gnc train --recipe quick --set sources.mnist=0.5 --set seed=7 --data-dir DATA --out RUNS" in text
    )
    assert "revision `abc123`" in text
    assert "up to epoch 7 of 8, 2 minutes" in text
    assert (
        "| `mnist` | [MNIST, handwritten digits](http://yann.lecun.com/exdb/mnist/) | 55,000 | 77% |" in text
    )
    assert "| `non-digits` |" in text
    assert "For research and other non-commercial use only: `svhn`, `non-digits`." in text
    assert "gnc train --recipe quick --set sources.svhn=0 --set sources.non-digits=0" in text
    assert "\n\nChosen on dev.\n\nBy hand.\n\n" in text
    assert "3 installed families" in text
    assert "started from" not in text
    assert str(tmp_path) not in text


def test_the_front_matter_is_what_model_hubs_read(model: Path, tmp_path: Path) -> None:
    run = finished_run(tmp_path, "quick", {"mnist": 55_000, "svhn": 432})
    text = written(model, run, "classifier", digits())
    head = text.split("---\n")[1]
    pairs = (line.partition(": ") for line in head.splitlines())
    found = {name: json.loads(value) for name, colon, value in pairs if colon and name[0] != "-"}
    assert found["license"] == "other"
    assert found["license_name"] == "research-and-non-commercial-use"
    assert found["pipeline_tag"] == "image-classification"
    assert found["datasets"] == ["ylecun/mnist", "ufldl-stanford/svhn"]
    (index,) = (json.loads(line[2:]) for line in head.splitlines() if line.startswith("- "))
    (result,) = index["results"]
    assert index["name"] == "gnc-classifier"
    assert result["dataset"] == {"type": "ylecun/mnist", "name": "MNIST, test"}
    assert result["metrics"][0]["value"] == 0.75
    assert result["metrics"][0]["args"] == {"n": 4, "interval95": [0.30064, 0.95441]}
    assert without_front_matter(text).startswith("# classifier: recipe `quick`\n")


def test_many_figures_stand_one_a_line(model: Path, tmp_path: Path) -> None:
    run = finished_run(tmp_path, "detector", {"scenes": 900})
    results = (numbers("cheques", "cheques", NUMBERS, 3), numbers("signs", "signs", NUMBERS, 2))
    head = written(model, run, "detector", *results).split("---\n")[1].splitlines()
    at = head.index("model-index:")
    assert head[at + 1 : at + 3] == ['- name: "gnc-classifier"', "  results:"]
    names = [json.loads(line.removeprefix("  - "))["dataset"]["name"] for line in head[at + 3 :]]
    assert names == ["cheques", "signs"]


def test_weights_of_free_data_are_free(model: Path, tmp_path: Path) -> None:
    text = written(model, finished_run(tmp_path, "quick", {"mnist": 55_000}), "classifier", digits())
    assert 'license: "mit"\n' in text
    assert "license_name" not in text
    assert "allow any use that names them" in text


def test_a_detector_is_measured_on_photos(model: Path, tmp_path: Path) -> None:
    run = finished_run(tmp_path, "detector", {"scenes": 900, "cheques": 965}, start_from="shipped", epochs=12)
    text = written(
        model,
        run,
        "detector",
        numbers("cheques", "cheques", NUMBERS, 3),
        numbers("backgrounds", "towns", EMPTY, 2),
    )
    assert (
        "| cheques | 75.00% | 30.06% to 95.44% | 4 | 75.00% | 1 | 0.050 | – | – | its training part |" in text
    )
    assert "| towns | 50.00% | 15.00% to 85.00% | 4 | 2 | 50.0 | nothing |" in text
    assert "Single digits" not in text
    assert "--set epochs=12 --set start_from=shipped" in text
    assert "git show abc123:classifier.md" in text


def test_a_line_reader_tells_of_its_rows_too(model: Path, tmp_path: Path) -> None:
    run = finished_run(tmp_path, "line", {"cheques": 965, "line-dots": 3_000})
    rows = SourceResult(
        "cheques", RowsFound(n=100, accuracy=0.9, interval95=(0.8, 0.95), written=80, ece=0.02)
    )
    report = TestReport(kind=LINE, whole=None, sources=(rows,))
    text = written(model, run, "line", numbers("cheques", "cheques", NUMBERS, 3), report=report)
    assert "| cheques | 90.00% | 80.00% to 95.00% | 100 | 80.00% | 0.020 |" in text
    assert 'pipeline_tag: "image-to-text"' in text
    assert "whole reader" in text


def test_figures_are_measured_again_and_all_else_stays(model: Path, tmp_path: Path) -> None:
    run = finished_run(tmp_path, "quick", {"mnist": 55_000})
    before, after = (written(model, run, "classifier", digits(last)) for last in (4, 3))
    kind = CARD_KINDS["classifier"]
    assert card.card_measured_again(before, model, kind, [digits(3)], recipe="quick") == (after, [])
    more, _ = card.card_measured_again(before, model, kind, [digits(3)], recipe="quick", remarks=["New."])
    assert more == after + "\nNew.\n"
    with pytest.raises(InputError, match="no table of figures"):
        card.card_measured_again("# A text", model, kind, [digits()], recipe="quick")


OLD = """# seed: recipe `seed`

Network `seed`.

## Figures

| digits | accuracy |
|---|---|
| MNIST, test images | 98.69% |

## Data

| source | training images |
|---|---|
| mnist | 35,200 |
| svhn | 277 |

What must be kept.

## Fonts

2 installed families gave digits.

Abc Sans, Def Serif.
"""


def test_an_old_card_keeps_its_remarks_and_loses_its_fonts_to_a_file(model: Path) -> None:
    text, fonts = card.card_measured_again(OLD, model, CARD_KINDS["classifier"], [digits()], recipe="seed")
    assert fonts == ["Abc Sans", "Def Serif"]
    assert "Abc Sans" not in text
    assert "2 installed families gave digits. The families: `fonts.txt`." in text
    assert "What must be kept." in text
    assert "98.69%" not in text
    assert "only: `svhn`." in text
    assert 'datasets: ["ylecun/mnist", "ufldl-stanford/svhn"]' in text
    card.write_fonts(model.parent, fonts)
    card.write_fonts(model.parent, ["Ghi Mono", "Abc Sans"])
    assert (model.parent / "fonts.txt").read_text() == "Abc Sans\nDef Serif\nGhi Mono\n"


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measuring takes minutes: this finds one set."""

    def evaluate(*args: object, kinds: tuple[str, ...], **more: object) -> Iterator[SetResult]:
        assert kinds == (DIGITS,)
        yield digits()

    monkeypatch.setattr(card, "evaluate_all", evaluate)


def test_the_command_writes_card_and_figures(measured: None, tmp_path: Path) -> None:
    model = tmp_path / "seed.onnx"
    for suffix in (".onnx", ".md", ".json"):
        model.with_suffix(suffix).write_bytes((MODELS / "seed").with_suffix(suffix).read_bytes())
    assert card.main([str(model), "--data-dir", str(tmp_path)]) == 0
    _, info = read_any_model(model)
    assert info.figures == {"mnist": {"n": 4, "accuracy": 0.75, "interval95": [0.30064, 0.95441]}}
    told = json.loads(model.with_suffix(".json").read_text())
    assert told["recipe"] == "seed"
    assert told["figures"] == info.figures
    assert "| MNIST, test | 75.00% |" in model.with_suffix(".md").read_text(encoding="utf-8")


@pytest.mark.parametrize("missing", [".md", ".json"])
def test_a_model_without_a_card_needs_its_run(
    missing: str, measured: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "seed.onnx"
    for suffix in (".onnx", ".md", ".json"):
        if suffix != missing:
            model.with_suffix(suffix).write_bytes((MODELS / "seed").with_suffix(suffix).read_bytes())
    assert card.main([str(model), "--data-dir", str(tmp_path)]) == 2
    assert f"seed{missing}" in capsys.readouterr().err
    assert model.read_bytes() == (MODELS / "seed.onnx").read_bytes()


def test_an_unfinished_run_has_no_card(tmp_path: Path) -> None:
    run = finished_run(tmp_path, "quick", {"mnist": 1})
    lines = run.events.read_text().splitlines(keepends=True)
    run.events.write_text(lines[0])
    with pytest.raises(InputError, match="not a finished run"):
        card.about_run(run)


def test_kinds_are_told_by_the_file(tmp_path: Path) -> None:
    assert card.kind_of(MODELS / "detector.onnx") == "detector"
    assert card.kind_of(MODELS / "classifier.onnx") == "classifier"
    with pytest.raises(ModelError, match="no such model file"):
        card.kind_of(tmp_path / "none.onnx")
