"""Batched augmentation on the device: what the network is shown in training, and in evaluation.

`augment` follows the way from a digit to its picture: its ink changes (`augment_ink`), it is turned and moved
(`augment_geometry`), laid on a ground (`backgrounds`, `augment_colour`) and photographed (`augment_camera`).
No step looks at single samples. Each kind works on a random part of the rows, of a size known on the host.
All that is random comes from the generator, which therefore is the whole state.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from core.augmentation import backgrounds, camera
from core.augmentation import stroke_effects as ink_kinds
from core.augmentation.compositing import add_relief, add_rims, change_photos, compose, counterchange
from core.augmentation.geometry import coarse_count, draw_warp, sample_grid, sampling_grid
from core.augmentation.occlusion import cover
from core.augmentation.random_draws import BatchRandom
from core.augmentation.resampling import apply_separable, area_matrix, index_rows
from core.loaders.digit_frame import NOMINAL, SOURCE_SIZE
from core.recipes.recipe import Augmentation

_BLURRED = 0.6  # share of images that a blur above 0 reaches
_SPECKS, _COMPRESSED = 0.06, 0.15  # shares of images that noise above 0 gives these
_PHOTO_DETAIL = 0.85  # photos have a camera's faults already: what they bear, next to ink
_SPECKLED = 3.0  # largest share of an image that is specks, times its noise
_SCATTER = 1.2  # pixels of the frame (sigma) from which rough glass takes a pixel at most
_NOISE_LIMIT = 0.2  # largest standard deviation of noise, of the difference between ink and ground


def plain_view(images: Tensor, is_ink: Tensor, size: int) -> Tensor:
    """What evaluation sees: the middle NOMINAL pixels, averaged to the size; ink is light on black.

    images: (B,64,64) uint8; is_ink: (B,) bool. Returns (B,1,size,size) float32 in 0..1.
    """
    _check(images, is_ink)
    margin = (SOURCE_SIZE - NOMINAL) // 2
    middle = images[:, margin : margin + NOMINAL, margin : margin + NOMINAL].to(torch.float32) * (1 / 255)
    matrix = area_matrix(NOMINAL, size, images.device)
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

    images: (B,64,64) uint8; ink coverage where is_ink (B,) bool, else pieces of photos. generator: on their
    device. textures: (K,T,T) uint8, T >= size, for photo grounds; without any, that ground is left out.
    neighbours: images and is_ink whose ink may stand at a digit's sides; without them, the batch's own.
    """
    _check(images, is_ink)
    assert generator.device.type == images.device.type, "the generator must be on the images' device"
    assert textures is None or textures.shape[1] >= size, "textures must be at least as large as the output"
    n = images.shape[0]
    if n == 0:
        return images.new_zeros((0, 1, size, size), dtype=torch.float32)
    if textures is not None and textures.shape[0] == 0:
        textures = None
    draws = BatchRandom(generator, images.device)
    # Random order, ink before photos. Of the ink, the rows left plain come first, then ground after ground.
    order = draws.permutation(n)
    order = index_rows(
        order, torch.argsort(index_rows(is_ink, order).to(torch.int32), descending=True, stable=True)
    )
    (n_ink,) = (int(value) for value in draws.fetch(is_ink.sum()[None]))
    n_plain = draws.count(config.plain, n_ink)
    images = index_rows(images, order)
    others = _ink_of(neighbours) if neighbours is not None else images[:n_ink]
    _change_ink(images[:n_ink], n_plain, others, config, draws)
    views, zoom = _warp(images, n_ink, config, size, draws)
    coloured, difference = _colour(views[n_plain:n_ink], config, textures, draws)
    contrast = _change_photos(views[n_ink:], config, draws)
    views = torch.cat([views[:n_plain], coloured, views[n_ink:]])
    if n_plain < n:
        detail = zoom.clamp_max_(1)
        detail[n_ink:] *= _PHOTO_DETAIL
        difference = torch.cat([difference, contrast * _PHOTO_DETAIL])
        _photograph(views[n_plain:], difference, detail[n_plain:], config, draws)
    return index_rows(views, _inverse(order)).clamp_(0, 1)[:, None]


def _inverse(order: Tensor) -> Tensor:
    """Where each row went: `index_rows(take(x, order), _inverse(order))` is x."""
    return torch.empty_like(order).index_copy_(0, order, torch.arange(len(order), device=order.device))


def _check(images: Tensor, is_ink: Tensor) -> None:
    side = SOURCE_SIZE
    if images.dtype != torch.uint8 or images.shape[1:] != (side, side):
        found = f"{images.dtype} {tuple(images.shape)}"
        raise ValueError(f"images must be uint8 of shape (B,{side},{side}), not {found}.")
    if is_ink.dtype != torch.bool or is_ink.shape != images.shape[:1]:
        found = f"{is_ink.dtype} {tuple(is_ink.shape)}"
        raise ValueError(f"is_ink must be bool of shape ({images.shape[0]},), not {found}.")


def _ink_of(neighbours: tuple[Tensor, Tensor]) -> Tensor:
    images, is_ink = neighbours
    _check(images, is_ink)
    return images[is_ink]


def _apply(images: Tensor, rows: Tensor, change: Callable[[Tensor], Tensor]) -> None:
    """Change some rows of images (N,S,S), in place."""
    if not len(rows):
        return
    changed = change(index_rows(images, rows))
    if (
        images.dtype == torch.uint8 and images.device.type == "cpu"
    ):  # five times as fast, eight bytes at a time
        images, changed = images.flatten(1).view(torch.int64), changed.flatten(1).view(torch.int64)
    images.index_copy_(0, rows, changed)


def _change_ink(ink: Tensor, n_plain: int, others: Tensor, config: Augmentation, draws: BatchRandom) -> None:
    """Thickness, hollow digits, neighbours, in place; the first n_plain rows get a milder thickness only."""
    n = ink.shape[0]
    rows = draws.some(config.thickness, 0, n)
    strength = draws.uniform(len(rows), -1, 1) * torch.where(rows < n_plain, 0.5, 1.0)
    _apply(ink, rows, lambda some: ink_kinds.change_thickness(some, strength))
    _apply(ink, draws.some(config.outline / 2, n_plain, n), ink_kinds.hollow)
    if others.shape[0]:
        rows = draws.some(config.neighbours, n_plain, n)
        _apply(ink, rows, lambda some: ink_kinds.add_neighbours(some, others, draws))


def _warp(
    images: Tensor, n_ink: int, config: Augmentation, size: int, draws: BatchRandom
) -> tuple[Tensor, Tensor]:
    """Sources (B,64,64) uint8, n_ink of ink before the photos, seen through random warps, (B,size,size) in 0..1;
    and digits' zooms, (B,)."""
    n = images.shape[0]
    rows = draws.permutation(n)
    warp = draw_warp(n, config, draws, rows >= n_ink)
    grid = sampling_grid(warp, size)
    n_coarse = coarse_count(n, config, size)
    parts = []
    if n_coarse:
        parts.append(sample_grid(index_rows(images, rows[:n_coarse]), grid[:n_coarse], coarse=True))
    if n_coarse < n:
        parts.append(sample_grid(index_rows(images, rows[n_coarse:]), grid[n_coarse:], coarse=False))
    back = _inverse(rows)
    return index_rows(torch.cat(parts), back), index_rows(warp.zoom, back)


def _grounds(n: int, size: int, config: Augmentation, textures: Tensor | None, draws: BatchRandom) -> Tensor:
    """(n,size,size): grounds of all kinds in proportion to their weights, one kind after another."""
    makers: list[tuple[float, Callable[[int], Tensor]]] = [
        (config.background_simple, lambda k: backgrounds.simple(k, size, draws)),
        (config.background_pretty, lambda k: backgrounds.pretty(k, size, draws)),
        (config.background_noisy, lambda k: backgrounds.noisy(k, size, draws)),
        (config.background_figure, lambda k: backgrounds.figure(k, size, textures, draws)),
    ]
    if textures is not None:
        photos = textures
        makers.append((config.background_photo, lambda k: backgrounds.photo(k, size, photos, draws)))
    elif not any(weight for weight, _ in makers):
        makers[0] = (1.0, makers[0][1])
    counts = draws.counts([weight for weight, _ in makers], n)
    return torch.cat([make(count) for count, (_, make) in zip(counts, makers, strict=True) if count])


def _colour(
    masks: Tensor, config: Augmentation, textures: Tensor | None, draws: BatchRandom
) -> tuple[Tensor, Tensor]:
    """Ink on its grounds, and how far it stands out of them, (N,)."""
    n, size = masks.shape[0], masks.shape[1]
    if n == 0:
        return masks, masks.new_zeros(0)
    ground = _grounds(n, size, config, textures, draws)
    dark_ink = draws.permutation(n) < draws.count(config.invert, n)
    difference = draws.uniform(n, config.contrast_min, 1)
    rimmed, raised = draws.some(config.outline / 2, 0, n), draws.some(config.shadow, 0, n)
    strength = index_rows(difference, raised) * draws.uniform(len(raised), 0.2, 0.6)
    _apply(
        ground,
        rimmed,
        lambda some: add_rims(
            index_rows(masks, rimmed), some, dark_ink=index_rows(dark_ink, rimmed), draws=draws
        ),
    )
    _apply(ground, raised, lambda some: add_relief(index_rows(masks, raised), some, strength, draws))
    exchanged = draws.some(config.counterchange, 0, n)
    regions = index_rows(ground, exchanged)
    images, difference = compose(masks, ground, dark_ink=dark_ink, difference=difference, draws=draws)
    if len(exchanged):
        changed, apart = counterchange(
            index_rows(masks, exchanged), regions, dark_ink=index_rows(dark_ink, exchanged),
            difference=index_rows(difference, exchanged), draws=draws,
        )  # fmt: skip
        images.index_copy_(0, exchanged, changed)
        difference = difference.index_copy(0, exchanged, apart)
    return images, difference


def _change_photos(photos: Tensor, config: Augmentation, draws: BatchRandom) -> Tensor:
    """Contrast, brightness and inversion of photos, in place. Returns how far a digit may stand out, (N,)."""
    n = photos.shape[0]
    inverted = draws.permutation(n) < draws.count(config.invert, n)
    return change_photos(photos, inverted=inverted, contrast_min=config.contrast_min, draws=draws)


def _photograph(
    images: Tensor, difference: Tensor, detail: Tensor, config: Augmentation, draws: BatchRandom
) -> None:
    """Light, things in front, optics and sensor, in place.

    difference: (N,), between ink and ground. detail: (N,) up to 1, how much of the faults the digits bear.
    """
    n = images.shape[0]
    _apply(images, draws.some(config.occlusion, 0, n), lambda some: cover(some, draws))
    if config.lighting > 0:
        camera.light(images, config.lighting, draws)
    if config.blur > 0:
        blurred = draws.some(_BLURRED, 0, n)
        largest = config.blur * index_rows(detail, blurred)
        _apply(images, blurred, lambda some: camera.blur(some, largest, draws))
    scattered = draws.some(config.scatter, 0, n)
    reach = draws.uniform(len(scattered), 0.3, _SCATTER) * index_rows(detail, scattered)
    _apply(images, scattered, lambda some: camera.scatter(some, reach, draws))
    smeared = draws.some(config.motion_blur, 0, n)
    _apply(images, smeared, lambda some: camera.smear(some, index_rows(detail, smeared), draws))
    few = draws.some(config.low_resolution, 0, n)
    _apply(images, few, lambda some: camera.few_pixels(some, index_rows(detail, few), draws))
    if config.noise > 0:
        largest_noise = _NOISE_LIMIT * difference
        strength = config.noise * draws.uniform(n).square_()
        camera.add_noise(images, torch.minimum(strength, largest_noise), draws)
        rows = draws.some(_SPECKS, 0, n)
        most = _SPECKLED * config.noise * index_rows(detail * difference, rows)
        share = most * draws.uniform(len(rows)).square_()
        _apply(images, rows, lambda some: camera.add_specks(some, share, draws))
        rows = draws.some(_COMPRESSED, 0, n)
        step = index_rows(largest_noise, rows).clamp_max_(config.noise) * draws.uniform(len(rows), 0.2, 1)
        _apply(images, rows, lambda some: camera.compress(some.clamp_(0, 1), step, draws))
