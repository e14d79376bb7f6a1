"""What happens to ink before it has a colour: pen thickness, hollow letters, digits at the sides. On uint8 masks."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from core.draws import Draws

_INK = 64
"""Coverage (of 255) from which a pixel counts as ink when a digit's extent is measured."""
_MIN_WIDTH, _MAX_WIDTH = 2.2, 8.0
"""Stroke widths, in source pixels, that thickness stays within: thinner strokes vanish, thicker ones close holes."""


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


def change_thickness(masks: Tensor, strength: Tensor) -> Tensor:
    """Strokes made thicker (strength > 0) or thinner (< 0). masks: (N,H,W) uint8; strength: (N,) in −1..1.

    The stroke width is estimated as twice the area over the outline's length; ±1 changes it by a factor of 1.8,
    within limits that keep strokes there and holes open.
    """
    thicker = dilate_plus(masks)
    levels = [level.float() for level in (erode_plus(masks), masks, thicker, dilate_square(thicker))]
    area = levels[1].sum((1, 2))
    outline = (levels[2].sum((1, 2)) - area).clamp_min(1)
    width = 2 * area / outline
    wanted = width * torch.exp(strength * math.log(1.8))
    wanted = torch.where(strength > 0, torch.maximum(width, wanted.clamp_max(_MAX_WIDTH)), wanted)
    wanted = torch.where(strength < 0, torch.minimum(width, wanted.clamp_min(_MIN_WIDTH)), wanted)
    step = ((wanted - width) / 2).clamp(-1, 2)[:, None, None]
    changed = torch.zeros_like(levels[0])
    for at, level in zip((-1, 0, 1, 2), levels, strict=True):
        changed += level * (1 - (step - at).abs()).clamp_min_(0)
    return changed.round_().to(torch.uint8)


def hollow(masks: Tensor) -> Tensor:
    """Digits drawn as an outline. masks: (N,H,W) uint8. Thin strokes get their outline outside, thick ones at the edge."""
    thicker = dilate_plus(masks)
    outer = dilate_square(thicker)
    area = masks.float().sum((1, 2))
    width = 2 * area / (thicker.float().sum((1, 2)) - area).clamp_min(1)
    thin = (width < 5)[:, None, None]
    return torch.where(thin, outer - masks, thicker - erode_plus(masks))


def _extent(masks: Tensor) -> tuple[Tensor, Tensor]:
    """First and last column with ink, each (N,); the middle where there is none."""
    side = masks.shape[2]
    inked = masks.amax(1) > _INK
    column = torch.arange(side, device=masks.device)
    first = torch.where(inked, column, side).amin(1)
    last = torch.where(inked, column, -1).amax(1)
    empty = last < 0
    return torch.where(empty, side // 2, first), torch.where(empty, side // 2, last)


def add_neighbours(masks: Tensor, others: Tensor, draws: Draws) -> Tensor:
    """Masks with other digits at their left, right or both sides, beyond a gap of 1 to 7 pixels.

    masks: (N,H,H) uint8. others: (M,H,H) uint8, from which neighbours are drawn. What lies beyond the source is cut off.
    """
    n, side = masks.shape[0], masks.shape[1]
    if n == 0 or others.shape[0] == 0:
        return masks
    first, last = _extent(masks)
    which = draws.uniform(n)
    for right in (False, True):
        other = others[draws.integers(n, others.shape[0])]
        other_first, other_last = _extent(other)
        gap = 1 + draws.integers(n, 7)
        shift = last + gap + 1 - other_first if right else first - gap - 1 - other_last
        shown = which > 0.25 if right else which < 0.75
        shift = torch.where(shown, shift, side).clamp(-side, side)
        padded = F.pad(other, (side, side, 2, 2))
        windows = padded.unfold(1, side, 1).unfold(2, side, 1)
        row = torch.arange(n, device=masks.device)
        masks = torch.maximum(masks, windows[row, draws.integers(n, 5), side - shift])
    return masks
