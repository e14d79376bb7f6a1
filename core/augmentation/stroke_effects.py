"""What happens to ink before it has a colour: pen thickness, hollow letters, digits at the sides."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from core.augmentation.random_draws import BatchRandom
from core.augmentation.resampling import index_rows, windows

_INK = 64
"""Coverage (of 255) from which a pixel counts as ink when a digit's extent is measured."""
_MIN_WIDTH, _MAX_WIDTH = 2.2, 8.0
"""Stroke widths, source pixels, that thickness keeps to: thinner ones vanish, thicker ones close holes."""
_THICKER = 1.8
"""Largest change of the stroke width, as a factor."""
_THIN = 5
"""Stroke width, source pixels, below which an outline does not fit inside a stroke."""
_WIDEST_GAP = 7  # source pixels between neighbours
_JITTER = 2  # source pixels, neighbours' height above or below the digit


def dilate_plus(masks: Tensor) -> Tensor:
    """Each pixel's maximum with its four neighbours. (N,H,W), any dtype; outside is empty."""
    padded = F.pad(masks, (1, 1, 1, 1))
    across = torch.maximum(padded[:, 1:-1, :-2], padded[:, 1:-1, 2:])
    along = torch.maximum(padded[:, :-2, 1:-1], padded[:, 2:, 1:-1])
    return torch.maximum(torch.maximum(across, along), masks)


def dilate_square(masks: Tensor) -> Tensor:
    """Each pixel's maximum with its eight neighbours. (N,H,W), any dtype; outside is empty."""
    padded = F.pad(masks, (1, 1, 1, 1))
    across = torch.maximum(torch.maximum(padded[:, :, :-2], padded[:, :, 2:]), padded[:, :, 1:-1])
    return torch.maximum(torch.maximum(across[:, :-2], across[:, 2:]), across[:, 1:-1])


def erode_plus(masks: Tensor) -> Tensor:
    """Each pixel's minimum with its four neighbours. (N,H,W), any dtype; outside is empty."""
    padded = F.pad(masks, (1, 1, 1, 1))
    across = torch.minimum(padded[:, 1:-1, :-2], padded[:, 1:-1, 2:])
    along = torch.minimum(padded[:, :-2, 1:-1], padded[:, 2:, 1:-1])
    return torch.minimum(torch.minimum(across, along), masks)


def _stroke_width(area: Tensor, area_thicker: Tensor) -> Tensor:
    """(N,) pixels: twice the area over the outline's length, which one step of dilation measures."""
    return 2 * area / (area_thicker - area).clamp_min(1)


def change_thickness(masks: Tensor, strength: Tensor) -> Tensor:
    """Strokes made thicker (strength > 0) or thinner (< 0). masks: (N,H,W) uint8; strength: (N,) in −1..1.

    Within limits that keep thin strokes there and holes open; parts of a pixel by blending whole steps.
    """
    thicker = dilate_plus(masks)
    steps = (erode_plus(masks), masks, thicker, dilate_square(thicker))
    levels = [step.to(torch.float32) for step in steps]
    width = _stroke_width(levels[1].sum((1, 2)), levels[2].sum((1, 2)))
    wanted = width * torch.exp(strength * math.log(_THICKER))
    wanted = torch.where(
        strength > 0,
        torch.maximum(width, wanted.clamp_max(_MAX_WIDTH)),
        torch.minimum(width, wanted.clamp_min(_MIN_WIDTH)),
    )
    step = ((wanted - width) / 2).clamp(-1, 2)
    changed = torch.full_like(levels[0], 0.5)
    for at, level in zip((-1, 0, 1, 2), levels, strict=True):
        changed += level.mul_((1 - (step - at).abs()).clamp_min_(0)[:, None, None])
    return changed.to(torch.uint8)


def hollow(masks: Tensor) -> Tensor:
    """Digits drawn as outlines: around thin strokes, inside the edge of thick ones. masks: (N,H,W) uint8."""
    thicker = dilate_plus(masks)
    around = dilate_square(thicker) - masks
    inside = thicker - erode_plus(masks)
    width = _stroke_width(masks.to(torch.float32).sum((1, 2)), thicker.to(torch.float32).sum((1, 2)))
    thin = (width < _THIN).to(torch.uint8)[:, None, None]
    return around * thin + inside * (1 - thin)


def _extent(masks: Tensor) -> tuple[Tensor, Tensor]:
    """First and last column with ink, each (N,) int64; the middle if there is no ink."""
    side = masks.shape[2]
    highest = masks
    while (height := highest.shape[1]) > 1:  # by halves: three times as fast as amax on bytes
        half = (height + 1) // 2
        highest = torch.maximum(highest[:, :half], highest[:, height - half :])
    inked = highest[:, 0] > _INK
    column = torch.arange(side, device=masks.device)
    first = torch.where(inked, column, side).amin(1)
    last = torch.where(inked, column, -1).amax(1)
    empty = last < 0
    return torch.where(empty, side // 2, first), torch.where(empty, side // 2, last)


def add_neighbours(masks: Tensor, others: Tensor, draws: BatchRandom) -> Tensor:
    """Masks with other digits at the left, the right or both sides, beyond a gap of 1 to 7 pixels.

    masks: (N,H,H) uint8. others: (M,H,H) uint8, from which neighbours are drawn, M > 0. What would lie beyond
    the source is cut off.
    """
    n, side = masks.shape[0], masks.shape[1]
    first, last = _extent(masks)
    row = torch.arange(n, device=masks.device)
    sides = draws.uniform(n)
    for right in (False, True):
        other = index_rows(others, draws.integers(n, others.shape[0]))
        other_first, other_last = _extent(other)
        gap = 1 + draws.integers(n, _WIDEST_GAP)
        shift = last + gap + 1 - other_first if right else first - gap - 1 - other_last
        shown = sides > 0.25 if right else sides < 0.75
        shift = torch.where(shown, shift, side).clamp(-side, side)
        padded = F.pad(other, (side, side, _JITTER, _JITTER))
        masks = torch.maximum(
            masks, windows(padded, row, draws.integers(n, 2 * _JITTER + 1), side - shift, side)
        )
    return masks
