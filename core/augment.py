"""Batched augmentation on the device: what the network is shown in training, and what it is shown in evaluation.

`augment` follows the way a digit takes to a picture: its ink is changed (`augment_ink`), turned and moved
(`augment_geometry`), laid on a ground (`backgrounds`, `augment_colour`), and photographed (`augment_camera`).
No step looks at single samples. Each kind touches a random part of the rows, of a size known on the host, so that
shapes hardly vary; everything random comes from the generator, which therefore is the whole state.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from core import augment_camera as camera
from core import augment_ink as ink_kinds
from core import backgrounds
from core.augment_colour import add_relief, add_rims, compose
from core.augment_geometry import NOMINAL, draw_warp, look, sampling_grid, small_count
from core.draws import Draws
from core.recipes import Augmentation
from core.resampling import apply_separable, area_matrix

SOURCE_SIZE = 64


def plain_view(images: Tensor, is_ink: Tensor, size: int) -> Tensor:
    """What evaluation sees: the middle NOMINAL pixels, averaged to the size, ink light on black, photos as they are.

    images: (B,64,64) uint8; is_ink: (B,) bool, which changes nothing here. Returns (B,1,size,size) float32 in 0..1.
    """
    _check(images, is_ink)
    margin = (SOURCE_SIZE - NOMINAL) // 2
    middle = images[:, margin : margin + NOMINAL, margin : margin + NOMINAL].float() * (1 / 255)
    matrix = area_matrix(NOMINAL, size).to(images.device)
    return apply_separable(middle, matrix, matrix).clamp_(0, 1)[:, None]


def augment(
    images: Tensor,
    is_ink: Tensor,
    config: Augmentation,
    generator: torch.Generator,
    *,
    size: int = 32,
    textures: Tensor | None = None,
    neighbours: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """A batch as training sees it: (B,1,size,size) float32 in 0..1, in the order of `images`.

    images: (B,64,64) uint8, ink coverage where is_ink (B,) bool, else pieces of photos. generator: on the images'
    device. textures: (K,T,T) uint8, T >= size, for photo grounds; without them that ground is left out. neighbours:
    images and is_ink of which the ink may stand at a digit's sides; without them the batch's own.
    """
    _check(images, is_ink)
    assert generator.device.type == images.device.type, "the generator must be on the images' device"
    assert textures is None or textures.shape[1] >= size
    n = images.shape[0]
    if n == 0:
        return images.new_zeros((0, 1, size, size), dtype=torch.float32)
    draws = Draws(generator)
    order = draws.permutation(n)
    order = order[torch.argsort(is_ink[order].to(torch.int32), descending=True, stable=True)]
    (n_ink,) = (int(v) for v in draws.fetch(is_ink.sum()[None]))
    images = images[order]
    n_plain = draws.count(config.plain, n_ink)

    others = _ink_of(neighbours) if neighbours is not None else images[:n_ink]
    ink = _change_ink(images[:n_ink], n_plain, others, config, draws)
    if n_ink < n:
        ink = torch.cat([ink, images[n_ink:]])
    views = _warp(ink, config, size, draws)

    if n_plain < n:
        coloured, difference = _colour(views[n_plain:n_ink], config, textures, draws)
        photos, spread = _photo_contrast(views[n_ink:], config, draws)
        rest = torch.cat([coloured, photos])
        rest = _photograph(rest, torch.cat([difference, spread]), config, draws)
        views = torch.cat([views[:n_plain], rest])
    result = torch.empty_like(views)
    result[order] = views
    return result.clamp_(0, 1)[:, None]


def _check(images: Tensor, is_ink: Tensor) -> None:
    if images.dtype != torch.uint8 or images.shape[1:] != (SOURCE_SIZE, SOURCE_SIZE):
        raise ValueError(
            f"images must be uint8 of shape (B,{SOURCE_SIZE},{SOURCE_SIZE}), not {images.dtype} {tuple(images.shape)}."
        )
    if is_ink.dtype != torch.bool or is_ink.shape != images.shape[:1]:
        raise ValueError(f"is_ink must be bool of shape ({images.shape[0]},), not {is_ink.dtype} {tuple(is_ink.shape)}.")


def _ink_of(neighbours: tuple[Tensor, Tensor]) -> Tensor:
    images, is_ink = neighbours
    _check(images, is_ink)
    return images[is_ink]


def _change_ink(ink: Tensor, n_plain: int, others: Tensor, config: Augmentation, draws: Draws) -> Tensor:
    """Thickness, hollow digits and neighbours; the first n_plain rows get a milder thickness only."""
    n = ink.shape[0]
    ink = ink.clone()
    rows = draws.some(config.thickness, 0, n)
    if len(rows):
        strength = draws.either_way(len(rows), 1.0)
        strength = torch.where(rows < n_plain, strength / 2, strength)
        ink[rows] = ink_kinds.change_thickness(ink[rows], strength)
    rows = draws.some(config.outline / 2, n_plain, n)
    if len(rows):
        ink[rows] = ink_kinds.hollow(ink[rows])
    rows = draws.some(config.neighbours, n_plain, n)
    if len(rows):
        ink[rows] = ink_kinds.add_neighbours(ink[rows], others, draws)
    return ink


def _warp(images: Tensor, config: Augmentation, size: int, draws: Draws) -> Tensor:
    """(B,size,size) float32 in 0..1: the sources seen through their random warps."""
    n = images.shape[0]
    warp, by_zoom = draw_warp(n, config, draws)
    grid = sampling_grid(warp, SOURCE_SIZE, size)
    sources = images.float().mul_(1 / 255)
    n_small = small_count(n, config, size)
    if n_small == 0:
        return look(sources, grid, "reflection")
    small, large = by_zoom[:n_small], by_zoom[n_small:]
    views = torch.empty(n, size, size, device=images.device)
    views[small] = look(F.avg_pool2d(sources[small], 2), grid[small], "reflection")
    views[large] = look(sources[large], grid[large], "reflection")
    return views


def _colour(
    masks: Tensor, config: Augmentation, textures: Tensor | None, draws: Draws
) -> tuple[Tensor, Tensor]:
    """Ink on its grounds, and how far it stands out, (N,)."""
    n, size = masks.shape[0], masks.shape[1]
    if n == 0:
        return masks, masks.new_zeros(0)
    weights = [
        config.background_simple, config.background_pretty, config.background_noisy, config.background_figure,
        config.background_photo if textures is not None else 0.0,
    ]
    if sum(weights) == 0:
        weights[0] = 1.0
    n_simple, n_pretty, n_noisy, n_figure, n_photo = draws.counts(weights, n)
    grounds = [backgrounds.simple(n_simple, size, draws)]
    if n_pretty:
        grounds.append(backgrounds.pretty(n_pretty, size, draws))
    if n_noisy:
        grounds.append(backgrounds.noisy(n_noisy, size, draws))
    if n_figure:
        grounds.append(backgrounds.figure(n_figure, size, textures, draws))
    if n_photo and textures is not None:
        grounds.append(backgrounds.photo(n_photo, size, textures, draws))
    ground = torch.cat(grounds)

    dark_ink = draws.permutation(n) < draws.count(config.invert, n)
    difference = config.contrast_min + (1 - config.contrast_min) * draws.uniform(n)
    rows = draws.some(config.outline / 2, 0, n)
    if len(rows):
        ground[rows] = add_rims(masks[rows], ground[rows], lighter=~dark_ink[rows], draws=draws)
    rows = draws.some(config.shadow, 0, n)
    if len(rows):
        strength = difference[rows] * draws.uniform(len(rows), 0.2, 0.6)
        ground[rows] = add_relief(masks[rows], ground[rows], strength, draws)
    return compose(masks, ground, dark_ink=dark_ink, difference=difference, draws=draws)


def _photo_contrast(photos: Tensor, config: Augmentation, draws: Draws) -> tuple[Tensor, Tensor]:
    """Photos with other contrast and brightness, some inverted; and how far a digit stands out there, (N,)."""
    n = photos.shape[0]
    if n == 0:
        return photos, photos.new_zeros(0)
    mean = photos.mean((1, 2))
    spread = photos.std((1, 2)).clamp_min(1e-3) * 2
    lowest = torch.minimum(config.contrast_min / spread, torch.ones_like(spread)).clamp_min(0.4)
    gain = lowest + (1.3 - lowest) * draws.uniform(n)
    dark = draws.permutation(n) < draws.count(config.invert, n)
    middle = (mean + draws.either_way(n, 0.2)).clamp(0.1, 0.9)
    sign = torch.where(dark, -gain, gain)
    middle = torch.where(dark, 1 - middle, middle)
    photos = (photos - mean[:, None, None]) * sign[:, None, None] + middle[:, None, None]
    return photos.clamp_(0, 1), spread * gain


def _photograph(images: Tensor, difference: Tensor, config: Augmentation, draws: Draws) -> Tensor:
    """Light, things in front, optics and sensor. difference: (N,), how far the digit stands out of its ground."""
    n = images.shape[0]
    rows = draws.some(config.occlusion, 0, n)
    if len(rows):
        images[rows] = camera.cover(images[rows], draws)
    if config.lighting > 0:
        images = camera.light(images, config.lighting, draws)
    if config.blur > 0:
        images = camera.blur(images, config.blur, draws)
    rows = draws.some(config.motion_blur, 0, n)
    if len(rows):
        images[rows] = camera.smear(images[rows], draws)
    rows = draws.some(config.low_resolution, 0, n)
    if len(rows):
        images[rows] = camera.few_pixels(images[rows], draws)
    if config.noise > 0:
        strength = config.noise * draws.uniform(n).square()
        images = camera.add_noise(images, torch.minimum(strength, difference * 0.2), draws)
        rows = draws.some(0.06, 0, n)
        if len(rows):
            images[rows] = camera.add_specks(images[rows], draws.uniform(len(rows), 0, 0.4 * config.noise), draws)
        rows = draws.some(0.15, 0, n)
        if len(rows):
            step = draws.uniform(len(rows), 0.2, 1.0) * (difference[rows] * 0.25).clamp_max(config.noise)
            images[rows] = camera.compress(images[rows].clamp(0, 1), step, draws)
    return images
