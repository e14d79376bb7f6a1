"""Grounds behind the digit: one grey, gradients, noise, drawn shapes, pieces of photos. Batched tensor code."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from core.draws import Draws
from core.resampling import apply_separable, normal_noise, value_noise_table

_SHAPES = 4
_PLAQUES = 0.5
"""Share of figure grounds on which the digit stands on a plaque of another grey."""


@lru_cache(maxsize=8)
def positions(size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """x and y of each pixel's middle, each (size*size,), −1..1 at the frame's edges."""
    at = (torch.arange(size) + 0.5) * (2 / size) - 1
    y, x = torch.meshgrid(at, at, indexing="ij")
    return x.flatten().to(device), y.flatten().to(device)


def simple(n: int, size: int, draws: Draws) -> Tensor:
    """(n,size,size): one grey each; a quarter of them black or white."""
    return draws.uniform(n, -0.15, 1.15).clamp_(0, 1)[:, None, None].expand(n, size, size)


def pretty(n: int, size: int, draws: Draws) -> Tensor:
    """(n,size,size) in 0..1: gradients made of sin, cos and tanh of position."""
    x, y = positions(size, draws.device)
    u = draws.table(n, 9)
    plane = torch.stack([x, y, torch.ones_like(x)])
    waves = torch.stack([(u[0] - 0.5) * 10, (u[1] - 0.5) * 10, u[2] * 6.3], 1) @ plane
    other = torch.stack([(u[3] - 0.5) * 6, (u[4] - 0.5) * 6, (u[5] - 0.5) * 3], 1) @ plane
    share = torch.where(u[6] < 0.3, torch.zeros_like(u[6]), u[6])[:, None]
    steep = torch.tanh(other)
    curve = torch.where((u[7] < 0.5)[:, None], torch.sin(waves), torch.cos(waves) * steep)
    curve = curve * share + steep * (1 - share)
    depth = 0.08 + 0.42 * u[8]
    middle = depth + (1 - 2 * depth) * draws.uniform(n)
    return (middle[:, None] + depth[:, None] * curve).view(n, size, size)


def noisy(n: int, size: int, draws: Draws) -> Tensor:
    """(n,size,size) in 0..1: noise of a random strength and grain around a grey; half of them single pixels."""
    noise = normal_noise(n, size, draws.generator)
    grainy = n // 2
    if grainy:
        table = value_noise_table(size, draws.device)
        rows = table[draws.integers(grainy, table.shape[0])]
        columns = table[draws.integers(grainy, table.shape[0])]
        noise = torch.cat([apply_separable(noise[:grainy], rows, columns), noise[grainy:]])
    u = draws.table(n, 2)
    strength = 0.03 + 0.27 * u[1].square()
    return noise.mul_(strength[:, None, None]).add_(u[0][:, None, None]).clamp_(0, 1)


def photo(n: int, size: int, textures: Tensor, draws: Draws) -> Tensor:
    """(n,size,size) in 0..1: random pieces of textures (K,T,T) uint8, T >= size, mirrored at random."""
    side = textures.shape[1]
    pieces = textures.unfold(1, size, 1).unfold(2, size, 1)
    which, top, left = (draws.integers(n, high) for high in (textures.shape[0], side - size + 1, side - size + 1))
    ground = pieces[which, top, left].float().mul_(1 / 255)
    half = n // 2
    return torch.cat([ground[:half].flip(2), ground[half:]])


def rounded_boxes(
    x: Tensor, y: Tensor, *, centre: Tensor, half: Tensor, radius: Tensor, angle: Tensor
) -> Tensor:
    """Signed distance to rotated boxes with rounded corners, negative inside.

    x, y: (P,). centre, half: (2,N,…,1); radius, angle: (N,…,1). Returns (N,…,P). A line is a long thin box; a
    circle a box of no size. Inigo Quilez, "2D distance functions", sdRoundedBox.
    """
    cos, sin = torch.cos(angle), torch.sin(angle)
    dx, dy = x - centre[0], y - centre[1]
    qx = (dx * cos + dy * sin).abs_() - half[0]
    qy = (dy * cos - dx * sin).abs_() - half[1]
    outside = torch.hypot(qx.clamp_min(0), qy.clamp_min(0))
    return outside + torch.maximum(qx, qy).clamp_max_(0) - radius


def draw_shapes(ground: Tensor, draws: Draws) -> Tensor:
    """Random lines, rectangles and circles, filled or as outlines, drawn over grounds (N,S,S)."""
    n, size = ground.shape[0], ground.shape[1]
    x, y = positions(size, draws.device)
    u = draws.table(n * _SHAPES, 9).view(9, n, _SHAPES, 1)
    line, circle = u[0] < 0.4, u[0] > 0.75
    long = torch.where(line, 0.3 + 1.5 * u[1], 0.1 + 0.7 * u[1])
    short = torch.where(line, 0.02 + 0.1 * u[2].square(), 0.1 + 0.7 * u[2])
    half = torch.stack([long, short])
    radius = torch.where(circle, 0.15 + 0.6 * u[1], torch.zeros_like(u[1]))
    half = torch.where(circle, torch.zeros_like(half), half)
    distance = rounded_boxes(x, y, centre=u[3:5] * 2.4 - 1.2, half=half, radius=radius, angle=u[5] * torch.pi)
    thickness = 0.03 + 0.12 * u[6]
    outlined = (u[7] < 0.4) & ~line
    distance = torch.where(outlined, distance.abs() - thickness, distance)
    coverage = (0.5 - distance * (size / 2)).clamp_(0, 1)
    flat = ground.reshape(n, size * size)
    for shape in range(_SHAPES):
        flat = torch.lerp(flat, u[8][:, shape], coverage[:, shape])
    return flat.view(n, size, size)


def draw_plaques(ground: Tensor, draws: Draws) -> Tensor:
    """A plaque with an edge, of other greys, in the middle of grounds (N,S,S)."""
    n, size = ground.shape[0], ground.shape[1]
    x, y = positions(size, draws.device)
    u = draws.table(n, 9)[:, :, None]
    radius = 0.3 * u[0].square()
    half = torch.stack([0.65 + 0.7 * u[1], 0.7 + 0.4 * u[2]]) - radius
    distance = rounded_boxes(
        x, y, centre=(u[3:5] - 0.5) * 0.3, half=half, radius=radius, angle=(u[5] - 0.5) * 0.3
    ) * (size / 2)
    rim = 1 + 2 * u[6]
    flat = torch.lerp(ground.reshape(n, size * size), u[7], (0.5 - distance).clamp_(0, 1))
    return torch.lerp(flat, u[8], (0.5 - distance - rim).clamp_(0, 1)).view(n, size, size)


def figure(n: int, size: int, textures: Tensor | None, draws: Draws) -> Tensor:
    """(n,size,size) in 0..1: drawn shapes over one grey (over a photo for some, where there are textures), or a plaque."""
    plain = n
    grounds = []
    if textures is not None:
        plain = n // 2
        grounds.append(photo(n - plain, size, textures, draws))
    grounds.append(simple(plain, size, draws))
    ground = torch.cat(grounds)[draws.permutation(n)]
    plaques = draws.count(_PLAQUES, n)
    return torch.cat([draw_plaques(ground[:plaques], draws), draw_shapes(ground[plaques:], draws)])
