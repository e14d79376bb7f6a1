"""Characters as displays show them, one by one, to be set like those of a font: segments and dots."""

from __future__ import annotations

import random
from collections.abc import Callable

from core.synthesis.glyphs import MASTER, Glyph
from core.synthesis.lines.displays import dot_row, segment_row

_GAP = 0.16
"""Between characters of dots, in heights."""


def display_picker(rng: random.Random, otherwise: Callable[[str], Glyph]) -> Callable[[str], Glyph]:
    """One display: seven segments mostly, or dots. otherwise: the glyph of what a display can't show."""
    seed = rng.getrandbits(32)
    draw = _segments if rng.random() < 0.75 else _dots
    shown: dict[str, Glyph] = {}

    def pick(character: str) -> Glyph:
        if character not in shown:
            shown[character] = draw(seed, character) or otherwise(character)
        return shown[character]

    return pick


def _segments(seed: int, character: str) -> Glyph | None:
    """All places of a display are equally wide: a 1 stands at the right of its place."""

    def drawn(text: str) -> int:
        row = segment_row(random.Random(seed), text, MASTER)
        return 0 if row is None else row.shape[1]

    ink = segment_row(random.Random(seed), character, MASTER)
    if ink is None:
        return None
    pitch = drawn("88") - drawn("8")
    left = drawn(f"8{character}") - ink.shape[1] - pitch
    return Glyph(ink, left, -MASTER, pitch)


def _dots(seed: int, character: str) -> Glyph | None:
    ink = dot_row(random.Random(seed), character, MASTER)
    return None if ink is None else Glyph(ink, 0, -MASTER, ink.shape[1] + round(_GAP * MASTER))
