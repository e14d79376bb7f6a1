"""Pen thickness, hollow digits, digits at the sides."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from core.augmentation.random_draws import BatchRandom
from core.augmentation.stroke_effects import (
    add_neighbours,
    change_thickness,
    dilate_plus,
    dilate_square,
    erode_plus,
    hollow,
)


def ring(width: int) -> Tensor:
    """(1,64,64) uint8: a square 0, 28 pixels high, 16 wide, its strokes `width` wide."""
    mask = torch.zeros((1, 64, 64), dtype=torch.uint8)
    mask[:, 18:46, 24:40] = 255
    mask[:, 18 + width : 46 - width, 24 + width : 40 - width] = 0
    return mask


def draws() -> BatchRandom:
    return BatchRandom(torch.Generator().manual_seed(1), torch.device("cpu"))


def test_dilation_and_erosion_are_maxima_and_minima() -> None:
    mask = torch.randint(0, 256, (3, 20, 24), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    square = F.max_pool2d(mask.float()[:, None], 3, 1, 1)[:, 0].to(torch.uint8)
    assert torch.equal(dilate_square(mask), square)
    column = F.max_pool2d(mask.float()[:, None], (3, 1), 1, (1, 0))[:, 0]
    row = F.max_pool2d(mask.float()[:, None], (1, 3), 1, (0, 1))[:, 0]
    assert torch.equal(dilate_plus(mask), torch.maximum(column, row).to(torch.uint8))
    inner = 255 - dilate_plus(255 - mask)
    assert torch.equal(erode_plus(mask)[:, 1:-1, 1:-1], inner[:, 1:-1, 1:-1])


def test_no_strength_changes_nothing() -> None:
    mask = ring(4)
    assert torch.equal(change_thickness(mask, torch.zeros(1)), mask)


def test_strength_makes_strokes_thicker_and_thinner_in_order() -> None:
    strengths = torch.linspace(-1, 1, 9)
    areas = change_thickness(ring(4).expand(9, -1, -1), strengths).float().sum((1, 2))
    assert (areas.diff() > 0).all()
    assert areas[-1] / areas[4] > 1.4
    assert areas[0] / areas[4] < 0.75


def test_thin_strokes_stay_and_holes_stay_open() -> None:
    thin = change_thickness(ring(2), -torch.ones(1))
    assert thin[:, 30, 24:40].max() > 200
    bold = change_thickness(ring(5), torch.ones(1))
    assert bold[:, 32, 32].max() == 0
    assert bold[:, 32, 24].min() > 200


def test_hollow_digits_have_empty_strokes_and_edges() -> None:
    for width in (3, 6):
        mask = hollow(ring(width))
        stroke = mask[0, 32, 24 : 24 + width]
        assert stroke[width // 2] == 0
        assert mask[0, 32, 20:32].max() == 255
        assert mask[0, 32, 32] == 0


def test_neighbours_keep_a_gap_and_stand_on_both_sides_of_most() -> None:
    masks = ring(4).repeat(200, 1, 1)
    shown = add_neighbours(masks, ring(3), draws())
    assert torch.equal(shown[:, :, 23:41], masks[:, :, 23:41])
    left, right = shown[:, :, :23].flatten(1).amax(1) > 0, shown[:, :, 41:].flatten(1).amax(1) > 0
    assert (left | right).all()
    assert 60 < int((left & right).sum()) < 140
    gaps = (shown[left][:, :, :24].amax(1) > 0).int().flip(1).argmax(1)
    assert set(gaps.tolist()) == set(range(1, 8))


def test_neighbours_of_nothing_and_empty_neighbours_do_no_harm() -> None:
    empty = torch.zeros((4, 64, 64), dtype=torch.uint8)
    assert torch.equal(add_neighbours(ring(4).repeat(4, 1, 1), empty, draws()), ring(4).repeat(4, 1, 1))
    beside_nothing = add_neighbours(empty, ring(4), draws())
    assert beside_nothing[:, :, 32].max() == 0
    assert beside_nothing.max() == 255


def test_wide_neighbours_are_cut_off_at_the_source() -> None:
    full = torch.full((1, 64, 64), 255, dtype=torch.uint8)
    shown = add_neighbours(full.repeat(3, 1, 1), full, draws())
    assert torch.equal(shown, full.repeat(3, 1, 1))
