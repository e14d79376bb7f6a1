"""Where each pixel of the augmented frame looks in its source image: one map for all the geometric kinds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from core.augmentation.random_draws import BatchRandom
from core.augmentation.resampling import area_matrix
from core.loaders.digit_frame import NOMINAL, SOURCE_SIZE
from core.reading.types import INK_SHARE
from core.recipes.recipe import Augmentation

_KNOTS = 5  # of the elastic field, each way
_COARSE_STEP = 1.55
"""Source pixels per frame pixel from which half the source's resolution is looked at, against aliasing."""


@dataclass(frozen=True)
class Warp:
    """How digits are moved: stretched, sheared, turned, zoomed, moved, seen from a side. Each (N,) float32.

    angle: radians, counter-clockwise as seen. zoom: 1 keeps the size. stretch: ratio of width to height.
    shear: tangent of the slant to the right. move_x, move_y: share of the frame, right and down. tilt_x,
    tilt_y: perspective, the change of scale from the middle to an edge. bend: (N,2,25) shifts of the elastic
    knots, share of the frame; None leaves strokes as they are.
    """

    angle: Tensor
    zoom: Tensor
    stretch: Tensor
    shear: Tensor
    move_x: Tensor
    move_y: Tensor
    tilt_x: Tensor
    tilt_y: Tensor
    bend: Tensor | None = None

    @classmethod
    def none(cls, n: int, device: torch.device) -> Warp:
        """n warps that change nothing."""
        one, zero = torch.ones(n, device=device), torch.zeros(n, device=device)
        return cls(zero, one, one, zero, zero, zero, zero, zero)


def draw_warp(n: int, config: Augmentation, draws: BatchRandom, is_photo: Tensor | None = None) -> Warp:
    """n random warps, smallest zoom first: put the images in random order before.

    The zooms are spread evenly, in their logarithm; photos, (N,) bool, are moved half as much, as a box frames
    their digits. A digit that would leave the frame is moved less, and a small one too: else its
    neighbour would stand in the middle.
    """
    low, high = math.log(config.zoom_min), math.log(config.zoom_max)
    spread = (torch.arange(n, device=draws.device) + draws.uniform(n)) / n
    zoom = torch.exp(low + (high - low) * spread)
    move = torch.full_like(zoom, config.move)
    if is_photo is not None:
        move = torch.where(is_photo, move / 2, move)
    u = draws.table(7, n) * 2 - 1
    room = (0.54 - INK_SHARE / 2 * zoom).clamp_min_(0.03).minimum(move * zoom.clamp_max(1))
    bend = None
    if config.elastic > 0:
        strength = draws.uniform(n, 0, config.elastic)
        bend = draws.normal(n, 2, _KNOTS * _KNOTS).clamp_(-2, 2) * strength[:, None, None]
    return Warp(
        angle=u[0] * math.radians(config.rotate),
        zoom=zoom,
        stretch=torch.exp(u[1] * math.log1p(config.stretch)),
        shear=u[2] * math.tan(math.radians(config.shear)),
        move_x=u[3] * room,
        move_y=u[4] * room,
        tilt_x=u[5] * (config.perspective / 2),
        tilt_y=u[6] * (config.perspective / 2),
        bend=bend,
    )


def coarse_count(n: int, config: Augmentation, size: int) -> int:
    """How many of `draw_warp`'s n rows, smallest zoom first, look at half the source's resolution."""
    limit = math.log(NOMINAL / size / _COARSE_STEP)
    low, high = math.log(config.zoom_min), math.log(config.zoom_max)
    if limit <= low or limit >= high:
        return n if limit >= high else 0
    return int(n * (limit - low) / (high - low))


@lru_cache(maxsize=8)
def _basis(size: int, device: torch.device) -> Tensor:
    """(3+25,size*size): x and y (−1..1 at the frame's edges), 1, and the elastic knots' cubic B-splines."""
    at = (torch.arange(size, dtype=torch.float64) + 0.5) * (2 / size) - 1
    knots = torch.linspace(-1.0, 1.0, _KNOTS, dtype=torch.float64)
    t = (at[:, None] - knots).abs() * ((_KNOTS - 1) / 2)
    spline = torch.where(t < 1, 2 / 3 - t**2 + t**3 / 2, (2 - t).clamp_min(0) ** 3 / 6)
    bumps = spline[:, None, :, None] * spline[None, :, None, :]
    y, x = torch.meshgrid(at, at, indexing="ij")
    plane = torch.stack([x.flatten(), y.flatten(), torch.ones(size * size, dtype=torch.float64)])
    return torch.cat([plane, bumps.reshape(size * size, -1).T]).float().to(device)


def sampling_grid(warp: Warp, size: int) -> Tensor:
    """(N,size,size,2) places in the source, as `grid_sample` wants them (−1..1 at the source's edges).

    The source's middle NOMINAL of SOURCE_SIZE pixels fill the frame where the warp changes nothing.
    """
    n = warp.angle.shape[0]
    basis = _basis(size, warp.angle.device)
    cos, sin = torch.cos(warp.angle), torch.sin(warp.angle)
    # Back from the frame to the source: the move, the turn, the slant, the stretch are undone in that order.
    scale = NOMINAL / SOURCE_SIZE / warp.zoom
    root = torch.sqrt(warp.stretch)
    xx = (cos + warp.shear * sin) / root * scale
    xy = (warp.shear * cos - sin) / root * scale
    yx = sin * root * scale
    yy = cos * root * scale
    x0 = -2 * (xx * warp.move_x + xy * warp.move_y)
    y0 = -2 * (yx * warp.move_x + yy * warp.move_y)
    weights = torch.stack([xx, xy, x0, yx, yy, y0], 1).view(n, 2, 3)
    if warp.bend is not None:
        weights = torch.cat([weights, warp.bend * (2 * scale[:, None, None])], 2)
    places = (weights.view(2 * n, -1) @ basis[: weights.shape[2]]).view(n, 2, size * size)
    depth = torch.stack([warp.tilt_x, warp.tilt_y, torch.ones_like(warp.tilt_x)], 1) @ basis[:3]
    return places.div_(depth[:, None]).view(n, 2, size, size).permute(0, 2, 3, 1)


def sample_grid(images: Tensor, grid: Tensor, *, coarse: bool) -> Tensor:
    """(N,S,S) float32 in 0..1: images (N,H,H) uint8 seen at the grid's places, linearly interpolated.

    coarse: at half the resolution. What lies outside the source is its mirror image.
    """
    values = images.to(torch.float32).mul_(1 / 255)
    if coarse:
        # Rows first, then a product: on the CPU four times as fast as avg_pool2d.
        halve = area_matrix(images.shape[2], images.shape[2] // 2, images.device).T
        values = (values[:, ::2] + values[:, 1::2]) @ (halve / 2)
    return F.grid_sample(
        values[:, None], grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )[:, 0]
