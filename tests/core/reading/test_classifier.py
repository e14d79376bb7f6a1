"""Model files are loaded or refused with a sentence; crops are classified as the contract says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from assets import MODELS
from core.base.errors import ModelError
from core.reading.classifier import BLANK, Classifier
from core.reading.strokes import rasterise
from core.reading.types import NOT_A_DIGIT
from tests.core.pen_digits import pen_digit
from tests.core.tiny_model import STAGES, write_model, write_template_model


def crops(size: int = 32) -> NDArray[np.uint8]:
    return np.stack([rasterise(pen_digit(d), size) for d in range(10)])


@pytest.mark.parametrize(("size", "classes"), [(32, 11), (28, 10), (28, 11)])
def test_digits_are_classified(tmp_path: Path, size: int, classes: int) -> None:
    classifier = Classifier.load(write_template_model(tmp_path / "m.onnx", size=size, classes=classes))
    said = classifier.classify(crops(size))
    assert [s.digit for s in said] == list(range(10))
    for one in said:
        assert one.is_digit
        assert one.confidence == one.probabilities[one.digit]
        assert len(one.probabilities) == 10
        assert sum(one.probabilities) <= 1 + 1e-6
        assert [v.stage for v in one.votes] == list(STAGES)
        assert {v.digit for v in one.votes} == {one.digit}


def test_what_the_file_says_of_itself(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.onnx", classes=10, size=28)
    info = Classifier.load(path).info
    assert (info.kind, info.input_size, info.stages) == ("classifier", 28, STAGES)
    assert info.classes == tuple("0123456789")
    assert (info.recipe, info.run_id, info.revision, info.date) == ("tiny", "tiny-1", "abc", "2025-01-02")
    assert info.figures == {"mnist": {"n": 10}}
    assert info.bytes == path.stat().st_size


def test_no_digit_is_said_where_it_is_likelier_than_all_digits_together(tmp_path: Path) -> None:
    for none, is_digit in ((np.log(9.0), True), (np.log(11.0), False)):
        bias = np.array([0.0] * 10 + [none])
        (said,) = Classifier.load(write_model(tmp_path / "m.onnx", bias=bias)).classify(crops()[:1])
        assert said.is_digit is is_digit
        assert said.confidence < 0.1
        assert {v.digit for v in said.votes} == {NOT_A_DIGIT}


def test_ten_classes_never_say_no_digit_but_of_nothing(tmp_path: Path) -> None:
    classifier = Classifier.load(write_model(tmp_path / "m.onnx", classes=10))
    noise = np.random.default_rng(1).integers(0, 256, (1, 32, 32), dtype=np.uint8)
    assert classifier.classify(noise)[0].is_digit
    for value in (0, 255 - BLANK):
        blank = np.full((1, 32, 32), value, np.uint8)
        blank[0, 3, 3] += BLANK
        (said,) = classifier.classify(blank)
        assert not said.is_digit
        assert said.confidence == 0


def test_batches_of_any_size_agree(tmp_path: Path) -> None:
    classifier = Classifier.load(write_template_model(tmp_path / "m.onnx"), threads=1)
    many = np.random.default_rng(1).integers(0, 256, (600, 32, 32), dtype=np.uint8)
    whole = classifier.probabilities(many)
    assert whole.shape == (600, 11)
    assert whole.dtype == np.float32
    assert np.allclose(whole[255:258], classifier.probabilities(many[255:258]), atol=1e-6)
    assert classifier.probabilities(many[:0]).shape == (0, 11)
    assert classifier.classify(many[:0]) == []


def foreign_model(path: Path) -> Path:
    """Some other program's model: no word of ours in it."""
    write_model(path)
    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.save(model, path)
    return path


def outside_data(path: Path) -> Path:
    """A model whose weights are said to lie in another file of the machine."""
    write_model(path)
    model = onnx.load(path)
    tensor = next(t for t in model.graph.initializer if t.name == "weights")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "weights.bin"), ("offset", "0"), ("length", str(32 * 32 * 11 * 4))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    (path.parent / "weights.bin").write_bytes(bytes(32 * 32 * 11 * 4))
    path.write_bytes(model.SerializeToString())
    return path


def foreign_operator(path: Path) -> Path:
    """A model that wants code which is not ONNX Runtime's own."""
    write_model(path)
    model = onnx.load(path)
    model.opset_import.append(helper.make_opsetid("some.one.else", 1))
    model.graph.node[2].domain = "some.one.else"
    model.graph.node[2].op_type = "RunThis"
    onnx.save(model, path)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        Classifier.load(path)
    return str(caught.value)


def test_files_that_are_no_model(tmp_path: Path) -> None:
    whole = write_model(tmp_path / "whole.onnx").read_bytes()
    wrong = {
        "empty": (b"", "is empty"),
        "text": (b"hello, this is a text\n" * 9, "not an ONNX model file"),
        "png": (b"\x89PNG\r\n\x1a\n" + bytes(50), "not an ONNX model file"),
        "zeros": (bytes(500), "not an ONNX model file"),
        "stump": (whole[:1], "not an ONNX model file"),
        "head": (whole[:12], "cut off"),
        "half": (whole[: len(whole) // 2], "cut off"),
        "tail": (whole[:-3], "cut off"),
    }
    for name, (content, why) in wrong.items():
        path = tmp_path / name
        path.write_bytes(content)
        sentence = refusal(path)
        assert why in sentence, name
        assert str(path) in sentence
    assert "no such model file" in refusal(tmp_path / "missing.onnx")
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"gnc_kind": "detector"}, "is a detector"),
        ({"gnc_format": "2"}, "format 2"),
        ({"gnc_format": None}, "format unknown"),
        ({"gnc_input_size": "100000"}, "100000 x 100000"),
        ({"gnc_input_size": "-3"}, "-3 x -3"),
        ({"gnc_input_size": "large"}, "damaged"),
        ({"gnc_figures": "{"}, "damaged"),
        ({"gnc_figures": "[1]"}, "damaged"),
        ({"gnc_classes": "a,b,c"}, "other classes"),
        ({"gnc_classes": "0,1,2,3,4,5,6,7,8,9"}, "another shape"),
        ({"gnc_stages": "one,two"}, "another shape"),
        ({"gnc_input_size": "28"}, "fails on an image"),
    ],
)
def test_models_that_say_what_does_not_fit(tmp_path: Path, said: dict[str, str | None], why: str) -> None:
    assert why in refusal(write_model(tmp_path / "m.onnx", said=said))


def test_models_of_others_and_broken_networks(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    assert "not one that this program made" in refusal(foreign_model(path))
    assert "can't be loaded" in refusal(outside_data(path))
    assert "can't be loaded" in refusal(foreign_operator(path))
    assert "no “votes”" in refusal(write_model(path, outputs=("probabilities", "others")))
    assert "no probabilities" in refusal(write_model(path, softmax=False, bias=np.arange(11.0)))
    assert "no probabilities" in refusal(write_model(path, weights=np.full((1024, 11), np.nan)))


def test_live_reading_imports_neither_torch_nor_qt() -> None:
    code = (
        "import sys, core.reading.drawing_reader, core.evaluation.metrics, core.evaluation.digit_sets;"
        "print([m for m in ('torch', 'PySide6', 'onnx') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.skipif(not (MODELS / "classifier.onnx").exists(), reason="no model is shipped yet")
@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("digit", [3, 5, 7, 8])
def test_a_tight_crop_of_a_digit_is_read_whatever_its_ground(digit: int, dark: bool) -> None:
    """A small picture whose digit touches its border was taken for the other polarity, or for a part of it."""
    shipped = Classifier.load(MODELS / "classifier.onnx", threads=1)
    drawn = rasterise(pen_digit(digit), 16, ink_share=1.0)
    said, crop = shipped.classify_picture(255 - drawn if dark else drawn)
    assert (said.digit, said.is_digit) == (digit, True)
    assert crop.shape == (32, 32)
