"""Grounds behind the digit: one grey, gradients, noise, drawn shapes, pieces of photos. All batched."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from core.augmentation.random_draws import BatchRandom
from core.augmentation.resampling import apply_separable, index_rows, value_noise_table, windows

_SHAPES = 4  # on a figure ground
_PLAQUES = 0.5
"""Share of figure grounds on which the digit stands on a plaque."""


@lru_cache(maxsize=8)
def plane(size: int, device: torch.device) -> Tensor:
    """(3,size*size): x and y of each pixel's middle, −1..1 at the frame's edges, and ones."""
    at = (torch.arange(size) + 0.5) * (2 / size) - 1
    y, x = torch.meshgrid(at, at, indexing="ij")
    return torch.stack([x.flatten(), y.flatten(), torch.ones(size * size)]).to(device)


def simple(n: int, size: int, draws: BatchRandom) -> Tensor:
    """(n,size,size) in 0..1: one grey each; a quarter of them black or white."""
    grey = draws.uniform(n, -0.15, 1.15).clamp_(0, 1)
    return grey[:, None, None].expand(n, size, size).contiguous()


def pretty(n: int, size: int, draws: BatchRandom) -> Tensor:
    """(n,size,size) in 0..1: gradients made of sin, cos and tanh of position."""
    places = plane(size, draws.device)
    u = draws.table(9, n)
    waves = torch.stack([10 * u[0] - 5, 10 * u[1] - 5, 6.3 * u[2]], 1) @ places
    step = torch.tanh(torch.stack([6 * u[3] - 3, 6 * u[4] - 3, 3 * u[5] - 1.5], 1) @ places)
    half = n // 2
    curve = torch.cat([torch.sin(waves[:half]), torch.cos(waves[half:]) * step[half:]])
    share = (1.3 * u[6] - 0.3).clamp_min_(0)[:, None]
    depth = 0.08 + 0.42 * u[7]
    middle = depth + (1 - 2 * depth) * u[8]
    curve = step.add_((curve - step).mul_(share))
    return curve.mul_(depth[:, None]).add_(middle[:, None]).view(n, size, size)


def noisy(n: int, size: int, draws: BatchRandom) -> Tensor:
    """(n,size,size) in 0..1: noise around a grey, half of it coarse, of random strength and grain."""
    noise = draws.pixel_noise(n, size)
    coarse = n // 2
    if coarse:
        table = value_noise_table(size, draws.device)
        rows, columns = (index_rows(table, draws.integers(coarse, table.shape[0])) for _ in range(2))
        noise = torch.cat([apply_separable(noise[:coarse], rows, columns), noise[coarse:]])
    middle, strength = draws.table(2, n)[:, :, None, None].unbind()
    return (noise * (0.03 + 0.27 * strength.square())).add_(middle).clamp_(0, 1)


def photo(n: int, size: int, textures: Tensor, draws: BatchRandom) -> Tensor:
    """(n,size,size) in 0..1: random pieces of textures (K,T,T) uint8, T >= size, half of them mirrored."""
    places = textures.shape[1] - size + 1
    which, top, left = (draws.integers(n, high) for high in (textures.shape[0], places, places))
    ground = windows(textures, which, top, left, size).to(torch.float32).mul_(1 / 255)
    return torch.cat([ground[: n // 2].flip(2), ground[n // 2 :]])


def rounded_boxes(
    size: int, *, centre: Tensor, half: Tensor, radius: Tensor | float, angle: Tensor
) -> Tensor:
    """Signed distance of pixels to N turned boxes with rounded corners, negative inside: (N,size*size).

    centre, half: (2,N), angle: (N,), radius: (N,) or a number, in half frames and radians. A line is a long thin
    box, a circle a rounded box of no size. After Inigo Quilez, "2D distance functions", sdRoundedBox.
    """
    cos, sin = torch.cos(angle), torch.sin(angle)
    x0, y0 = centre[0] * cos + centre[1] * sin, centre[1] * cos - centre[0] * sin
    places = plane(size, angle.device)
    across = (torch.stack([cos, sin, -x0], 1) @ places).abs_().sub_(half[0, :, None])
    along = (torch.stack([-sin, cos, -y0], 1) @ places).abs_().sub_(half[1, :, None])
    inside = torch.maximum(across, along).clamp_max_(0)
    across.clamp_min_(0).square_().add_(along.clamp_min_(0).square_())
    return across.sqrt_().add_(inside).sub_(radius if isinstance(radius, float) else radius[:, None])


def paint(ground: Tensor, grey: Tensor, distance: Tensor) -> Tensor:
    """Paint one shape over each of the grounds (N,S,S), in place. grey: (N,); distance: (N,S*S), spoilt."""
    n, size = ground.shape[0], ground.shape[1]
    covered = distance.mul_(-size / 2).add_(0.5).clamp_(0, 1)
    flat = ground.view(n, size * size)
    flat.add_((grey[:, None] - flat).mul_(covered))
    return ground


def draw_shapes(ground: Tensor, draws: BatchRandom) -> Tensor:
    """Random lines, rectangles and circles, filled or as outlines, drawn over grounds (N,S,S), in place."""
    n, size = ground.shape[0], ground.shape[1]
    u = draws.table(9, _SHAPES * n)
    line, circle = u[0] < 0.4, u[0] > 0.75
    long = torch.where(line, 0.3 + 1.5 * u[1], 0.1 + 0.7 * u[1])
    short = torch.where(line, 0.02 + 0.1 * u[2].square(), 0.1 + 0.7 * u[2])
    distances = rounded_boxes(
        size,
        centre=u[3:5] * 2.4 - 1.2,
        half=torch.where(circle, 0, torch.stack([long, short])),
        radius=torch.where(circle, 0.15 + 0.6 * u[1], 0),
        angle=u[5] * torch.pi,
    ).view(_SHAPES, n, size * size)
    # What lies near its edge is the outline of a shape: |distance| < width.
    outlined = _SHAPES // 2
    distances[:outlined].abs_().sub_(0.03 + 0.12 * u[6, : outlined * n].view(outlined, n, 1))
    for distance, grey in zip(distances, u[8].view(_SHAPES, n), strict=True):
        paint(ground, grey, distance)
    return ground


def draw_plaques(ground: Tensor, draws: BatchRandom) -> Tensor:
    """A plaque with an edge of another grey in the middle of grounds (N,S,S), in place."""
    n, size = ground.shape[0], ground.shape[1]
    u = draws.table(9, n)
    radius = 0.3 * u[0].square()
    distance = rounded_boxes(
        size,
        centre=(u[3:5] - 0.5) * 0.3,
        half=torch.stack([0.65 + 0.7 * u[1], 0.7 + 0.4 * u[2]]) - radius,
        radius=radius,
        angle=(u[5] - 0.5) * 0.3,
    )
    edge = (1 + 2 * u[6]) * (2 / size)
    within = distance + edge[:, None]
    return paint(paint(ground, u[7], distance), u[8], within)


def figure(n: int, size: int, textures: Tensor | None, draws: BatchRandom) -> Tensor:
    """(n,size,size) in 0..1: plaques or drawn shapes, over one grey or, where there are any, photos."""
    if textures is None:
        ground = simple(n, size, draws)
    else:
        ground = torch.cat([photo(n // 2, size, textures, draws), simple(n - n // 2, size, draws)])
        ground = index_rows(ground, draws.permutation(n))
    plaques = draws.count(_PLAQUES, n)
    if plaques:
        draw_plaques(ground[:plaques], draws)
    if plaques < n:
        draw_shapes(ground[plaques:], draws)
    return ground
