"""What `augment` promises as a whole: order, range, determinism, shares, and that each kind does something."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import Tensor

from core.augmentation.augment import augment, plain_view
from core.augmentation.random_draws import BatchRandom
from core.recipes.recipe import RECIPES, Augmentation

OFF = Augmentation()
CPU = torch.device("cpu")


def digits(count: int) -> Tensor:
    """(count,64,64) uint8: an asymmetric shape of a digit's size, and a mark that tells the rows apart."""
    ink = torch.zeros((count, 64, 64), dtype=torch.uint8)
    ink[:, 18:46, 26:31] = 255
    ink[:, 18:23, 26:40] = 255
    ink[:, 30:34, 26:36] = 255
    for row in range(count):
        ink[row, 42:46, 26 : 32 + row % 8] = 255
    return ink


def ink_flags(count: int) -> Tensor:
    return torch.ones(count, dtype=torch.bool)


def textures() -> Tensor:
    return torch.randint(0, 256, (9, 64, 64), dtype=torch.uint8, generator=made(5))


def made(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    "device",
    [
        pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here")),
        pytest.param(
            "mps", marks=pytest.mark.skipif(not torch.backends.mps.is_available(), reason="no MPS here")
        ),
    ],
)
@pytest.mark.parametrize("recipe", ["general", "seed"])
def test_it_runs_on_the_device_of_the_images(device: str, recipe: str) -> None:
    images, is_ink = digits(50).to(device), (torch.arange(50) < 40).to(device)
    config = RECIPES[recipe].augmentation
    one, again = (
        augment(
            images, is_ink, config, torch.Generator(device).manual_seed(1), textures=textures().to(device)
        )
        for _ in range(2)
    )
    assert one.device == images.device
    assert torch.equal(one, again)
    assert one.min() >= 0
    assert one.max() <= 1
    assert torch.allclose(
        plain_view(images, is_ink, 32).cpu(), plain_view(images.cpu(), is_ink.cpu(), 32), atol=1e-5
    )


def test_with_everything_off_it_shows_what_evaluation_shows() -> None:
    images = digits(10)
    shown = augment(images, ink_flags(10), OFF, made(1))
    assert shown.shape == (10, 1, 32, 32)
    assert shown.dtype == torch.float32
    difference = (shown - plain_view(images, ink_flags(10), 32)).abs()
    assert difference.mean() < 0.01
    assert difference.max() < 0.4


@pytest.mark.parametrize("size", [28, 32])
def test_plain_view_is_the_middle_at_the_size(size: int) -> None:
    images = torch.zeros((1, 64, 64), dtype=torch.uint8)
    images[:, 12:52, 12:32] = 255
    view = plain_view(images, ink_flags(1), size)
    assert view.shape == (1, 1, size, size)
    assert torch.allclose(view[..., : size // 2], torch.ones(1))
    assert torch.allclose(view[..., size // 2 :], torch.zeros(1))


@pytest.mark.parametrize("recipe", ["general", "seed", "quick"])
def test_the_seed_decides_everything(recipe: str) -> None:
    images, is_ink = digits(40), torch.arange(40) % 4 > 0
    config = RECIPES[recipe].augmentation
    before, state = images.clone(), torch.get_rng_state()
    first, again, other = (
        augment(images, is_ink, config, made(seed), textures=textures()) for seed in (3, 3, 4)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(images, before)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_generator_is_the_whole_state() -> None:
    images, config, generator = digits(20), RECIPES["general"].augmentation, made(1)
    augment(images, ink_flags(20), config, generator)
    resumed = torch.Generator()
    resumed.set_state(generator.get_state())
    one, other = (augment(images, ink_flags(20), config, g) for g in (generator, resumed))
    assert torch.equal(one, other)


@pytest.mark.parametrize("count", [1, 2, 7, 64])
@pytest.mark.parametrize("ink", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("with_textures", [False, True])
def test_values_stay_in_range(count: int, ink: float, with_textures: bool) -> None:
    is_ink = torch.arange(count) < ink * count
    config = RECIPES["general"].augmentation
    for seed in range(5):
        shown = augment(
            digits(count), is_ink, config, made(seed), textures=textures() if with_textures else None
        )
        assert torch.isfinite(shown).all()
        assert shown.min() >= 0
        assert shown.max() <= 1


def test_kinds_at_their_largest_stay_in_range() -> None:
    largest = {
        f.name: f.metadata["setting"].high
        for f in dataclasses.fields(Augmentation)
        if f.name != "contrast_min"
    }
    config = Augmentation(**largest | {"plain": 0.0, "contrast_min": 0.03})
    shown = augment(digits(64), torch.arange(64) < 40, config, made(1), textures=textures())
    assert torch.isfinite(shown).all()
    assert shown.min() >= 0
    assert shown.max() <= 1


def test_an_empty_batch_gives_an_empty_batch() -> None:
    nothing = torch.empty((0, 64, 64), dtype=torch.uint8)
    assert augment(nothing, ink_flags(0), RECIPES["general"].augmentation, made(1)).shape == (0, 1, 32, 32)
    assert plain_view(nothing, ink_flags(0), 28).shape == (0, 1, 28, 28)


@pytest.mark.parametrize(
    ("images", "is_ink"),
    [
        (torch.zeros(2, 64, 64), ink_flags(2)),
        (torch.zeros((2, 32, 32), dtype=torch.uint8), ink_flags(2)),
        (torch.zeros((64, 64), dtype=torch.uint8), ink_flags(64)),
        (digits(2), ink_flags(3)),
        (digits(2), torch.ones(2)),
    ],
)
def test_wrong_tensors_are_refused(images: Tensor, is_ink: Tensor) -> None:
    with pytest.raises(ValueError, match="must be"):
        augment(images, is_ink, OFF, made(1))
    with pytest.raises(ValueError, match="must be"):
        plain_view(images, is_ink, 32)


KINDS: dict[str, dict[str, float]] = {
    "rotate": {"rotate": 40},
    "smaller": {"zoom_min": 0.5},
    "larger": {"zoom_max": 1.4},
    "stretch": {"stretch": 0.5},
    "move": {"move": 0.2},
    "shear": {"shear": 30},
    "perspective": {"perspective": 0.4},
    "elastic": {"elastic": 0.08},
    "thickness": {"thickness": 1},
    "outline": {"outline": 1},
    "shadow": {"shadow": 1, "contrast_min": 0.5, "background_simple": 1},
    "neighbours": {"neighbours": 1},
    "pretty": {"background_simple": 0, "background_pretty": 1, "contrast_min": 0.5},
    "noisy": {"background_simple": 0, "background_noisy": 1, "contrast_min": 0.5},
    "figure": {"background_simple": 0, "background_figure": 1, "contrast_min": 0.5},
    "photo": {"background_simple": 0, "background_photo": 1, "contrast_min": 0.5},
    "invert": {"invert": 1},
    "contrast": {"contrast_min": 0.2},
    "lighting": {"lighting": 0.8},
    "blur": {"blur": 3},
    "motion": {"motion_blur": 1},
    "counterchange": {"counterchange": 1},
    "rough glass": {"scatter": 1},
    "noise": {"noise": 0.2},
    "low resolution": {"low_resolution": 1},
    "occlusion": {"occlusion": 1},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_changes_digits_but_keeps_their_ink(kind: str) -> None:
    images = digits(48)
    config = dataclasses.replace(OFF, **KINDS[kind])
    shown = augment(images, ink_flags(48), config, made(2), textures=textures())
    unchanged = augment(images, ink_flags(48), OFF, made(2))
    changed = (shown - unchanged).abs().amax((1, 2, 3)) > 0.05
    assert changed.float().mean() > 0.4
    assert (shown.amax((1, 2, 3)) - shown.amin((1, 2, 3))).min() > 0.15


def test_photos_are_turned_and_moved_too_and_keep_their_ground() -> None:
    photos = torch.full((8, 64, 64), 100, dtype=torch.uint8)
    photos[:, 20:44, 28:36] = 200
    config = dataclasses.replace(OFF, rotate=90, background_simple=0, background_noisy=1)
    shown = augment(photos, ~ink_flags(8), config, made(1))[:, 0]
    corner = shown[:, :3, :3].flatten(1)
    assert (corner.std(1) < 1e-3).all()
    assert (shown.amax((1, 2)) - corner.mean(1) > 0.15).all()
    turned = (shown > shown.mean((1, 2), keepdim=True)).any(1).sum(1)
    assert turned.max() > turned.min() + 5


def test_photos_are_inverted_in_the_share_asked_for() -> None:
    photos = torch.full((40, 64, 64), 80, dtype=torch.uint8)
    photos[:, 20:44, 26:38] = 180
    shown = augment(photos, ~ink_flags(40), dataclasses.replace(OFF, invert=0.25), made(1))[:, 0]
    dark = shown[:, 16, 16] < shown[:, 2, 2]
    assert int(dark.sum()) == 10


def test_plain_and_inverted_hold_their_shares() -> None:
    config = Augmentation(plain=0.3, invert=1.0, contrast_min=0.4, noise=0.1, lighting=0.3)
    shown = augment(digits(200), ink_flags(200), config, made(1))[:, 0]
    left = shown[:, 8:24, :8].flatten(1)
    black = left.amax(1) == 0
    light = shown[:, 8:24, 12:15].flatten(1).mean(1) > left.mean(1)
    assert int((black & light).sum()) == 60
    assert int((light & ~black).sum()) == 0


def test_ink_stands_out_by_at_least_the_contrast_asked_for() -> None:
    config = Augmentation(
        background_simple=1, background_pretty=1, background_noisy=1, background_figure=1, background_photo=1,
        invert=0.5, contrast_min=0.3,
    )  # fmt: skip
    images = digits(400)
    shown = augment(images, ink_flags(400), config, made(1), textures=textures())[:, 0]
    ink = shown[:, 8:24, 13]
    assert (ink.std(1) < 1e-3).all()
    # The ground between the digit's arms and left of it.
    ground = torch.cat([shown[:, 8:24, 9:11].flatten(1), shown[:, 13:16, 18:22].flatten(1)], 1)
    difference = (ink.mean(1) - ground.mean(1)).abs()
    assert difference.quantile(0.02) > 0.2
    assert (ground.std(1) < 0.6 * difference.clamp_min(0.3)).float().mean() > 0.97


def test_neighbours_stand_at_the_sides_and_leave_the_digit_alone() -> None:
    images = digits(60)
    config = dataclasses.replace(OFF, neighbours=1.0)
    shown = augment(images, ink_flags(60), config, made(1))[:, 0]
    alone = augment(images, ink_flags(60), OFF, made(1))[:, 0]
    assert torch.allclose(shown[:, :, 12:21], alone[:, :, 12:21], atol=1e-5)
    left, right = (part.flatten(1).amax(1) > 0.5 for part in (shown[:, :, :9], shown[:, :, 27:]))
    assert (left | right).float().mean() > 0.8
    assert 0.2 < (left & right).float().mean() < 0.8


def test_neighbours_come_from_the_images_given() -> None:
    config = dataclasses.replace(OFF, neighbours=1.0)
    images, photos = digits(30), torch.full((5, 64, 64), 255, dtype=torch.uint8)
    alone = augment(images, ink_flags(30), OFF, made(1))
    with_photos = augment(images, ink_flags(30), config, made(1), neighbours=(photos, ~ink_flags(5)))
    assert torch.equal(with_photos, alone)
    with_blocks = augment(images, ink_flags(30), config, made(1), neighbours=(photos, ink_flags(5)))
    assert with_blocks.mean() > alone.mean() + 0.1


def test_shares_hold_on_average_even_for_single_images() -> None:
    draws = BatchRandom(made(1), CPU)
    counts = []
    for _ in range(600):
        draws.fetch(torch.zeros(1))
        counts += [draws.count(0.3, 1) for _ in range(5)]
    assert set(counts) == {0, 1}
    assert sum(counts) / len(counts) == pytest.approx(0.3, abs=0.03)


def test_weights_share_rows_out_completely() -> None:
    draws = BatchRandom(made(1), CPU)
    totals = [0, 0, 0, 0]
    for _ in range(400):
        draws.fetch(torch.zeros(1))
        counts = draws.counts([1.0, 0.0, 2.0, 1.0], 5)
        assert sum(counts) == 5
        assert min(counts) >= 0
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
    assert totals[1] == 0
    assert [total / 400 for total in totals] == pytest.approx([1.25, 0, 2.5, 1.25], abs=0.1)


def test_noise_is_normal_and_many_pixels_get_fresh_numbers() -> None:
    draws = BatchRandom(made(1), CPU)
    draws.fetch(torch.zeros(1))
    some, more = draws.pixel_noise(200, 32), draws.pixel_noise(2100, 32)
    for noise in (some, more):
        assert abs(float(noise.mean())) < 0.02
        assert float(noise.std()) == pytest.approx(1, abs=0.02)
    assert more.shape == (2100, 32, 32)
