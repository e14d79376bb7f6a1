"""Digits cut out of made number photos, with whatever stands around them there.

There are a few thousand digits of real street photos, and a network learns them by heart; these come without end.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.loaders.background_photos import read_gray
from core.loaders.cache import Arrays
from core.loaders.digit_frame import SOURCE_SIZE, cut_digit
from core.reading.types import Box
from core.recipes.scenes import Scenes
from core.synthesis.backgrounds import PhotoPool
from core.synthesis.glyphs import font_glyphs
from core.synthesis.scene import SceneAssets, make_scene, scene_random

VERSION = 5
DIGITS = {"train": 40_000, "dev": 2_000}
"""How many are cut out for a split."""
SMALLEST = 14
"""Height of a digit in its photo, in pixels, from which it can be read."""
_SCENES = Scenes(empty=0.0, handwritten=0.0, displays=0.25, contrast_min=0.2, faults=0.8)
_FONTS = {"train": 900, "dev": 110}


def build(cache: Path, backgrounds: list[Path], split: str) -> Arrays:
    """images uint8 (N,64,64), labels int64 (N,). backgrounds: photos without writing.

    Train and dev show different fonts. N is DIGITS of the split; 0 where no fonts are installed.
    """
    glyphs = font_glyphs(cache, split, limit=_FONTS[split])
    assets = SceneAssets(glyphs, (), PhotoPool.of([read_gray(path) for path in backgrounds]))
    wanted = DIGITS[split] if len(glyphs) else 0
    images = np.empty((wanted, SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    labels = np.empty(wanted, np.int64)
    done = index = 0
    while done < wanted:
        scene = make_scene(scene_random(len(split), index), _SCENES, assets)
        index += 1
        for label, (x0, y0, x1, y1) in zip(scene.labels.tolist(), scene.boxes.tolist(), strict=True):
            if label <= 9 and y1 - y0 >= SMALLEST and done < wanted:
                images[done] = cut_digit(scene.image, Box(x0, y0, x1 - x0, y1 - y0))
                labels[done] = label
                done += 1
    return {"images": images, "labels": labels}
