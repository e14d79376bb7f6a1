"""The samples that ship with the program can be drawn anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.base.errors import FailureError
from core.base.opencv import cv2
from core.reading.images import load_image
from core.synthesis.glyphs import no_glyphs
from core.tools import make_samples
from tests.core.scene_assets import plain_fonts


def test_photos_and_a_video_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_samples, "family_glyphs", lambda *font: plain_fonts())
    monkeypatch.setattr(make_samples, "FRAMES", 6)
    written = make_samples.make_samples(tmp_path)
    assert [p.suffix for p in written] == [".jpg"] * 4 + [".mp4"]
    assert load_image(written[0]).shape == (make_samples.HEIGHT, make_samples.WIDTH, 3)
    video = cv2.VideoCapture(str(written[-1]))
    shown = 0
    while video.read()[0]:
        shown += 1
    video.release()
    assert shown == 6


def test_a_missing_font_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_samples, "family_glyphs", lambda *font: no_glyphs())
    with pytest.raises(FailureError, match="DejaVu Serif Bold is not installed"):
        make_samples.make_samples(tmp_path)


def test_the_shipped_samples_are_there() -> None:
    from assets import SAMPLES

    assert len(list(SAMPLES.glob("house_*.jpg"))) == 4
    assert (SAMPLES / "house.mp4").stat().st_size < 2_000_000
