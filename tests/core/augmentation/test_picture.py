"""Grounds, greys, the camera's faults, and the matrices behind them."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from core.augmentation import backgrounds, camera
from core.augmentation.compositing import (
    add_relief,
    add_rims,
    change_photos,
    compose,
    counterchange,
    near_ink,
)
from core.augmentation.occlusion import cover
from core.augmentation.random_draws import BatchRandom
from core.augmentation.resampling import (
    apply_separable,
    area_matrix,
    blur_levels,
    blur_table,
    cosine_table,
    few_pixels_range,
    few_pixels_table,
    value_noise_table,
    windows,
)

CPU = torch.device("cpu")
SIZE = 32
N = 200


def drawn(seed: int = 1) -> BatchRandom:
    """Draws with the host's numbers fetched."""
    draws = BatchRandom(torch.Generator().manual_seed(seed), CPU)
    draws.fetch(torch.zeros(1))
    return draws


def textures() -> Tensor:
    made = torch.Generator().manual_seed(3)
    return torch.randint(0, 256, (7, 64, 64), dtype=torch.uint8, generator=made)


def bars(n: int = N) -> Tensor:
    masks = torch.zeros(n, SIZE, SIZE)
    masks[:, 5:27, 13:18] = 1
    return masks


@pytest.mark.parametrize("kind", ["simple", "pretty", "noisy", "figure", "figure on photos", "photo"])
def test_grounds_are_different_and_in_range(kind: str) -> None:
    draws = drawn()
    ground = {
        "simple": lambda: backgrounds.simple(N, SIZE, draws),
        "pretty": lambda: backgrounds.pretty(N, SIZE, draws),
        "noisy": lambda: backgrounds.noisy(N, SIZE, draws),
        "figure": lambda: backgrounds.figure(N, SIZE, None, draws),
        "figure on photos": lambda: backgrounds.figure(N, SIZE, textures(), draws),
        "photo": lambda: backgrounds.photo(N, SIZE, textures(), draws),
    }[kind]()
    assert ground.shape == (N, SIZE, SIZE)
    assert ground.min() >= 0
    assert ground.max() <= 1
    assert ground.mean((1, 2)).std() > (0.15 if kind != "photo" else 0.001)
    spread = ground.std((1, 2))
    assert (spread.max() < 1e-6) if kind == "simple" else (spread.median() > 0.01)


def test_photo_grounds_are_pieces_of_the_textures() -> None:
    one = textures()[:1]
    ground = (backgrounds.photo(20, SIZE, one, drawn()) * 255).round().to(torch.uint8)
    pieces = one.unfold(1, SIZE, 1).unfold(2, SIZE, 1).reshape(-1, SIZE, SIZE)
    for piece, mirrored in zip(ground[10:], ground[:10].flip(2), strict=True):
        assert (pieces == piece).all((1, 2)).any()
        assert (pieces == mirrored).all((1, 2)).any()


def test_rounded_boxes_measure_distances() -> None:
    centre, zero = torch.zeros(2, 2), torch.zeros(2)
    half, radius = torch.tensor([[0.5, 0.0], [0.25, 0.0]]), torch.tensor([0.0, 0.5])
    box, circle = backgrounds.rounded_boxes(SIZE, centre=centre, half=half, radius=radius, angle=zero)
    x, y, _ = backgrounds.plane(SIZE, CPU)
    assert torch.allclose(circle, torch.hypot(x, y) - 0.5, atol=1e-5)
    inside = (x.abs() < 0.5) & (y.abs() < 0.25)
    assert torch.equal(box < 0, inside)
    turned = backgrounds.rounded_boxes(
        SIZE, centre=centre, half=half, radius=radius, angle=torch.full((2,), torch.pi / 2)
    )[0]
    assert torch.allclose(turned.view(SIZE, SIZE), box.view(SIZE, SIZE).T, atol=1e-5)


@pytest.mark.parametrize("least", [0.1, 0.5, 0.9])
def test_ink_differs_from_even_grounds_by_what_was_asked(least: float) -> None:
    draws, masks = drawn(), bars()
    ground = backgrounds.simple(N, SIZE, draws)
    dark = torch.arange(N) % 3 == 0
    images, difference = compose(
        masks, ground, dark_ink=dark, difference=draws.uniform(N, least, 1), draws=draws
    )
    signed = images[:, 16, 15] - images[:, 16, 2]
    assert torch.allclose(signed.abs(), difference, atol=1e-5)
    assert signed.abs().min() >= least - 1e-5
    assert torch.equal(signed < 0, dark)
    assert images.min() >= -1e-5
    assert images.max() <= 1 + 1e-5


def test_uneven_grounds_are_calmed_and_their_ink_raised() -> None:
    draws, masks = drawn(), bars()
    ground = backgrounds.photo(N, SIZE, textures(), draws)  # white noise: as uneven as can be
    images, difference = compose(
        masks, ground, dark_ink=torch.arange(N) % 2 == 0, difference=torch.full((N,), 0.1), draws=draws
    )
    assert difference.min() > 0.5
    mean, _ = near_ink(torch.ones_like(masks), images[:, :, :12].repeat(1, 1, 3)[:, :, :SIZE])
    spread = images[:, :, :12].flatten(1).std(1)
    assert (spread < 0.4 * difference).all()
    assert ((images[:, 16, 15] - mean).abs() > 0.6 * difference).all()


def test_rims_and_relief_lie_around_the_ink_only() -> None:
    masks, dark = bars(), torch.arange(N) % 2 == 0
    even = torch.full((N, SIZE, SIZE), 0.5)
    rims = add_rims(masks, even.clone(), dark_ink=dark, draws=drawn())
    assert (rims[:, 16, 12] != 0.5).all()
    assert (rims[:, 16, 10] == 0.5).all()
    relief = add_relief(masks, even.clone(), torch.full((N,), 0.2), drawn())
    outside = relief.clone()
    outside[:, 3:29, 11:20] = 0.5
    assert torch.equal(outside, even)
    assert ((relief - 0.5).abs().amax((1, 2)) > 0.19).all()
    assert (relief[: N // 2].amax((1, 2)) > 0.55).float().mean() > 0.9


def test_photos_keep_enough_contrast() -> None:
    photos = torch.full((N, SIZE, SIZE), 0.5)
    photos += bars() * torch.linspace(0.05, 0.5, N)[:, None, None]
    before = photos[:, 16, 15] - photos[:, 16, 5]
    inverted = torch.arange(N) % 2 == 0
    change_photos(photos, inverted=inverted, contrast_min=0.1, draws=drawn())
    after = photos[:, 16, 15] - photos[:, 16, 5]
    assert torch.equal(after < 0, inverted)
    assert (after.abs() / before > 0.55).all()
    assert (after.abs() / before < 2.6).all()
    assert after[:20].abs().mean() > before[:20].mean() * 1.2


def test_light_only_takes_away() -> None:
    lit = camera.light(torch.ones(N, SIZE, SIZE), 0.5, drawn())
    assert lit.max() <= 1 + 1e-5
    assert lit.min() >= 0.25
    assert (lit.amax((1, 2)) - lit.amin((1, 2))).max() > 0.3


def test_cover_hides_little() -> None:
    dark, light = torch.full((N, SIZE, SIZE), 0.3), torch.full((N, SIZE, SIZE), 0.7)
    for images in (dark, light):
        images[:, 0, 0], images[:, 0, 1] = 0.0, 1.0  # so that both have the same greys to choose from
    # Under a cover they are the same.
    covered = cover(light.clone(), drawn()) - cover(dark.clone(), drawn()) < 0.35
    covered[:, 0, :2] = False
    share = covered.flatten(1).float().mean(1)
    assert share.min() > 0
    assert share.max() < 0.35
    assert covered[:, 12:20, 12:20].flatten(1).float().mean() < 0.2


def test_cover_has_a_grey_of_its_own_or_one_of_the_picture() -> None:
    images = torch.full((N, SIZE, SIZE), 0.25)
    images[:, :, 16:] = 0.75
    after = cover(images.clone(), drawn())
    inner = ((after - images).abs() > 0.49).flatten(1).any(1)
    others = ((after < 0.2) | (after > 0.8)).flatten(1).any(1)
    assert inner.float().mean() > 0.4
    assert 0.1 < others.float().mean() < 0.4


def test_ink_and_ground_change_places_where_the_ground_changes() -> None:
    masks, ground = bars(), torch.full((N, SIZE, SIZE), 0.5)
    images, apart = counterchange(
        masks, ground, dark_ink=torch.arange(N) % 2 == 0, difference=torch.full((N,), 0.1), draws=drawn()
    )
    assert apart.min() >= 0.3 - 1e-5
    assert images.min() >= -1e-5
    assert images.max() <= 1 + 1e-5
    step = (images[:, 6:26, 15] - images[:, 6:26, 10]) / apart[:, None]  # along the bar: ink less ground
    even = ((images[:, 6:26, 15] - images[:, 6:26, 10]).abs() > 0.99 * apart[:, None]).float().mean()
    assert even > 0.6  # the rest has an edge of the ground between the two
    both = (step > 0.9).any(1) & (step < -0.9).any(1)
    assert 0.25 < both.float().mean() < 0.9


def test_ink_on_light_and_dark_parts_of_its_ground_takes_the_other_tone() -> None:
    masks = torch.zeros(N, SIZE, SIZE)
    masks[:, 13:18, 5:27] = 1
    ground = torch.full((N, SIZE, SIZE), 0.3)
    ground[:, :, 16:] = 0.7
    images, apart = counterchange(
        masks,
        ground,
        dark_ink=torch.zeros(N, dtype=torch.bool),
        difference=torch.full((N,), 0.5),
        draws=drawn(),
    )
    step = (images[:, 15] - images[:, 5]) / apart[:, None]  # ink less ground, along the bar
    own = (step[:, 8:12].mean(1) > 0.3) & (step[:, 20:24].mean(1) < -0.3)
    assert 0.4 < own.float().mean() < 0.75


def test_rough_glass_takes_pixels_from_nearby() -> None:
    images = bars()
    seen = camera.scatter(images, torch.full((N,), 1.0), drawn())
    assert seen[:, :, 23:].max() < 0.05
    assert torch.allclose(seen.mean((1, 2)), images.mean((1, 2)), rtol=0.25)
    assert (seen[:, 16] - images[:, 16]).abs().amax(1).mean() > 0.3
    still = camera.scatter(images, torch.zeros(N), drawn())
    assert (still - images).abs().mean() < 0.05


def test_blur_smear_and_few_pixels_keep_the_mean() -> None:
    images = bars()
    flat = images.mean((1, 2))
    blurred = camera.blur(images, torch.full((N,), 1.5), drawn())
    smeared = camera.smear(images, torch.ones(N), drawn())
    coarse = camera.few_pixels(images, torch.ones(N), drawn())
    for changed in (blurred, smeared, coarse):
        assert torch.allclose(changed.mean((1, 2)), flat, rtol=0.15)
        assert ((changed - images).abs().amax((1, 2)) > 0.02).float().mean() > 0.5
        assert changed.min() >= -1e-5
        assert changed.max() <= 1 + 1e-5


def test_digits_with_little_detail_keep_more_pixels() -> None:
    images = torch.rand(N, SIZE, SIZE, generator=torch.Generator().manual_seed(1))
    rough, fine = (
        (camera.few_pixels(images, torch.full((N,), detail), drawn()) - images).abs().mean()
        for detail in (1.0, 0.55)
    )
    assert fine < rough


def test_noise_has_its_strength() -> None:
    strength = torch.linspace(0, 0.3, N)
    spread = camera.add_noise(torch.zeros(N, SIZE, SIZE), strength, drawn()).flatten(1).std(1)
    assert torch.allclose(spread, strength, rtol=0.12, atol=1e-6)


def test_specks_are_black_and_white_in_their_share() -> None:
    specked = camera.add_specks(torch.full((N, SIZE, SIZE), 0.5), torch.full((N,), 0.1), drawn())
    assert float((specked == 0).float().mean()) == pytest.approx(0.05, abs=0.005)
    assert float((specked == 1).float().mean()) == pytest.approx(0.05, abs=0.005)


@pytest.mark.parametrize("size", [28, 32])
def test_compression_loses_more_with_larger_steps(size: int) -> None:
    images = torch.rand(20, size, size, generator=torch.Generator().manual_seed(1))
    lost = [
        (camera.compress(images, torch.full((20,), step), drawn()) - images).abs().mean()
        for step in (1e-4, 0.02, 0.2)
    ]
    assert lost[0] < 1e-3
    assert lost[0] < lost[1] < lost[2]


@pytest.mark.parametrize("size", [28, 32])
def test_matrices_keep_what_they_should(size: int) -> None:
    ones = torch.ones(size)
    for matrix in (blur_table(size, CPU), few_pixels_table(size, CPU), area_matrix(40, size, CPU)[None]):
        assert torch.allclose(matrix.sum(2), ones, atol=1e-5)
    tables, frequencies = cosine_table(size, CPU)
    for table in tables:
        assert torch.allclose(table @ table.T, torch.eye(size), atol=1e-5)
    assert frequencies.max() <= 7
    for grains in value_noise_table(size, CPU):
        assert torch.allclose(grains.square().sum(1), ones, atol=1e-5)
    assert len(few_pixels_table(size, CPU)) == 2 * len(few_pixels_range(size))


def test_no_number_in_the_tables_is_subnormal() -> None:
    for table in (blur_table(32, CPU), few_pixels_table(32, CPU), value_noise_table(32, CPU)):
        assert not ((table != 0) & (table.abs() < torch.finfo(torch.float32).tiny)).any()


def test_blur_has_its_sigma() -> None:
    point = torch.zeros(1, 33, 33)
    point[:, 16, 16] = 1
    matrix = blur_table(33, CPU)[blur_levels(torch.tensor([2.0]))]
    line = apply_separable(point, matrix, matrix)[0].sum(0)
    at = torch.arange(33) - 16.0
    assert float((line * at**2).sum().sqrt()) == pytest.approx(2.0, abs=0.02)


def test_windows_are_slices() -> None:
    images = torch.randint(0, 256, (3, 9, 12), dtype=torch.uint8)
    which, top, left = torch.tensor([2, 0, 0]), torch.tensor([0, 4, 1]), torch.tensor([7, 0, 3])
    expected = torch.stack([images[2, :5, 7:], images[0, 4:, :5], images[0, 1:6, 3:8]])
    assert torch.equal(windows(images, which, top, left, 5), expected)
