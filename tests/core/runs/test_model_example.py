"""The file that comes with an exported model is run as a stranger would run it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assets import MODELS
from core.base.opencv import cv2
from core.runs.model_example import write_example


@pytest.mark.parametrize(("kind", "text", "read"), [("classifier", "7", "7 "), ("line", "1824", "1824 ")])
def test_it_reads_a_picture_with_the_model_beside_it(tmp_path: Path, kind: str, text: str, read: str) -> None:
    model = Path(shutil.copy(MODELS / f"{kind}.onnx", tmp_path / "it's mine.onnx"))
    example = write_example(model, kind)
    assert example == tmp_path / "it's mine.example.py"
    picture = np.full((120, 60 + 65 * len(text)), 220, np.uint8)
    cv2.putText(picture, text, (40, 85), cv2.FONT_HERSHEY_DUPLEX, 2.2, 30, 5, cv2.LINE_AA)
    cv2.imwrite(str(tmp_path / "a.png"), picture)
    told = subprocess.run(
        [sys.executable, example.name, "a.png"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith(f"a.png {read}")


def test_a_file_of_somebody_s_own_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "model.example.py"
    own.write_text("print('mine')")
    assert write_example(tmp_path / "model.onnx", "detector") is None
    assert own.read_text() == "print('mine')"
    own.unlink()
    assert write_example(tmp_path / "model.onnx", "detector") == own
    assert write_example(tmp_path / "model.onnx", "detector") == own, "ours is written anew"
    assert "shipped_reader(detector=model)" in own.read_text("utf-8")
