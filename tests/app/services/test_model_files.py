import os
from pathlib import Path

from app.services.model_files import SHIPPED, SHIPPED_DETECTOR, list_models, model_name
from training.runs.model_cards import Kind, kind_of


def _run(folder: Path, name: str, age: float) -> Path:
    path = folder / name / "best_model.onnx"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"onnx")
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    return path


def test_names_are_for_people(tmp_path: Path) -> None:
    assert model_name(SHIPPED) == "shipped"
    assert model_name(tmp_path / "general-20251112-140312-ab12" / "best_model.onnx") == "general 12 Nov 14:03"
    assert model_name(tmp_path / "my run" / "best_model.onnx") == "my run"
    assert (
        model_name(tmp_path / "general-20259912-140312-ab12" / "best_model.onnx")
        == "general-20259912-140312-ab12"
    )
    assert model_name(tmp_path / "other.onnx") == "other"


def test_shipped_first_then_the_newest_runs_then_opened_files(tmp_path: Path) -> None:
    old = _run(tmp_path, "quick-20250101-000000-aaaa", 100)
    new = _run(tmp_path, "general-20250201-000000-bbbb", 0)
    (tmp_path / "empty-20250301-000000-cccc").mkdir()
    opened = tmp_path / "opened.onnx"
    opened.write_bytes(b"onnx")
    choices = list_models(tmp_path, [opened, tmp_path / "gone.onnx", new])
    assert [c.path for c in choices] == [SHIPPED, new, old, opened]
    assert [c.from_run for c in choices] == [False, True, True, False]


def test_detectors_are_offered_to_find_digits(tmp_path: Path) -> None:
    detector = _run(tmp_path, "detector-20250101-000000-aaaa", 0)
    (detector.parent / "recipe.json").write_text('{"network": "detector"}')
    damaged = _run(tmp_path, "general-20250101-000000-aaaa", 0)
    (damaged.parent / "recipe.json").write_text("{")
    choices = list_models(tmp_path)
    assert [c.path for c in choices] == [SHIPPED, damaged, SHIPPED_DETECTOR, detector]
    assert [c.kind for c in choices] == [Kind.CLASSIFIER] * 2 + [Kind.DETECTOR] * 2
    assert [c.name for c in choices][2:] == ["shipped", "detector 1 Jan 00:00"]


def test_a_file_says_itself_what_it_is(tmp_path: Path) -> None:
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(SHIPPED_DETECTOR.read_bytes())
    assert kind_of(copy) is Kind.DETECTOR
    assert kind_of(SHIPPED) is Kind.CLASSIFIER
    assert [c.path for c in list_models(tmp_path / "nowhere", [copy])] == [SHIPPED, SHIPPED_DETECTOR, copy]
    copy.write_bytes(copy.read_bytes()[:1000])
    assert kind_of(copy) is Kind.CLASSIFIER
    (tmp_path / "recipe.json").write_text('{"network": "detector"}')
    assert kind_of(copy) is Kind.DETECTOR, "damaged, but its run was to train a detector"


def test_no_runs_at_all(tmp_path: Path) -> None:
    assert [c.path for c in list_models(tmp_path / "nowhere")] == [SHIPPED]
