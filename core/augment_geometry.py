"""Where each pixel of the augmented frame looks in its source image: one map for all the geometric kinds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from core.draws import Draws
from core.recipes import Augmentation

NOMINAL = 40
"""The middle NOMINAL source pixels fill the frame where nothing is augmented."""
DIGIT_HALF = 0.5 * 20 / 28
"""Half a digit's longer side, as a share of the frame."""
_KNOTS = 5
_SMALL_STEP = 1.55
"""Source pixels per frame pixel from which a source of half the resolution is looked at, against aliasing."""


@dataclass(frozen=True)
class Warp:
    """How the digit is moved, each (N,): it is stretched, sheared, turned, zoomed, then moved and seen from a side.

    angle: radians, counter-clockwise as seen. zoom: 1 keeps the size. stretch: ratio of width to height. shear:
    tangent of the slant to the right. move_x, move_y: share of the frame, right and down. tilt_x, tilt_y: perspective; the change of
    scale from the middle to an edge. bend: (N,2,25) displacements of the elastic knots, share of the frame; or None.
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
        """A warp that changes nothing."""
        one, zero = torch.ones(n, device=device), torch.zeros(n, device=device)
        return cls(zero, one, one, zero, zero, zero, zero, zero)


def draw_warp(n: int, config: Augmentation, draws: Draws) -> tuple[Warp, Tensor]:
    """Random warps of n images, and the rows in order of their zoom, smallest first: `rows[:k]` are the k smallest.

    The zooms are spread evenly (in their logarithm) over the batch. A large digit is moved less, to stay in the frame.
    """
    order = draws.permutation(n)
    low, high = math.log(config.zoom_min), math.log(config.zoom_max)
    spread = (torch.arange(n, device=draws.device) + draws.uniform(n)) / max(n, 1)
    zoom = torch.empty(n, device=draws.device)
    zoom[order] = torch.exp(low + (high - low) * spread)
    u = draws.table(n, 7) * 2 - 1
    room = (0.54 - DIGIT_HALF * zoom).clamp_min(0.03).clamp_max(config.move)
    bend = None
    if config.elastic > 0:
        strength = draws.uniform(n) * config.elastic
        bend = draws.normal(n, 2, _KNOTS * _KNOTS).clamp_(-2, 2) * strength[:, None, None]
    warp = Warp(
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
    return warp, order


def small_count(n: int, config: Augmentation, size: int) -> int:
    """How many of `draw_warp`'s rows, smallest zoom first, should look at a source of half the resolution."""
    limit = NOMINAL / size / _SMALL_STEP
    low, high = math.log(config.zoom_min), math.log(config.zoom_max)
    if math.log(limit) <= low:
        return 0
    if high <= math.log(limit):
        return n
    return int(n * (math.log(limit) - low) / (high - low))


@lru_cache(maxsize=8)
def _basis(size: int, device: torch.device) -> Tensor:
    """(3+25, size*size): x, y (−1..1 at the frame's edges), 1, and the cubic B-splines of the elastic knots."""
    at = (torch.arange(size, dtype=torch.float64) + 0.5) * (2 / size) - 1
    knots = torch.linspace(-1.0, 1.0, _KNOTS, dtype=torch.float64)
    t = (at[:, None] - knots).abs() * ((_KNOTS - 1) / 2)
    spline = torch.where(t < 1, 2 / 3 - t**2 + t**3 / 2, (2 - t).clamp_min(0) ** 3 / 6)
    bumps = spline[:, None, :, None] * spline[None, :, None, :]
    y, x = torch.meshgrid(at, at, indexing="ij")
    plane = torch.stack([x.flatten(), y.flatten(), torch.ones(size * size, dtype=torch.float64)])
    return torch.cat([plane, bumps.reshape(size * size, -1).T]).float().to(device)


def sampling_grid(warp: Warp, source: int, size: int) -> Tensor:
    """(N,size,size,2) places in the source, as `grid_sample` wants them (−1..1 at the source's edges).

    source: side of the source images, whose middle NOMINAL pixels (of 64) fill the frame.
    """
    n = warp.angle.shape[0]
    basis = _basis(size, warp.angle.device)
    cos, sin = torch.cos(warp.angle), torch.sin(warp.angle)
    # The map from the frame back to the source: undo the move, the turn, the slant and the stretch, in that order.
    root = torch.sqrt(warp.stretch)
    scale = NOMINAL / source / warp.zoom
    xx = (cos + warp.shear * sin) / root * scale
    xy = (warp.shear * cos - sin) / root * scale
    yx, yy = sin * root * scale, cos * root * scale
    tx, ty = 2 * warp.move_x, 2 * warp.move_y
    affine = torch.stack(
        [torch.stack([xx, xy, -(xx * tx + xy * ty)], 1), torch.stack([yx, yy, -(yx * tx + yy * ty)], 1)], 1
    )
    if warp.bend is not None:
        weights = torch.cat([affine, warp.bend * (2 * scale[:, None, None])], 2)
        places = weights.view(2 * n, -1) @ basis
    else:
        places = affine.view(2 * n, 3) @ basis[:3]
    places = places.view(n, 2, size * size)
    depth = torch.stack([warp.tilt_x, warp.tilt_y, torch.ones_like(warp.tilt_x)], 1) @ basis[:3]
    return (places / depth[:, None]).view(n, 2, size, size).permute(0, 2, 3, 1)


def look(images: Tensor, grid: Tensor, padding: str) -> Tensor:
    """(N,S,S) float32: images (N,H,H) float32 looked at where the grid (N,S,S,2) says, linearly interpolated."""
    return F.grid_sample(images[:, None], grid, mode="bilinear", padding_mode=padding, align_corners=False)[:, 0]
