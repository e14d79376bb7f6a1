"""How strips look: ink and what is behind it, light, lines across, optics, sensor. Batched, in 0–1."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

_BLOCK = 8


class Chance:
    """Random numbers of one batch, on its device."""

    def __init__(self, generator: torch.Generator, device: torch.device) -> None:
        self.generator, self.device = generator, device

    def table(self, columns: int, n: int) -> Tensor:
        """(columns, n, 1, 1) in 0–1, to be spread over images."""
        return torch.rand(columns, n, 1, 1, generator=self.generator, device=self.device)

    def one(self) -> float:
        """A number in 0–1 for the whole batch."""
        return float(torch.rand((), generator=self.generator, device=self.device))

    def noise(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self.generator, device=self.device)

    def some(self, share: float, n: int) -> Tensor:
        """Indices of a random share of n."""
        return torch.randperm(n, generator=self.generator, device=self.device)[: round(share * n)]


def paint_ink(ink: Tensor, backgrounds: Tensor, chance: Chance) -> Tensor:
    """Pictures of masks of ink (n,H,W). backgrounds: (n,H,W) pieces of photos, or the same shape of zeros."""
    n = len(ink)
    u = chance.table(16, n)
    some = chance.some(
        0.12, n
    )  # outlines and shadows need neighbours of pixels, which cost more: for some alone
    plain = u[0] < 0.55
    strength = torch.where(u[1] < 0.5, 1.0, 0.1 + 0.5 * u[1])
    level = u[2]
    ground = torch.where(plain, level, level * (1 - strength) + backgrounds * strength)
    middle = ground.mean((1, 2), keepdim=True)
    least = torch.where(plain, 0.12, 0.3)
    difference = least + (0.95 - least) * u[3].pow(0.8)
    up = torch.where(u[4] < 0.5, middle + difference <= 1, middle - difference < 0)
    tone = torch.where(up, middle + difference, middle - difference).clamp(0, 1)
    grain = torch.where(u[5] < 0.15, u[6] * 0.5, 0.0)
    if n:
        coarse = chance.noise(n, 1, 10, max(2, ink.shape[2] // 4))
        tone = (
            tone
            + 0.3 * grain * F.interpolate(coarse, ink.shape[1:], mode="bilinear", align_corners=False)[:, 0]
        )
    picture = ground + (tone - ground) * ink
    if len(some):
        picture[some] = _outlined(ink[some], ground[some], tone[some], chance)
    return picture


def _outlined(ink: Tensor, ground: Tensor, tone: Tensor, chance: Chance) -> Tensor:
    """With an outline, a shadow, embossed, or hollow."""
    n = len(ink)
    u = chance.table(4, n)
    fat = F.max_pool2d(ink[:, None], 5, 1, 2)[:, 0]
    right, down = (2, 1) if chance.one() < 0.5 else (-1, 2)
    moved = torch.roll(ink, (down, right), (1, 2))
    third = u[1]
    outline = ground + (third - ground) * fat
    outline = outline + (tone - outline) * ink
    shadow = ground * (1 - 0.7 * u[2] * moved)
    shadow = shadow + (tone - shadow) * ink
    emboss = ground + (0.15 + 0.5 * u[3]) * (ink - moved) * torch.where(u[1] < 0.5, 1.0, -1.0)
    thin = -F.max_pool2d(-ink[:, None], 3, 1, 1)[:, 0]
    hollow = ground + (tone - ground) * (ink - thin).clamp(0, 1) * 1.5
    kind = u[0]
    return torch.where(
        kind < 0.35, outline, torch.where(kind < 0.65, shadow, torch.where(kind < 0.88, emboss, hollow))
    )


def spoil(x: Tensor, chance: Chance) -> Tensor:
    """All that happens to a picture between its thing and the network. x: (n,H,W), any polarity; in 0–1 after it."""
    n, height, width = x.shape
    u = chance.table(16, n)
    middle = x.mean((1, 2), keepdim=True)
    contrast = torch.where(u[0] < 0.45, 0.3 + 0.8 * u[1], 1.0)
    x = ((x - middle) * contrast + middle).clamp(0, 1)
    x = torch.where(u[2] < 0.35, x.clamp_min(1e-3) ** ((u[3] * 2 - 1) * 0.7).exp(), x)
    x = torch.where(u[4] < 0.3, 1 - x, x)
    along = torch.linspace(-1, 1, width, device=x.device)
    down = torch.linspace(-1, 1, height, device=x.device)[:, None]
    slope = torch.where(u[5] < 0.4, 1.0, 0.0) * 0.35
    x = (
        x * (1 + slope * ((u[6] * 2 - 1) * along + (u[7] * 2 - 1) * down))
        + slope * 0.3 * (u[8] * 2 - 1) * along
    )
    x = _shade(x, chance)
    x = _cross(x, chance)
    x = _optics(x, chance)
    noise = torch.where(u[9] < 0.45, 0.09 * u[10].square(), 0.0)
    x = x + noise * chance.noise(n, height, width)
    x = _compress(x, chance)
    return x.clamp(0, 1)


def _shade(x: Tensor, chance: Chance) -> Tensor:
    """An edge of shadow over some."""
    some = chance.some(0.12, len(x))
    if not len(some):
        return x
    u = chance.table(4, len(some))
    along, down = _places(x)
    angle = u[0] * 2 * math.pi
    side = torch.cos(angle) * (along - along.mean() * 2 * u[1]) + torch.sin(angle) * (down - 20)
    dark = torch.sigmoid(side / (0.5 + 4 * u[2]))
    x[some] = x[some] * (1 - dark * (0.25 + 0.5 * u[3]))
    return x


def _cross(x: Tensor, chance: Chance) -> Tensor:
    """A thin line or two across some: twigs, scratches, creases, wires."""
    for share in (0.1, 0.04):
        some = chance.some(share, len(x))
        if not len(some):
            continue
        u = chance.table(6, len(some))
        along, down = _places(x)
        steep = torch.where(u[0] < 0.6, (u[1] - 0.5) * 0.6, (u[1] - 0.5) * math.pi)
        line = torch.cos(steep) * (down - 44 * u[2] + 2) + torch.sin(steep) * (along - u[3] * x.shape[2])
        cover = (0.7 + 0.8 * u[4] - line.abs()).clamp(0, 1)
        x[some] = x[some] + (u[5] - x[some]) * cover
    return x


def _optics(x: Tensor, chance: Chance) -> Tensor:
    """Blur, motion and few pixels: each for a share of the batch, at a few strengths a batch."""
    n, height, width = x.shape
    order = chance.some(1.0, n)
    first = 0
    for share, largest in ((0.14, 0.9), (0.1, 1.5), (0.06, 2.4)):
        some, first = order[first : first + round(share * n)], first + round(share * n)
        if len(some):
            kernel = _gauss(0.4 + (largest - 0.4) * chance.one()).to(x.device)
            edge = len(kernel) // 2
            blurred = F.conv2d(F.pad(x[some, None], (edge,) * 4, mode="replicate"), kernel.view(1, 1, 1, -1))
            x[some] = F.conv2d(blurred, kernel.view(1, 1, -1, 1))[:, 0]
    some, first = order[first : first + round(0.07 * n)], first + round(0.07 * n)
    if len(some):
        kernel = _motion(chance.one() * math.pi, 2 + 5 * chance.one()).to(x.device)
        x[some] = F.conv2d(F.pad(x[some, None], (4,) * 4, mode="replicate"), kernel)[:, 0]
    for share in (0.08, 0.08, 0.08):
        some, first = order[first : first + round(share * n)], first + round(share * n)
        if len(some):
            factor = 0.3 + 0.4 * chance.one()
            small = F.interpolate(
                x[some, None], (round(height * factor), max(6, round(width * factor))), mode="area"
            )
            way = "nearest" if chance.one() < 0.25 else "bilinear" if chance.one() < 0.6 else "bicubic"
            smooth = {} if way == "nearest" else {"align_corners": False}
            x[some] = F.interpolate(small, (height, width), mode=way, **smooth)[:, 0]
    return x


def _compress(x: Tensor, chance: Chance) -> Tensor:
    """JPEG's blocks on some: the cosine transform of 8x8 pixels, rounded."""
    some = chance.some(0.12, len(x))
    if not len(some):
        return x
    matrix, frequency = _cosine(x.device)
    n, height, width = len(some), x.shape[1], x.shape[2]
    blocks = x[some].view(n, height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK).transpose(2, 3)
    step = (0.01 + 0.09 * chance.table(1, n)[0].square())[..., None, None] * frequency
    rounded = ((matrix @ blocks @ matrix.T) / step).round_() * step
    x[some] = (matrix.T @ rounded @ matrix).transpose(2, 3).reshape(n, height, width)
    return x


def _places(x: Tensor) -> tuple[Tensor, Tensor]:
    along = torch.arange(x.shape[2], device=x.device, dtype=torch.float32)
    down = torch.arange(x.shape[1], device=x.device, dtype=torch.float32)[:, None]
    return along, down


def _gauss(sigma: float) -> Tensor:
    edge = max(1, math.ceil(2.5 * sigma))
    at = torch.arange(-edge, edge + 1, dtype=torch.float32)
    kernel = torch.exp(-0.5 * (at / sigma) ** 2)
    return kernel / kernel.sum()


def _motion(angle: float, length: float) -> Tensor:
    at = torch.arange(-4, 5, dtype=torch.float32)
    x, y = at[None, :], at[:, None]
    along, off = x * math.cos(angle) + y * math.sin(angle), -x * math.sin(angle) + y * math.cos(angle)
    kernel = (1 - off.abs()).clamp_min(0) * (length / 2 + 0.5 - along.abs()).clamp(0, 1)
    return (kernel / kernel.sum()).view(1, 1, 9, 9)


@lru_cache(maxsize=4)
def _cosine(device: torch.device) -> tuple[Tensor, Tensor]:
    k, n = torch.arange(_BLOCK)[:, None], torch.arange(_BLOCK)[None]
    matrix = torch.cos(torch.pi * (n + 0.5) * k / _BLOCK) * (2 / _BLOCK) ** 0.5
    matrix[0] /= 2**0.5
    return matrix.to(device), (1 + 0.5 * (k + n)).to(device)
