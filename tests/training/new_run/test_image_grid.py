"""The live gallery: the feed from a child process, the pictures, the page with its sliders."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSlider, QStackedWidget
from pytestqt.qtbot import QtBot

from core.recipes.recipe import Recipe, recipe_named
from tests.training.conftest import FAKE_GALLERY
from tests.widgets import button, child, words_in
from training.new_run.augmentation_page import COUNT, AugmentationPage, augmentation_groups
from training.new_run.image_grid import ImageGrid, grid_for
from training.recipe_form.draft import Draft
from training.recipe_form.form import names_in
from training.services.preview_process import GalleryFeed, Pictures, parse_pictures

QUICK = recipe_named("quick")


@pytest.fixture
def feed(qtbot: QtBot):  # type: ignore[no-untyped-def]
    made = GalleryFeed(command=[sys.executable, str(FAKE_GALLERY)])
    yield made
    made.close()


def rotated(angle: float) -> Recipe:
    return QUICK.with_values({"augmentation.rotate": angle})


def test_the_newest_request_wins(qtbot: QtBot, feed: GalleryFeed) -> None:
    heard: list[Pictures] = []
    loading: list[str] = []
    feed.pictures_ready.connect(heard.append)
    feed.loading.connect(loading.append)
    for angle in range(1, 21):
        feed.ask(rotated(angle), count=6, seed=1)
    qtbot.waitUntil(lambda: bool(heard))
    assert len(heard) == 1, "answers to older requests are dropped"
    assert heard[0].images.shape == (6, 32, 32)
    assert int(heard[0].images[0, 0, 0]) == 20
    assert heard[0].missing == ("svhn",)
    assert loading == ["mnist"]


def test_a_refusal_is_told(qtbot: QtBot, feed: GalleryFeed) -> None:
    with qtbot.waitSignal(feed.failed) as heard:
        feed.ask(QUICK, count=6, seed=14)
    assert heard.args == ["None of mnist is here."]


def test_a_child_that_ends_is_told_and_replaced(qtbot: QtBot, feed: GalleryFeed) -> None:
    with qtbot.waitSignal(feed.failed) as heard:
        feed.ask(QUICK, count=6, seed=13)
    assert "ended without an answer (it fell over a wire)" in heard.args[0]
    with qtbot.waitSignal(feed.pictures_ready):
        feed.ask(QUICK, count=6, seed=1)


def test_a_child_that_ends_when_idle_is_no_news(qtbot: QtBot, feed: GalleryFeed) -> None:
    with qtbot.waitSignal(feed.pictures_ready):
        feed.ask(QUICK, count=6, seed=1)
    child = psutil.Process(feed.pid())
    with qtbot.assertNotEmitted(feed.failed):
        child.kill()
        qtbot.waitUntil(lambda: feed.pid() == 0)


def test_a_program_that_is_not_there_is_told(qtbot: QtBot) -> None:
    feed = GalleryFeed(command=["/nowhere/python"])
    with qtbot.waitSignal(feed.failed) as heard:
        feed.ask(QUICK, count=6, seed=1)
    assert "can't be started" in heard.args[0]


def test_closing_ends_the_child(qtbot: QtBot, feed: GalleryFeed) -> None:
    with qtbot.waitSignal(feed.pictures_ready):
        feed.ask(QUICK, count=6, seed=1)
    pid = feed.pid()
    feed.close()
    qtbot.waitUntil(lambda: not psutil.pid_exists(pid))
    assert feed.pid() == 0


def test_pictures_that_are_cut_off_are_refused() -> None:
    answer = {
        "count": 2,
        "height": 4,
        "width": 4,
        "images": "AAAA",
        "texts": ["1", "2"],
        "sources": ["a", "b"],
        "missing": [],
        "ms": 1,
    }
    with pytest.raises(ValueError, match="cut off"):
        parse_pictures(answer)


@pytest.mark.parametrize(
    ("count", "area", "columns"),
    [(60, (600, 600), 8), (12, (600, 90), 12), (12, (100, 600), 2), (0, (9, 9), 1)],
)
def test_the_grid_fills_the_area(count: int, area: tuple[int, int], columns: int) -> None:
    found, side = grid_for(count, QSize(*area))
    assert found == columns
    assert found * (side + 4) - 4 <= area[0]


def test_pictures_fit_into_the_widget(qtbot: QtBot) -> None:
    gallery = ImageGrid()
    qtbot.addWidget(gallery)
    gallery.resize(300, 400)
    gallery.show()
    images = np.random.default_rng(0).integers(0, 255, (60, 32, 32), dtype=np.uint8)
    gallery.set_pictures(images, ["–" if i % 11 == 10 else str(i % 11) for i in range(60)], ["mnist"] * 60)
    cells = gallery.cells()
    assert len(cells) == 60
    height = gallery.fontMetrics().height()
    assert all(gallery.rect().contains(cell.adjusted(0, 0, 0, height)) for cell in cells)
    assert not any(one.intersects(other) for one, other in itertools.pairwise(cells))
    gallery.grab()


def test_rows_are_wider_than_high(qtbot: QtBot) -> None:
    gallery = ImageGrid()
    qtbot.addWidget(gallery)
    gallery.resize(500, 300)
    gallery.set_pictures(np.zeros((10, 40, 200), np.uint8), ["12B"] * 10, ["cheques"] * 10)
    cells = gallery.cells()
    height = gallery.fontMetrics().height()
    assert all(abs(cell.width() - 5 * cell.height()) <= 3 for cell in cells)
    assert all(gallery.rect().contains(cell.adjusted(0, 0, 0, height)) for cell in cells)
    assert not any(one.intersects(other) for one, other in itertools.combinations(cells, 2))


def test_the_calm_end_can_be_looked_at(
    qtbot: QtBot, feed: GalleryFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(feed, "ask", lambda recipe, *, count, seed, epoch: asked.append(epoch))
    page = AugmentationPage(feed)
    qtbot.addWidget(page)
    draft = Draft(QUICK)
    page.show_draft(draft, draft.check())
    page.show()
    assert button(page, "As in the last epochs").isHidden()
    draft = draft.with_value("calm_end", 0.5)
    page.show_draft(draft, draft.check())
    qtbot.waitUntil(lambda: asked[-1:] == [0])
    button(page, "As in the last epochs").click()
    qtbot.waitUntil(lambda: asked[-1] == QUICK.epochs - 1)


def test_the_line_reader_has_rows_and_nothing_to_set(qtbot: QtBot, feed: GalleryFeed) -> None:
    page = AugmentationPage(feed)
    qtbot.addWidget(page)
    draft = Draft(recipe_named("line"))
    page.show_draft(draft, draft.check())
    page.show()
    assert child(page, QStackedWidget).isHidden()
    qtbot.waitUntil(lambda: "rows that the line reader will be fed" in words_in(page), timeout=20_000)
    assert page.gallery.count == 36


def test_every_strength_is_on_the_page() -> None:
    shown = [name for _, names in augmentation_groups() for name in names]
    assert sorted(shown) == sorted(names_in("augmentation."))


def test_sliders_change_the_pictures(qtbot: QtBot, feed: GalleryFeed) -> None:
    page = AugmentationPage(feed)
    qtbot.addWidget(page)
    draft = Draft(QUICK)

    def edit(name: str, value: object) -> None:
        nonlocal draft
        draft = draft.with_value(name, value)
        page.show_draft(draft, draft.check())

    page.edited.connect(edit)
    page.show_draft(draft, draft.check())
    with qtbot.assertNotEmitted(feed.pictures_ready):
        assert feed.pid() == 0, "nobody looks: nothing is asked"
    with qtbot.waitSignal(feed.pictures_ready):
        page.show()
    assert page.gallery.count == COUNT
    assert "32×32" in words_in(page)
    assert "SVHN" in words_in(page)
    slider = page.digits.row("augmentation.rotate").editor.findChild(QSlider)
    assert slider is not None
    with qtbot.waitSignal(feed.pictures_ready) as heard:
        slider.setValue(500)
    assert int(heard.args[0].images[0, 0, 0]) == 90
    edit("augmentation.rotate", "x")
    qtbot.waitUntil(lambda: "wrong" in words_in(page))
    with qtbot.waitSignal(feed.pictures_ready):
        edit("augmentation.rotate", 3)
    with qtbot.waitSignal(feed.pictures_ready):
        button(page, "Other images").click()


def test_the_detector_has_scenes(qtbot: QtBot, feed: GalleryFeed) -> None:
    page = AugmentationPage(feed)
    qtbot.addWidget(page)
    draft = Draft(recipe_named("detector"))
    page.show_draft(draft, draft.check())
    page.show()
    assert page.scenes.isVisible()
    assert not page.digits.isVisible()
    assert sorted(page.scenes.names()) == sorted(names_in("scenes."))
    page.show_field("scenes.size")
    row = page.scenes.row("scenes.tilt")
    assert (row.label.text(), row.editor.toolTip()) == (
        "Tilt", "Numbers turned by up to this angle either way. From 0 to 45 °."
    )  # fmt: skip
    qtbot.waitUntil(lambda: "photos that the detector will be fed" in words_in(page), timeout=20_000)
    changed = draft.with_value("scenes.tilt", "46")
    page.show_draft(changed, changed.check())
    assert row.label.text() == "Tilt •"
    assert "46 is more than the largest allowed, 45." in row.words.text()
    with qtbot.waitSignal(page.put_back) as heard:
        row.back.click()
    assert heard.args == ["scenes.tilt"]
