"""Made scenes: always the same for a seed, labelled where the ink is."""

from __future__ import annotations

import random

import numpy as np
import pytest
from numpy.typing import NDArray

from core.recipes.recipe import RecipeError
from core.recipes.scenes import IGNORED, LETTER, Scenes
from core.synthesis import scene as scenes
from core.synthesis.backgrounds import make_ground
from core.synthesis.camera import take_photo
from core.synthesis.ornaments import ornament
from core.synthesis.painting import paint
from core.synthesis.scene import Scene, make_number, make_scene, scene_random
from core.synthesis.typesetting import LineStyle, random_number, random_words, set_line, stack
from tests.core.scene_assets import assets, plain_fonts

CONFIG = Scenes(size=128)


@pytest.fixture(scope="module")
def made() -> list[Scene]:
    given = assets()
    return [make_scene(scene_random(1, i), CONFIG, given) for i in range(40)]


def test_a_scene_is_the_same_whenever_it_is_made(made: list[Scene]) -> None:
    again = make_scene(scene_random(1, 7), CONFIG, assets())
    assert np.array_equal(again.image, made[7].image)
    assert np.array_equal(again.boxes, made[7].boxes)
    assert np.array_equal(again.labels, made[7].labels)


def test_scenes_differ(made: list[Scene]) -> None:
    assert len({scene.image.tobytes() for scene in made}) == len(made)


def test_boxes_lie_in_the_scene_and_belong_to_known_labels(made: list[Scene]) -> None:
    for scene in made:
        assert scene.image.shape == (128, 128)
        assert scene.image.dtype == np.uint8
        assert len(scene.labels) == len(scene.boxes)
        assert ((scene.boxes >= 0) & (scene.boxes <= 128)).all()
        assert (scene.boxes[:, 2:] > scene.boxes[:, :2]).all()
        assert set(scene.labels.tolist()) <= {*range(10), LETTER, IGNORED}


def test_most_scenes_show_numbers_and_some_show_none(made: list[Scene]) -> None:
    digits = [int((scene.labels < 10).sum()) for scene in made]
    assert sum(d > 0 for d in digits) > 20
    assert any(d == 0 for d in digits)
    assert any((scene.labels == LETTER).any() for scene in made)


def test_a_digit_is_where_its_box_says() -> None:
    """Without faults and with full contrast, there is more to see in the boxes than around them."""
    config = Scenes(size=128, empty=0, words=0, faults=0, contrast_min=0.9, tilt=0, perspective=0)
    given = assets()
    inside, outside = [], []
    for i in range(30):
        scene = make_scene(scene_random(3, i), config, given)
        edges = np.abs(np.diff(scene.image.astype(float), axis=1))
        mask = np.zeros(edges.shape, bool)
        for x0, y0, x1, y1 in scene.boxes.astype(int):
            mask[y0:y1, x0:x1] = True
        if mask.any() and not mask.all():
            inside.append(edges[mask].mean())
            outside.append(edges[~mask].mean())
    assert np.mean(inside) > 2 * np.mean(outside)


def test_no_empty_scenes_without_a_share_for_them() -> None:
    config = Scenes(size=128, empty=0)
    given = assets()
    assert all(len(make_scene(scene_random(2, i), config, given).labels) for i in range(15))


def test_a_number_by_itself_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers, config, given = ["7", "30", "918273"], Scenes(size=192, faults=0.0), assets()
    for index, number in enumerate(numbers):
        monkeypatch.setattr(scenes, "random_number", lambda _, number=number: number)
        image, said = make_number(scene_random(3, index), config, given)
        assert (image.shape, said) == ((192, 192), number)
        assert image.std() > 0


@pytest.mark.parametrize("vertical", [False, True])
def test_a_line_is_set_in_reading_order(vertical: bool) -> None:
    fonts = plain_fonts()
    style = LineStyle(vertical=vertical)
    block = set_line(random.Random(1), "3071", lambda c: fonts.glyph(0, c), height=30, style=style)
    assert [s.label for s in block.spots] == [3, 0, 7, 1]
    starts = [s.box[1 if vertical else 0] for s in block.spots]
    assert starts == sorted(starts)
    for spot in block.spots:
        x0, y0, x1, y1 = (round(v) for v in spot.box)
        assert block.mask[y0:y1, x0:x1].max() > 200
        assert abs((y1 - y0) - 30) < 5


def test_lines_are_stacked_with_their_boxes() -> None:
    fonts = plain_fonts()

    def line(text: str, height: float):  # type: ignore[no-untyped-def]
        return set_line(random.Random(2), text, lambda c: fonts.glyph(0, c), height=height, style=LineStyle())

    block = stack(random.Random(1), [line("12", 40), line("ab", 20)], gap=5)
    assert [s.label for s in block.spots] == [1, 2, LETTER, LETTER]
    assert block.spots[2].box[1] > block.spots[0].box[3]
    assert block.height == 40


def test_numbers_and_words() -> None:
    rng = random.Random(4)
    numbers = [random_number(rng) for _ in range(300)]
    assert {len(n) for n in numbers} == {1, 2, 3, 4, 5, 6}
    assert all(n.isdigit() for n in numbers)
    assert all(random_words(rng).replace(" ", "").isalpha() for _ in range(100))
    ones, nines = (sum(n[0] == digit for n in numbers) for digit in "19")
    assert ones > 1.3 * nines  # as in streets


def test_paint_covers_the_ink() -> None:
    fonts = plain_fonts()
    block = set_line(random.Random(1), "8", lambda c: fonts.glyph(1, c), height=40, style=LineStyle())
    for seed in range(40):
        patch = paint(random.Random(seed), block, behind=100, contrast_min=0.2)
        alpha = patch.layers[:, :, 1]
        assert 0 <= alpha.min() <= alpha.max() <= 1.0001
        assert patch.layers[:, :, 0].max() <= 255.1
        _, x0, y0, x1, y1 = patch.spots[0]
        assert alpha[int(y0) : int(y1), int(x0) : int(x1)].max() > 0.5


@pytest.mark.parametrize(("h", "w"), [(6, 6), (6, 90), (90, 6), (40, 120)])
def test_ornaments_of_every_shape(h: int, w: int) -> None:
    for seed in range(40):
        mask = ornament(random.Random(seed), h, w)
        assert mask.shape == (h, w)
        assert mask.dtype == np.uint8


def test_ornaments_are_lines_and_leave_ground_free() -> None:
    shares = [float((ornament(random.Random(seed), 50, 110) > 127).mean()) for seed in range(60)]
    assert 0.1 < np.median(shares) < 0.5


def test_ornaments_never_cover_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[int, int]] = []

    def solid(rng: random.Random, h: int, w: int) -> NDArray[np.uint8]:
        drawn.append((h, w))
        return np.full((h, w), 255, np.uint8)

    monkeypatch.setattr("core.synthesis.scene.ornament", solid)
    given = assets()
    config = Scenes(size=128, empty=0, words=0, faults=0, contrast_min=0.5, ornaments=1)
    for i in range(60):
        scene = make_scene(scene_random(3, i), config, given)
        assert LETTER not in scene.labels
        for label, (x0, y0, x1, y1) in zip(scene.labels, scene.boxes.astype(int), strict=True):
            if label < LETTER and min(x1 - x0, y1 - y0) > 4:
                assert np.ptp(scene.image[y0:y1, x0:x1]) > 40
    assert len(drawn) > 30


def test_every_ground_fills_the_scene() -> None:
    given = assets()
    for seed in range(60):
        ground = make_ground(random.Random(seed), 96, given.backgrounds, photo_share=0.3)
        assert ground.shape == (96, 96)
        assert ground.dtype == np.uint8


def test_faults_can_be_turned_off_and_keep_the_size() -> None:
    scene = np.random.default_rng(1).integers(0, 255, (80, 96), dtype=np.uint8)
    assert take_photo(random.Random(1), scene, finest=20, strength=0) is scene
    for seed in range(40):
        photo = take_photo(random.Random(seed), scene, finest=20, strength=1.5)
        assert photo.shape == scene.shape
        assert photo.dtype == np.uint8


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"size": 100}, "scenes.size"),
        ({"empty": 2.0}, "scenes.empty"),
        ({"tilt": -1.0}, "scenes.tilt"),
        ({"faults": float("nan")}, "scenes.faults"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, float], field: str) -> None:
    with pytest.raises(RecipeError) as error:
        Scenes(**values)  # type: ignore[arg-type]
    assert error.value.field == field
