"""Each geometric kind moves pixels where it says."""

from __future__ import annotations

import dataclasses
import math
from functools import partial

import pytest
import torch
from torch import Tensor

from core.augmentation.geometry import Warp, coarse_count, draw_warp, sample_grid, sampling_grid
from core.augmentation.random_draws import BatchRandom
from core.reading.types import INK_SHARE
from core.recipes.recipe import RECIPES, Augmentation

SIZE = 32
CPU = torch.device("cpu")


def shape() -> Tensor:
    """(1,64,64) uint8: an F, which looks different from every side."""
    ink = torch.zeros((1, 64, 64), dtype=torch.uint8)
    ink[:, 18:46, 24:29] = 255
    ink[:, 18:23, 24:40] = 255
    ink[:, 30:34, 24:36] = 255
    return ink


def seen(*, coarse: bool = False, bend: Tensor | None = None, **changes: float) -> Tensor:
    """(SIZE,SIZE): the shape through one warp."""
    values = {name: torch.tensor([float(value)]) for name, value in changes.items()}
    warp = dataclasses.replace(Warp.none(1, CPU), **values, bend=bend)
    return sample_grid(shape(), sampling_grid(warp, SIZE), coarse=coarse)[0]


def middle_of(view: Tensor) -> tuple[float, float]:
    """Centre of mass, x and y, pixels from the middle of the frame."""
    at = torch.arange(SIZE) - (SIZE - 1) / 2
    return float((view.sum(0) * at).sum() / view.sum()), float((view.sum(1) * at).sum() / view.sum())


def spread_of(view: Tensor) -> tuple[float, float]:
    """Standard deviation of the ink across and along, pixels."""
    at = torch.arange(SIZE) - (SIZE - 1) / 2
    x, y = middle_of(view)
    across, along = view.sum(0) * (at - x).square(), view.sum(1) * (at - y).square()
    return float((across.sum() / view.sum()).sqrt()), float((along.sum() / view.sum()).sqrt())


def extent(view: Tensor) -> tuple[int, int]:
    """Width and height of the ink, pixels."""
    inked = view > 0.5
    return int(inked.any(0).sum()), int(inked.any(1).sum())


def test_a_quarter_turn_is_rot90() -> None:
    turned, straight = seen(angle=math.pi / 2), seen()
    assert (turned - torch.rot90(straight)).abs().max() < 1e-4


def test_positive_angles_turn_counter_clockwise() -> None:
    bar = seen(angle=0.5)
    top, bottom = bar[:12], bar[20:]
    columns = torch.arange(SIZE)
    assert (top.sum(0) * columns).sum() / top.sum() < (seen()[:12].sum(0) * columns).sum() / seen()[:12].sum()
    assert (bottom.sum(0) * columns).sum() / bottom.sum() > 13


@pytest.mark.parametrize("zoom", [0.6, 0.8, 1.25])
def test_zoom_scales_both_sides(zoom: float) -> None:
    (width, height), (width_1, height_1) = extent(seen(zoom=zoom)), extent(seen())
    assert width == pytest.approx(width_1 * zoom, abs=1.5)
    assert height == pytest.approx(height_1 * zoom, abs=1.5)
    view = seen(zoom=zoom, coarse=zoom < 0.8)
    assert float(view.sum()) == pytest.approx(float(seen().sum()) * zoom**2, rel=0.08)


@pytest.mark.parametrize(("x", "y"), [(0.1, 0.0), (0.0, -0.1), (-0.15, 0.15)])
def test_move_shifts_the_centre_of_mass(x: float, y: float) -> None:
    moved, still = middle_of(seen(move_x=x, move_y=y)), middle_of(seen())
    assert moved[0] - still[0] == pytest.approx(x * SIZE, abs=0.1)
    assert moved[1] - still[1] == pytest.approx(y * SIZE, abs=0.1)


def test_moves_are_the_same_for_turned_and_small_digits() -> None:
    turned = partial(seen, angle=0.7, zoom=0.7, shear=0.2)
    moved, still = middle_of(turned(move_x=0.15, move_y=-0.1)), middle_of(turned())
    assert moved[0] - still[0] == pytest.approx(0.15 * SIZE, abs=0.2)
    assert moved[1] - still[1] == pytest.approx(-0.1 * SIZE, abs=0.2)


def test_stretch_is_the_ratio_of_width_to_height() -> None:
    (width, height), (width_1, height_1) = spread_of(seen(stretch=1.44)), spread_of(seen())
    assert width / width_1 == pytest.approx(1.2, rel=0.03)
    assert height / height_1 == pytest.approx(1 / 1.2, rel=0.03)


def test_shear_leans_to_the_right() -> None:
    leaning, straight = seen(shear=0.3), seen()
    stem = [int(view[row].gt(0.5).nonzero()[0]) for view in (leaning, straight) for row in (8, 24)]
    assert stem[2] == stem[3]
    assert stem[0] - stem[1] == pytest.approx(0.3 * 16, abs=1.1)


def test_tilt_makes_the_near_side_larger() -> None:
    block = torch.full((1, 64, 64), 0, dtype=torch.uint8)
    block[:, 22:42, 16:48] = 255
    warp = dataclasses.replace(Warp.none(1, CPU), tilt_x=torch.tensor([0.2]))
    view = sample_grid(block, sampling_grid(warp, SIZE), coarse=False)[0]
    left, right = (int((view[:, column] > 0.5).sum()) for column in (7, 24))
    assert right > left + 2


def test_bend_moves_strokes_a_little() -> None:
    assert torch.equal(seen(bend=torch.zeros(1, 2, 25)), seen())
    bent = seen(bend=0.05 * torch.randn(1, 2, 25, generator=torch.Generator().manual_seed(1)))
    assert (bent - seen()).abs().max() > 0.3
    assert float(bent.sum()) == pytest.approx(float(seen().sum()), rel=0.3)


def test_an_even_bend_is_a_move() -> None:
    bend = torch.zeros(1, 2, 25)
    bend[:, 0] = 0.1
    view = seen(bend=bend)
    assert middle_of(view)[0] - middle_of(seen())[0] == pytest.approx(-0.1 * SIZE, abs=0.6)


def test_small_digits_look_the_same_at_half_the_resolution() -> None:
    coarse, fine = seen(zoom=0.6, angle=0.2, coarse=True), seen(zoom=0.6, angle=0.2)
    assert (coarse - fine).abs().mean() < 0.02
    assert float(coarse.sum()) == pytest.approx(float(fine.sum()), rel=0.02)


def test_outside_the_source_is_its_mirror_image() -> None:
    photo = torch.arange(64, dtype=torch.uint8).mul(3).repeat(1, 64, 1)
    warp = dataclasses.replace(Warp.none(1, CPU), zoom=torch.tensor([0.5]))
    view = sample_grid(photo, sampling_grid(warp, SIZE), coarse=True)[0]
    assert float(view[:, 0].mean()) == pytest.approx(float(view[:, 6].mean()), abs=0.02)


@pytest.mark.parametrize("recipe", list(RECIPES))
def test_warps_keep_to_the_configuration(recipe: str) -> None:
    config = RECIPES[recipe].augmentation
    warp = draw_warp(500, config, BatchRandom(torch.Generator().manual_seed(1), CPU))
    assert warp.angle.abs().max() <= math.radians(config.rotate) + 1e-6
    assert warp.zoom.min() >= config.zoom_min - 1e-5
    assert warp.zoom.max() <= config.zoom_max + 1e-5
    assert (warp.zoom.diff() >= 0).all()
    assert warp.stretch.log().abs().max() <= math.log1p(config.stretch) + 1e-6
    for move in (warp.move_x, warp.move_y):
        assert move.abs().max() <= config.move + 1e-6
        assert (move.abs() + INK_SHARE / 2 * warp.zoom <= 0.55).all()
    assert (warp.bend is None) == (config.elastic == 0)


def test_only_small_digits_are_looked_at_coarsely() -> None:
    config = Augmentation(zoom_min=0.5, zoom_max=1.25)
    count = coarse_count(400, config, SIZE)
    warp = draw_warp(400, config, BatchRandom(torch.Generator().manual_seed(1), CPU))
    assert 100 < count < 300
    assert warp.zoom[:count].max() < 0.82
    assert warp.zoom[count:].min() > 0.79
    assert coarse_count(400, Augmentation(zoom_min=0.9), SIZE) == 0
    assert coarse_count(400, Augmentation(zoom_min=0.2, zoom_max=1.0), 8) == 400
