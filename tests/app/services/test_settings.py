from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from app.services.settings import FILE_NAME, Settings, Theme


def test_the_first_start_has_defaults(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    assert settings.page == "draw"
    assert settings.theme is Theme.SYSTEM
    assert settings.pen_width == 16
    assert settings.hints
    assert settings.hints_done == frozenset()
    assert settings.model is None
    assert settings.opened_models == []
    assert settings.geometry.isEmpty()
    assert settings.panel_width == 0


def test_what_is_put_is_there_at_the_next_start(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "not" / "yet")
    settings.page = "camera"
    settings.theme = Theme.DARK
    settings.pen_width = 31
    settings.hints = False
    settings.hints_done = frozenset({"draw", "undo"})
    settings.model = Path("/models/ünïcode, with; signs/best.onnx")
    settings.opened_models = [Path("/a b.onnx"), Path("/c.onnx")]
    settings.geometry = QByteArray(b"\x00\x01geometry")
    settings.panel_width = 333
    settings.put("camera/mirror", True)
    settings.save()
    again = Settings(tmp_path / "not" / "yet")
    assert again.page == "camera"
    assert again.theme is Theme.DARK
    assert again.pen_width == 31
    assert not again.hints
    assert again.hints_done == {"draw", "undo"}
    assert again.model == Path("/models/ünïcode, with; signs/best.onnx")
    assert again.opened_models == [Path("/a b.onnx"), Path("/c.onnx")]
    assert again.geometry == QByteArray(b"\x00\x01geometry")
    assert again.panel_width == 333
    assert again.flag("camera/mirror", False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "\x00\xff\x10",
        "[draw]\npen_width=9999\n[window]\ntheme=pink\ngeometry=%%%\n[reading]\nmodel=\n",
    ],
)
def test_a_damaged_file_gives_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, encoding="latin-1")
    settings = Settings(tmp_path)
    assert settings.pen_width == 16
    assert settings.theme is Theme.SYSTEM
    assert settings.model is None


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings = Settings(tmp_path / "file" / "settings")
    settings.pen_width = 20
    settings.save()
    assert settings.pen_width == 20
