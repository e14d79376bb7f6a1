"""Grounds behind the digit: one grey, gradients, noise, drawn shapes, pieces of photos. All batched."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from core.draws import Draws
from core.resampling import apply_separable, take, value_noise_table

_SHAPES = 4  # on a figure ground
_PLAQUES = 0.5
"""Share of figure grounds on which the digit stands on a plaque."""


@lru_cache(maxsize=8)
def positions(size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """x and y of each pixel's middle, each (size*size,), −1..1 at the frame's edges."""
    at = (torch.arange(size) + 0.5) * (2 / size) - 1
    y, x = torch.meshgrid(at, at, indexing="ij")
    return x.flatten().to(device), y.flatten().to(device)


def simple(n: int, size: int, draws: Draws) -> Tensor:
    """(n,size,size) in 0..1: one grey each; a quarter of them black or white."""
    return draws.uniform(n, -0.15, 1.15).clamp_(0, 1)[:, None, None].expand(n, size, size)


def pretty(n: int, size: int, draws: Draws) -> Tensor:
    """(n,size,size) in 0..1: gradients made of sin, cos and tanh of position."""
    x, y = positions(size, draws.device)
    plane = torch.stack([x, y, torch.ones_like(x)])
    u = draws.table(10, n)
    waves = torch.stack([10 * u[0] - 5, 10 * u[1] - 5, 6.3 * u[2]], 1) @ plane
    step = torch.tanh(torch.stack([6 * u[3] - 3, 6 * u[4] - 3, 3 * u[5] - 1.5], 1) @ plane)
    half = n // 2
    curve = torch.cat([torch.sin(waves[:half]), torch.cos(waves[half:]) * step[half:]])
    share = (1.3 * u[6] - 0.3).clamp_min_(0)[:, None]
    depth = 0.08 + 0.42 * u[7]
    middle = depth + (1 - 2 * depth) * u[8]
    return torch.addcmul(middle[:, None], depth[:, None], torch.lerp(step, curve, share)).view(n, size, size)


def noisy(n: int, size: int, draws: Draws) -> Tensor:
    """(n,size,size) in 0..1: noise around a grey, half of it coarse, of random strength and grain."""
    noise = draws.pixel_noise(n, size)
    coarse = n // 2
    if coarse:
        table = value_noise_table(size, draws.device)
        rows, columns = (take(table, draws.integers(coarse, table.shape[0])) for _ in range(2))
        noise = torch.cat([apply_separable(noise[:coarse], rows, columns), noise[coarse:]])
    middle, strength = draws.table(2, n)[:, :, None, None]
    return torch.addcmul(middle, noise, 0.03 + 0.27 * strength.square()).clamp_(0, 1)


def photo(n: int, size: int, textures: Tensor, draws: Draws) -> Tensor:
    """(n,size,size) in 0..1: random pieces of textures (K,T,T) uint8, T >= size, half of them mirrored."""
    places = textures.shape[1] - size + 1
    pieces = textures.unfold(1, size, 1).unfold(2, size, 1)
    which, top, left = (draws.integers(n, high) for high in (textures.shape[0], places, places))
    ground = pieces[which, top, left].to(torch.float32).mul_(1 / 255)
    return torch.cat([ground[: n // 2].flip(2), ground[n // 2 :]])


def rounded_boxes(
    x: Tensor, y: Tensor, *, centre: Tensor, half: Tensor, radius: Tensor, angle: Tensor
) -> Tensor:
    """Signed distance to turned boxes with rounded corners, negative inside.

    x, y: (P,). centre, half: (2,N,…,1); radius, angle: (N,…,1). Returns (N,…,P). A line is a long thin box, a
    circle a rounded box of no size. After Inigo Quilez, "2D distance functions", sdRoundedBox.
    """
    cos, sin = torch.cos(angle), torch.sin(angle)
    across = torch.addcmul(x * cos - (centre[0] * cos + centre[1] * sin), y, sin).abs_().sub_(half[0])
    along = torch.addcmul(y * cos - (centre[1] * cos - centre[0] * sin), x, -sin).abs_().sub_(half[1])
    inside = torch.maximum(across, along).clamp_max_(0).sub_(radius)
    across.clamp_min_(0).square_()
    return across.addcmul_(along.clamp_min_(0), along).sqrt_().add_(inside)


def coverage(distance: Tensor, size: int) -> Tensor:
    """How much of each pixel a shape covers, 0..1, from its signed distance in half frames. In place."""
    return distance.mul_(-size / 2).add_(0.5).clamp_(0, 1)


def draw_shapes(ground: Tensor, draws: Draws) -> Tensor:
    """Random lines, rectangles and circles, filled or as outlines, drawn over grounds (N,S,S)."""
    n, size = ground.shape[0], ground.shape[1]
    x, y = positions(size, draws.device)
    u = draws.table(9, n * _SHAPES).view(9, n, _SHAPES, 1)
    line, circle = u[0] < 0.4, u[0] > 0.75
    long = torch.where(line, 0.3 + 1.5 * u[1], 0.1 + 0.7 * u[1])
    short = torch.where(line, 0.02 + 0.1 * u[2].square(), 0.1 + 0.7 * u[2])
    half = torch.where(circle, 0, torch.stack([long, short]))
    radius = torch.where(circle, 0.15 + 0.6 * u[1], 0)
    distance = rounded_boxes(
        x, y, centre=u[3:5] * 2.4 - 1.2, half=half, radius=radius, angle=u[5] * torch.pi
    )
    outlined = (u[7] < 0.4) & ~line
    distance = torch.where(outlined, distance.abs() - (0.03 + 0.12 * u[6]), distance)
    shown = coverage(distance, size)
    flat = ground.reshape(n, size * size)
    for shape in range(_SHAPES):
        flat = torch.lerp(flat, u[8, :, shape], shown[:, shape])
    return flat.view(n, size, size)


def draw_plaques(ground: Tensor, draws: Draws) -> Tensor:
    """A plaque with an edge of another grey in the middle of grounds (N,S,S)."""
    n, size = ground.shape[0], ground.shape[1]
    x, y = positions(size, draws.device)
    u = draws.table(9, n)[:, :, None]
    radius = 0.3 * u[0].square()
    half = torch.stack([0.65 + 0.7 * u[1], 0.7 + 0.4 * u[2]]) - radius
    distance = rounded_boxes(
        x, y, centre=(u[3:5] - 0.5) * 0.3, half=half, radius=radius, angle=(u[5] - 0.5) * 0.3
    )
    rim = (1 + 2 * u[6]) * (2 / size)
    plaque = coverage(distance + rim, size)
    flat = torch.lerp(ground.reshape(n, size * size), u[7], coverage(distance, size))
    return torch.lerp(flat, u[8], plaque).view(n, size, size)


def figure(n: int, size: int, textures: Tensor | None, draws: Draws) -> Tensor:
    """(n,size,size) in 0..1: plaques or drawn shapes, over one grey or, where there are any, photos."""
    if textures is None:
        ground = simple(n, size, draws)
    else:
        ground = torch.cat([photo(n // 2, size, textures, draws), simple(n - n // 2, size, draws)])
        ground = take(ground, draws.permutation(n))
    plaques = draws.count(_PLAQUES, n)
    parts = []
    if plaques:
        parts.append(draw_plaques(ground[:plaques], draws))
    if plaques < n:
        parts.append(draw_shapes(ground[plaques:], draws))
    return torch.cat(parts)
