"""Scenes' assets without fonts, data or network: two hands of OpenCV's own lettering."""

from __future__ import annotations

import numpy as np

from core.base.opencv import cv2
from core.synthesis.backgrounds import PhotoPool
from core.synthesis.glyphs import CHARACTERS, MASTER, Glyph, Glyphs, Handwriting, glyphs_of
from core.synthesis.scene import SceneAssets


def glyph(character: str, thickness: int, face: int = cv2.FONT_HERSHEY_SIMPLEX) -> Glyph:
    """A character about MASTER pixels tall."""
    scale = MASTER / 21
    canvas = np.zeros((3 * MASTER, 3 * MASTER), np.uint8)
    cv2.putText(canvas, character, (MASTER, 2 * MASTER), face, scale, 255, thickness, cv2.LINE_AA)
    rows, columns = np.flatnonzero(canvas.any(1)), np.flatnonzero(canvas.any(0))
    ink = canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Glyph(np.ascontiguousarray(ink), 2, int(rows[0]) - 2 * MASTER, ink.shape[1] + 6)


def plain_fonts() -> Glyphs:
    """Two fonts with all characters that OpenCV can draw."""
    known = [c for c in CHARACTERS if c != "°"]
    return glyphs_of([{c: glyph(c, thickness) for c in known} for thickness in (5, 9)])


def assets() -> SceneAssets:
    """Two fonts, one hand, three textured photos."""
    rng = np.random.default_rng(1)
    images = np.zeros((10, 64, 64), np.uint8)
    for digit in range(10):
        cv2.putText(images[digit], str(digit), (18, 45), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.2, 255, 2)
    photos = [
        np.asarray(cv2.resize(rng.integers(0, 255, (12, 15), dtype=np.uint8), (300, 220 + 40 * i)), np.uint8)
        for i in range(3)
    ]
    return SceneAssets(plain_fonts(), (Handwriting.of(images, np.arange(10)),), PhotoPool.of(photos))
