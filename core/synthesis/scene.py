"""Made number photos for the detector: numbers, words and faults, composed of what is here.

Scene `index` of a seed is always the same one, whoever makes it and in whatever order, so workers need no
common state. A scene of 192x192 pixels takes about two milliseconds.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.reading.detector_format import LARGEST, SMALLEST
from core.recipes.scenes import IGNORED, Scenes
from core.synthesis.backgrounds import Gray, PhotoPool, make_ground, photo_ground
from core.synthesis.camera import take_photo
from core.synthesis.display_glyphs import display_picker
from core.synthesis.glyphs import LETTERS, Glyph, Glyphs, Handwriting
from core.synthesis.ornaments import ornament
from core.synthesis.painting import PaintedText, other_grey, paint
from core.synthesis.typesetting import (
    LineStyle,
    TextMask,
    random_number,
    random_style,
    random_words,
    set_line,
    stack,
)

_MARKS = (
    "A", "B", "C", "D", "E", "a", "b", "c", "N°", "N", "Nº", "#", "Nr.", "bis", "BIS", "ter", "TER", "No.", "no",
    "Apt", "Unit", "LOT", "/", "-",
)  # fmt: skip
"""What stands beside the digits of a number: 42B, N°104, 6 bis."""


@dataclass(frozen=True)
class Scene:
    """A picture with what is to be found in it.

    image: uint8 (S,S). labels: int64 (N,), 0–9, LETTER or IGNORED. boxes: float32 (N,4): left, top, right,
    bottom in pixels. letters_known: False where letters may be there that `labels` does not list.
    """

    image: Gray
    labels: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.float32]
    letters_known: bool = True


@dataclass(frozen=True)
class SceneAssets:
    """What made scenes are composed of. All arrays may be mapped from disk and shared by processes."""

    glyphs: Glyphs
    handwriting: tuple[Handwriting, ...]
    backgrounds: PhotoPool


def scene_random(seed: int, index: int) -> random.Random:
    """The random numbers of one scene, the same on every machine."""
    return random.Random(f"{seed}/{index}")


def make_scene(rng: random.Random, config: Scenes, assets: SceneAssets) -> Scene:
    """A made scene; in `config.empty` of cases one without numbers, half of those with words."""
    size = config.size
    empty = rng.random() < config.empty
    if empty and len(assets.backgrounds) and rng.random() < 0.75:
        canvas = photo_ground(rng, size, assets.backgrounds).astype(np.float32)
    else:
        canvas = make_ground(rng, size, assets.backgrounds, photo_share=0.5).astype(np.float32)
    taken: list[tuple[int, int, int, int]] = []
    labels: list[int] = []
    boxes: list[tuple[float, float, float, float]] = []
    groups = rng.choice((0, 0, 1, 2)) if empty else rng.choices((1, 2, 3, 4), (46, 30, 15, 9))[0]
    for _ in range(groups):
        height = SMALLEST * (LARGEST / SMALLEST) ** rng.random()
        block = _words_only(rng, assets, height) if empty else _number_block(rng, config, assets, height)
        if not block.spots:
            continue
        _add(rng, config, canvas, block, taken, labels, boxes)
    if rng.random() < 0.15:
        _add_ornament(rng, config, canvas, taken)
    image = np.clip(canvas, 0, 255).astype(np.uint8)
    heights = [y1 - y0 for label, (_, y0, _, y1) in zip(labels, boxes, strict=True) if label < 10]
    finest = max(min(heights, default=24.0), SMALLEST)
    image = take_photo(rng, image, finest=finest, strength=config.faults)
    return Scene(image, np.array(labels, np.int64), np.array(boxes, np.float32).reshape(-1, 4))


def make_number(rng: random.Random, config: Scenes, assets: SceneAssets) -> tuple[Gray, str]:
    """A scene with one number, all of it in sight, and nothing else to be read; and that number."""
    number, image = random_number(rng), None
    while image is None:
        canvas = make_ground(rng, config.size, assets.backgrounds, photo_share=0.5).astype(np.float32)
        height = SMALLEST * (LARGEST / SMALLEST) ** rng.random()
        style = random_style(rng, vertical=config.vertical)
        block = set_line(rng, number, _picker(rng, config, assets), height=height, style=style)
        labels: list[int] = []
        boxes: list[tuple[float, float, float, float]] = []
        _add(rng, config, canvas, block, [], labels, boxes)
        if labels == [int(c) for c in number] and min(y1 - y0 for _, y0, _, y1 in boxes) >= SMALLEST:
            image = np.clip(canvas, 0, 255).astype(np.uint8)
    finest = max(min(y1 - y0 for _, y0, _, y1 in boxes), SMALLEST)
    return take_photo(rng, image, finest=finest, strength=config.faults), number


def _number_block(rng: random.Random, config: Scenes, assets: SceneAssets, height: float) -> TextMask:
    style = random_style(rng, vertical=config.vertical)
    number = random_number(rng)
    pick = _picker(rng, config, assets)
    kind = rng.random()
    beside, words = 0.4 * config.words, 0.9 * config.words
    if kind < beside and not style.vertical:
        # A letter beside the digits, as in A888, 42B, N°104.
        mark = rng.choice(_MARKS) if rng.random() < 0.6 else rng.choice(LETTERS)
        number = mark + number if rng.random() < 0.5 else number + mark
    block = set_line(rng, number, pick, height=height, style=style)
    if beside <= kind < words:
        # As on a sign: a street or a name below the number, or above, or both; a few are larger than the number.
        lines = [
            _line_of_words(rng, assets, height * rng.uniform(0.2, 1.1))
            for _ in range(rng.choice((1, 1, 2, 3)))
        ]
        place = 0 if rng.random() < 0.6 else rng.randint(0, len(lines))
        lines.insert(place, block)
        block = stack(rng, [line for line in lines if line.spots], gap=height * rng.uniform(0.15, 0.5))
    elif words <= kind < words + 0.05:
        # Two numbers on one plaque.
        other = set_line(
            rng, random_number(rng), pick, height=height * rng.uniform(0.5, 1), style=LineStyle()
        )
        block = stack(rng, [block, other], gap=height * rng.uniform(0.4, 0.9))
    return block


def _words_only(rng: random.Random, assets: SceneAssets, height: float) -> TextMask:
    lines = [
        _line_of_words(rng, assets, height * rng.uniform(0.5, 1)) for _ in range(rng.choice((1, 1, 1, 2, 3)))
    ]
    return stack(rng, lines, gap=height * rng.uniform(0.15, 0.5))


def _line_of_words(rng: random.Random, assets: SceneAssets, height: float) -> TextMask:
    pick = _font_picker(assets.glyphs, _some_font(rng, assets.glyphs))
    style = LineStyle(tracking=rng.uniform(-0.03, 0.2))
    return set_line(rng, random_words(rng), pick, height=height, style=style)


def _some_font(rng: random.Random, glyphs: Glyphs) -> int:
    return rng.randrange(len(glyphs))


def _picker(rng: random.Random, config: Scenes, assets: SceneAssets) -> Callable[[str], Glyph]:
    """One font, one hand or one display; now and then another font for every character."""
    from_font = _font_picker(assets.glyphs, _some_font(rng, assets.glyphs))
    kind = rng.random()
    if assets.handwriting and kind < config.handwritten:
        hand = rng.choice(assets.handwriting)
        return lambda c: hand.glyph(int(c), rng.random()) if c.isascii() and c.isdigit() else from_font(c)
    if config.handwritten <= kind < config.handwritten + config.displays:
        return display_picker(rng, from_font)
    if kind > 0.96:
        return lambda c: _font_picker(assets.glyphs, _some_font(rng, assets.glyphs))(c)
    return from_font


def _font_picker(glyphs: Glyphs, font: int) -> Callable[[str], Glyph]:
    def pick(character: str) -> Glyph:
        # Fonts of digits and capitals only: their own capital, else a dash-like stroke of the figure one.
        for candidate in (character, character.upper(), character.lower(), "1"):
            if glyphs.has(font, candidate):
                return glyphs.glyph(font, candidate)
        raise AssertionError("every font has digits")

    return pick


def _add(
    rng: random.Random,
    config: Scenes,
    canvas: npt.NDArray[np.float32],
    block: TextMask,
    taken: list[tuple[int, int, int, int]],
    labels: list[int],
    boxes: list[tuple[float, float, float, float]],
) -> None:
    """Paint a block and lay it into the scene in perspective, where there is room for it."""
    size = config.size
    h, w = block.mask.shape
    corners = _seen_from(rng, w, h, config)
    low, high = corners.min(0), corners.max(0)
    span = high - low
    loose = 1.25 if rng.random() < 0.1 else 0.98
    shrink = min(1.0, loose * size / float(span.max()))
    corners = (corners - low) * shrink
    span = span * shrink
    for _ in range(10):
        x0 = _offset(rng, size, float(span[0]))
        y0 = _offset(rng, size, float(span[1]))
        area = (math.floor(x0), math.floor(y0), math.ceil(x0 + span[0]), math.ceil(y0 + span[1]))
        if not any(_overlap(area, other) for other in taken):
            break
    else:
        return
    taken.append(area)
    inside = canvas[max(area[1], 0) : max(area[3], 1), max(area[0], 0) : max(area[2], 1)]
    behind = float(inside[::2, ::2].mean()) if inside.size else 128.0
    patch = paint(rng, block, behind=behind, contrast_min=config.contrast_min)
    pad_y, pad_x = (patch.layers.shape[0] - h) / 2, (patch.layers.shape[1] - w) / 2
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32) + np.array((pad_x, pad_y), np.float32)
    target = (corners + np.array((x0, y0))).astype(np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(source, target), np.float64)
    lay(canvas, patch, matrix)
    if rng.random() < config.ornaments:
        _add_ornament(rng, config, canvas, taken, beside=area)
    for label, box in seen_spots(patch, matrix):
        kept = _visible(box, size)
        if kept is not None:
            labels.append(label if kept[1] else IGNORED)
            boxes.append(kept[0])


def _add_ornament(
    rng: random.Random, config: Scenes, canvas: npt.NDArray[np.float32], taken: list[tuple[int, int, int, int]],
    beside: tuple[int, int, int, int] | None = None,
) -> None:  # fmt: skip
    """Ironwork above, below, left or right of an area, or anywhere; never over what is already drawn."""
    size = config.size
    if beside is None:
        h, w = (round(rng.uniform(0.1, 0.6) * size) for _ in range(2))
        x, y = rng.randint(0, size - w), rng.randint(0, size - h)
    else:
        x0, y0, x1, y1 = beside
        side = rng.choices(("above", "below", "left", "right"), (5, 2, 2, 2))[0]
        lies = side in ("above", "below")
        h = round((y1 - y0) * (rng.uniform(0.4, 1.5) if lies else rng.uniform(0.7, 1.4)))
        w = round((x1 - x0) * (rng.uniform(0.5, 1.2) if lies else rng.uniform(0.2, 0.7)))
        x = {"left": x0 - w, "right": x1}.get(side, x0 + round(rng.uniform(-0.2, 0.5) * (x1 - x0)))
        y = {"above": y0 - h, "below": y1}.get(side, y0 + round(rng.uniform(-0.3, 0.3) * (y1 - y0)))
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, size), min(y + h, size)
    if min(h, w) < 6 or x1 - x0 < 3 or y1 - y0 < 3 or any(_overlap((x0, y0, x1, y1), a) for a in taken):
        return
    taken.append((x0, y0, x1, y1))
    alpha = ornament(rng, h, w)[y0 - y : y1 - y, x0 - x : x1 - x].astype(np.float32) / np.float32(255)
    place = canvas[y0:y1, x0:x1]
    place += alpha * (np.float32(other_grey(rng, float(place.mean()), config.contrast_min)) - place)


def _offset(rng: random.Random, size: int, span: float) -> float:
    free = size - span
    if free <= 0 or rng.random() < 0.06:
        # Partly outside: what is cut off by much is not asked for.
        return rng.uniform(min(free, 0) - 0.15 * span, max(free, 0) + 0.15 * span)
    return rng.uniform(0, free)


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _seen_from(rng: random.Random, w: int, h: int, config: Scenes) -> npt.NDArray[np.float64]:
    """Corners (4,2) of a w x h rectangle, turned, slanted and seen from the side."""
    angle = math.radians(rng.gauss(0, 5) if rng.random() < 0.75 else rng.uniform(-config.tilt, config.tilt))
    c, s = math.cos(angle), math.sin(angle)
    near_x, near_y = (rng.uniform(-1, 1) * config.perspective * (rng.random() < 0.5) for _ in range(2))
    narrow = rng.uniform(0.65, 1.2) if rng.random() < 0.4 else 1.0
    slant = rng.uniform(-0.3, 0.3) if rng.random() < 0.25 else 0.0
    corners = []
    for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        wide, tall = w * narrow * (1 + near_y * y), h * (1 + near_x * x)
        px, py = x * wide - slant * y * tall, y * tall
        corners.append((c * px - s * py, s * px + c * py))
    return np.array(corners)


def lay(canvas: npt.NDArray[np.float32], patch: PaintedText, matrix: npt.NDArray[np.float64]) -> None:
    """Warp the patch's layers into the part of the scene that they cover."""
    tall, wide = canvas.shape
    h, w = patch.layers.shape[:2]
    seen = _project(matrix, np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float64))
    x0, y0 = (max(int(v), 0) for v in np.floor(seen.min(0)))
    right, bottom = np.ceil(seen.max(0)) + 1
    x1, y1 = min(int(right), wide), min(int(bottom), tall)
    if x1 <= x0 or y1 <= y0:
        return
    shift = np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1]], np.float64)
    warped = cv2.warpPerspective(patch.layers, shift @ matrix, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
    place = canvas[y0:y1, x0:x1]
    place *= 1 - warped[:, :, 1]
    place += warped[:, :, 0]


def _project(matrix: npt.NDArray[np.float64], points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """points (N,2) through a homography."""
    x, y, z = matrix @ np.concatenate([points.T, np.ones((1, len(points)))])
    return np.stack([x / z, y / z], 1)


def seen_spots(
    patch: PaintedText, matrix: npt.NDArray[np.float64]
) -> list[tuple[int, tuple[float, float, float, float]]]:
    """The patch's labels with their boxes (left, top, right, bottom) in the scene."""
    if not patch.spots:
        return []
    table = np.array([s[1:] for s in patch.spots])
    corners = table[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2)
    seen = _project(matrix, corners).reshape(-1, 4, 2)
    low, high = seen.min(1), seen.max(1)
    return [
        (spot[0], (float(a[0]), float(a[1]), float(b[0]), float(b[1])))
        for spot, a, b in zip(patch.spots, low, high, strict=True)
    ]


def _visible(
    box: tuple[float, float, float, float], size: int
) -> tuple[tuple[float, float, float, float], bool] | None:
    """The part of a box inside the scene and whether it is enough to be read; None where nothing is left."""
    x0, y0, x1, y1 = max(box[0], 0.0), max(box[1], 0.0), min(box[2], float(size)), min(box[3], float(size))
    if x1 - x0 < 1 or y1 - y0 < 1:
        return None
    share = (x1 - x0) * (y1 - y0) / max((box[2] - box[0]) * (box[3] - box[1]), 1e-6)
    return (x0, y0, x1, y1), share > 0.8
