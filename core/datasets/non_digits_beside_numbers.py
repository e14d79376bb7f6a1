"""Pieces of made number photos beside the digits, where an edge of a plaque, a post or a rim looks like one more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.loaders.background_photos import read_gray
from core.loaders.digit_frame import SOURCE_SIZE, Image, cut_digit
from core.reading.types import Box
from core.recipes.scenes import Scenes
from core.synthesis.backgrounds import PhotoPool
from core.synthesis.glyphs import font_glyphs
from core.synthesis.scene import Scene, SceneAssets, make_scene, scene_random

SMALLEST = 14
"""Height of a digit in its photo, in pixels, from which something beside it is taken."""
WIDE = 0.3
"""Width of what is looked for, in heights of the digit: that of a 1."""
GAPS = (0.05, 0.15, 0.25, 0.35, 0.45, 0.6, 0.75)
"""How far from the digit it is looked for, in heights."""
CLEAR = 0.05
"""What it keeps away from every character, in heights."""
_SCENES = Scenes(empty=0.0, handwritten=0.0, contrast_min=0.2, faults=0.8, ornaments=0.4)
_FONTS = {"train": 900, "dev": 110}
_SEED = 70


def beside_numbers(cache: Path, backgrounds: list[Path], split: str, count: int) -> Image:
    """uint8 (count,64,64), framed as the digits of such photos are; (0,64,64) where no fonts are installed.

    backgrounds: photos without writing. Train and dev show different fonts.
    """
    glyphs = font_glyphs(cache, split, limit=_FONTS[split])
    assets = SceneAssets(glyphs, (), PhotoPool.of([read_gray(path) for path in backgrounds]))
    wanted = count if len(glyphs) else 0
    images = np.empty((wanted, SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    done = index = 0
    while done < wanted:
        scene = make_scene(scene_random(_SEED + len(split), index), _SCENES, assets)
        index += 1
        box = most_like_a_stroke(scene)
        if box is not None:
            images[done] = cut_digit(scene.image, box)
            done += 1
    return images


def most_like_a_stroke(scene: Scene) -> Box | None:
    """Of the places beside the scene's digits that no character reaches, the one with the steepest upright edges.

    None where there is no room beside any digit of SMALLEST or more.
    """
    wide = scene.image.shape[1]
    steep = np.abs(cv2.Sobel(scene.image, cv2.CV_32F, 1, 0, ksize=3))
    best, most = None, -1.0
    for k in np.flatnonzero((scene.labels <= 9) & (scene.boxes[:, 3] - scene.boxes[:, 1] >= SMALLEST)):
        left, top, right, bottom = (float(v) for v in scene.boxes[k])
        tall = bottom - top
        for gap in GAPS:
            for x in (left - (gap + WIDE) * tall, right + gap * tall):
                box = Box(x, top, WIDE * tall, tall)
                if x < 0 or x + box.w > wide or _reaches(scene.boxes, box):
                    continue
                part = steep[max(int(top), 0) : int(bottom) + 1, int(x) : int(x + box.w) + 1]
                if float(part.mean()) > most:
                    best, most = box, float(part.mean())
    return best


def _reaches(characters: npt.NDArray[np.float32], box: Box) -> bool:
    """Whether any of the characters (N,4) comes closer to a box than CLEAR."""
    left, top, right, bottom = characters.T
    room = CLEAR * box.h
    beside = (left < box.x + box.w + room) & (right > box.x - room)
    return bool((beside & (top < box.y + box.h) & (bottom > box.y)).any())
