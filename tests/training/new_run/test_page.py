"""The page on which a run is made: cards, devices, what it will take, Start."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import onnx
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLineEdit, QRadioButton, QSpinBox
from pytestqt.qtbot import QtBot

from core.base.paths import Places
from core.recipes.recipe import RECIPES, recipe_named
from tests.training.conftest import FAKE_GALLERY, QUICK
from tests.widgets import button, named, texts_in, words_in
from training.new_run.device_page import DevicePage
from training.new_run.page import NewRunPage, expected_text
from training.new_run.recipe_cards import RecipeCard, RecipeCards
from training.recipe_form.draft import Draft
from training.runs.estimates import DeviceOffer, Estimate
from training.runs.launch import Commands, LaunchOptions
from training.runs.model_cards import Figure, figures_by_recipe
from training.services.data_sources import SourceFetcher, SourceLister, SourcePreparer
from training.services.preview_process import GalleryFeed
from training.services.run_manager import RunManager


@pytest.fixture
def make_page(qtbot: QtBot, places: Places, commands: Commands) -> Iterator[Callable[[], NewRunPage]]:
    manager = RunManager(places, commands=commands, steering=QUICK)
    feed = GalleryFeed(command=[sys.executable, str(FAKE_GALLERY)])
    lister = SourceLister(places.data, commands=commands)
    fetcher = SourceFetcher(places.data, commands=commands)
    preparer = SourcePreparer(places.data, commands=commands)

    def make() -> NewRunPage:
        page = NewRunPage(
            manager, data_dir=places.data, feed=feed, lister=lister, fetcher=fetcher, preparer=preparer,
        )  # fmt: skip
        qtbot.addWidget(page)
        page.resize(900, 640)
        return page

    yield make
    feed.close()
    lister.cancel()
    preparer.close()
    manager.close()


def card_of(cards: RecipeCards, name: str) -> RecipeCard:
    return cards.cards()[list(RECIPES).index(name)]


def test_cards_choose_by_mouse_and_keyboard(qtbot: QtBot) -> None:
    cards = RecipeCards(list(RECIPES.values()))
    qtbot.addWidget(cards)
    cards.resize(900, 200)
    with qtbot.waitActive(cards):
        cards.show()
    cards.choose("general")
    with qtbot.waitSignal(cards.chosen) as heard:
        qtbot.mouseClick(card_of(cards, "seed"), Qt.MouseButton.LeftButton)
    assert heard.args == ["seed"]
    with qtbot.waitSignal(cards.chosen) as heard:
        qtbot.keyClick(card_of(cards, "seed").button, Qt.Key.Key_Left)
    assert heard.args == ["quick"]
    cards.set_duration("quick", "about 3 min here")
    cards.set_quality("quick", "99.1% on MNIST")
    assert "Takes about 3 min here." in card_of(cards, "quick").button.accessibleDescription()
    cards.grab()
    high = cards.height()
    cards.resize(320, high)
    assert cards.minimumHeight() > high, "a narrow window has several rows of cards"


def model_file(path: Path, **said: str) -> None:
    """A small ONNX file with metadata, made by the library itself."""
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    result = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
    model = onnx.helper.make_model(onnx.helper.make_graph([node], "g", [value], [result]))
    onnx.helper.set_model_props(model, said)
    path.write_bytes(model.SerializeToString())


def test_figures_of_the_shipped_models(tmp_path: Path) -> None:
    figures = {
        "fonts": {"n": 10, "accuracy": 0.99}, "mnist": {"n": 10000, "accuracy": 0.9962}, "speed": {"ms": 3},
    }  # fmt: skip
    model_file(tmp_path / "a.onnx", gnc_recipe="general", gnc_figures=json.dumps(figures))
    model_file(tmp_path / "b.onnx", gnc_recipe="quick", gnc_figures="{}")
    model_file(tmp_path / "c.onnx", gnc_recipe="quick", gnc_figures="[3]")
    model_file(tmp_path / "d.onnx")
    whole = (tmp_path / "a.onnx").read_bytes()
    (tmp_path / "e.onnx").write_bytes(whole[:-3])
    (tmp_path / "f.onnx").write_bytes(b"\xff" * 40)
    (tmp_path / "g.onnx").write_bytes(b"")
    found = figures_by_recipe(tmp_path)
    assert list(found) == ["general"]
    assert [figure.data for figure in found["general"]] == ["mnist", "fonts"]
    assert found["general"][0].text == "99.62% on MNIST"
    assert figures_by_recipe(tmp_path / "nowhere") == {}


def test_devices_by_name_with_the_reason(qtbot: QtBot) -> None:
    page = DevicePage()
    qtbot.addWidget(page)
    assert page.device == "auto"
    cards = (
        DeviceOffer("cuda:0", "A card", True, "The card is the fastest."),
        DeviceOffer("cpu", "A processor", False, "Slower."),
    )
    page.set_devices(cards)
    names = [button.text() for button in page.findChildren(QRadioButton)]
    assert names == ["The fastest here: A card", "A card", "A processor"]
    assert "The card is the fastest." in texts_in(page)
    page.findChildren(QRadioButton)[2].click()
    assert page.options(Path("/d")) == LaunchOptions("cpu", 1, Path("/d"), False)
    page.set_devices(cards)
    assert page.device == "cpu", "what was chosen stays chosen"
    page.set_devices(cards[:1])
    assert page.device == "auto", "a device that is gone can't be"
    page.set_failure("No devices.")
    assert "No devices." in texts_in(page)
    processes = named(page, QSpinBox, "Number of processes")
    processes.setValue(2)
    if processes.value() == 2:
        assert "together" in words_in(page)


def test_estimates_and_devices_come_by_themselves(qtbot: QtBot, make_page: Callable[[], NewRunPage]) -> None:
    page = make_page()
    page.show()
    qtbot.waitUntil(
        lambda: any("A processor" in b.text() for b in page.device.findChildren(QRadioButton)), timeout=20_000
    )
    seconds = recipe_named("quick").epochs * 10
    qtbot.waitUntil(lambda: "Takes about" in page.expected, timeout=20_000)
    assert f"about {round(seconds / 60)} min here (1\u202f000 images/s), then done at" in page.expected
    assert page.cards.facts("quick").duration
    assert not page.cards.facts("seed").duration, "it was not asked for yet"
    page.cards.chosen.emit("seed")
    qtbot.waitUntil(lambda: bool(page.cards.facts("seed").duration), timeout=20_000)
    again = make_page()
    again.show()
    assert again.cards.facts("quick").duration, "what was measured once is known at once"


def test_a_wrong_value_stops_start_and_is_found(qtbot: QtBot, make_page: Callable[[], NewRunPage]) -> None:
    page = make_page()
    page.show()
    for name, where in (
        ("learning_rate", page.learning), ("augmentation.blur", page.augmentation.digits),
        ("scenes.tilt", page.augmentation.scenes), ("sources.mnist", page.data), ("precision", page.device),
    ):  # fmt: skip
        page.data.edited.emit("network", "detector" if name.startswith("scenes.") else "general")
        page.data.edited.emit(name, "x")
        assert not page.start.isEnabled()
        assert page.expected.startswith("⚠")
        page.start.clicked.emit()
        assert where.isVisible()
        page.data.put_back.emit(name)
        assert page.start.isEnabled()


def test_start_carries_what_was_made(qtbot: QtBot, make_page: Callable[[], NewRunPage]) -> None:
    page = make_page()
    page.show()
    page.cards.choose("quick")
    line = page.learning.row("epochs").editor.findChild(QLineEdit)
    assert line is not None
    line.selectAll()
    page.tabs.setCurrentIndex(2)
    qtbot.keyClicks(line, "3")
    put_back = button(page, "↶ 1 change: put back")
    with qtbot.waitSignal(page.start_asked) as heard:
        page.start.click()
    recipe, options, at_once = heard.args
    assert (recipe.name, recipe.epochs, at_once) == ("quick", 3, False)
    assert options.device == "auto"
    put_back.click()
    assert not page.draft.changes
    page.cards.choose("seed")
    assert page.draft.base.name == "seed"


def test_a_newcomer_finds_quick_chosen_and_a_folder_of_their_own_counts(
    qtbot: QtBot, make_page: Callable[[], NewRunPage], tmp_path: Path
) -> None:
    page = make_page()
    page.show()
    assert page.draft.base.name == "quick"
    line = page.data.own.path.findChild(QLineEdit)
    assert line is not None
    qtbot.keyClicks(line, str(tmp_path))
    with qtbot.waitSignal(page.start_asked) as heard:
        qtbot.mouseClick(page.start, Qt.MouseButton.LeftButton)
    recipe = heard.args[0]
    assert recipe.data_folder == str(tmp_path)
    assert recipe.sources["folder"] == max(page.draft.base.sources.values())
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    assert not page.draft.changes, "without a folder it counts for nothing"


def test_cards_tell_what_was_reached(make_page: Callable[[], NewRunPage]) -> None:
    page = make_page()
    page.set_figures({"general": (Figure("mnist", 10_000, 0.9962),), "unknown": ()})
    page.set_own_best({"general": 0.5, "quick": 0.984, "unknown": 1.0})
    assert page.cards.facts("general").quality == "99.62% on MNIST"
    assert page.cards.facts("quick").quality == "98.40% in your best run"


def test_a_given_recipe_shows_its_changes(make_page: Callable[[], NewRunPage]) -> None:
    page = make_page()
    sources = {name: share for name, share in RECIPES["quick"].sources.items() if name != "svhn"}
    page.set_recipe(dataclasses.replace(RECIPES["quick"], epochs=99, sources=sources))
    assert page.draft.base is RECIPES["quick"]
    assert dict(page.draft.changes) == {"epochs": 99, "sources.svhn": 0.0}
    own = dataclasses.replace(RECIPES["quick"], name="of my own")
    page.set_recipe(own)
    assert page.draft.base == own


@pytest.mark.parametrize(
    ("estimate", "waits", "missing", "words"),
    [
        (Estimate(1000, 60, 600), False, [], "Takes about 10 min here (1\u202f000 images/s), then done at"),
        (Estimate(1000, 60, 600), True, [], "once it is its turn"),
        (None, True, ["SVHN"], "It waits until the run that is going on is over. Not available: SVHN."),
        (None, False, [], "Measuring how long"),
    ],
)
def test_what_stands_beside_start(
    estimate: Estimate | None, waits: bool, missing: list[str], words: str
) -> None:
    checked = Draft(RECIPES["quick"]).check()
    told = expected_text(checked, estimate, no_estimate="", missing=missing, waits=waits, now=0.0)
    assert words in told


def test_what_is_wrong_is_said_by_its_label() -> None:
    draft = Draft(RECIPES["quick"]).with_value("l2", "-1")

    def told(draft: Draft) -> str:
        return expected_text(draft.check(), None, no_estimate="", missing=[], waits=False, now=0.0)

    assert told(draft) == "⚠ L2: -1 is less than the smallest allowed, 0."
    assert told(draft.with_value("epochs", "0")) == "⚠ 2 values are wrong; they are marked."


def test_a_newcomer_finds_quick_chosen(make_page: Callable[[], NewRunPage]) -> None:
    page = make_page()
    assert page.draft.base.name == "quick"
    assert card_of(page.cards, "quick").button.isChecked()


def test_the_end_that_is_promised_moves_with_the_clock(
    qtbot: QtBot, make_page: Callable[[], NewRunPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make_page()
    page.duration.known.emit(Estimate(1000.0, 10.0, 3600.0))
    now = time.mktime((2026, 3, 1, 15, 0, 0, 0, 0, -1))
    monkeypatch.setattr("training.new_run.page.time.time", lambda: now)
    page.show()
    page.duration.known.emit(Estimate(1000.0, 10.0, 3600.0))
    assert "done at" in page.expected
    first = page.expected
    now += 600
    (clock,) = page.findChildren(QTimer, options=Qt.FindChildOption.FindDirectChildrenOnly)
    clock.timeout.emit()
    assert page.expected != first
    assert clock.isActive()
    page.hide()
    assert not clock.isActive()
