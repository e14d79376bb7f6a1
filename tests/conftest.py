"""What every test stands on: no screen, no settings of the person who runs them, one thread a library."""

from __future__ import annotations

import os

# Before Qt, NumPy or ONNX Runtime are imported by anything.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
for _name in [n for n in os.environ if n.startswith("QT_SCALE")]:
    del os.environ[_name]

from collections.abc import Callable, Iterator  # noqa: E402
from pathlib import Path  # noqa: E402  (the environment comes first)

import pytest  # noqa: E402


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """A home of its own for every test: settings, runs, caches and drawings never meet the user's.

    Tests marked `data` see the real GNC_DATA, and are skipped where there is none.
    """
    data = os.environ.get("GNC_DATA")
    for name in [n for n in os.environ if n.startswith("GNC_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    monkeypatch.setenv("GNC_HOME", str(folder))
    if request.node.get_closest_marker("data"):
        if not data or not Path(data).is_dir():
            pytest.skip("GNC_DATA points to no data")
        monkeypatch.setenv("GNC_DATA", str(Path(data).resolve()))
    return folder


@pytest.fixture
def no_starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no data shipped with the program."""
    for name in ("GLYPHS", "MNIST_PART"):
        monkeypatch.setattr(f"core.loaders.starter.{name}", tmp_path / "not-shipped.npz")


@pytest.fixture
def letters(request: pytest.FixtureRequest) -> Iterator[Callable[[float], None]]:
    """Sets the size of the system's letters, in points, for windows that are made from then on."""
    from PySide6.QtGui import QFont
    from PySide6.QtWidgets import QApplication

    application = request.getfixturevalue("qapp")
    assert isinstance(application, QApplication)
    before = application.font()

    def set_size(points: float) -> None:
        font = QFont(before)
        font.setPointSizeF(points)
        application.setFont(font)

    yield set_size
    application.setFont(before)
