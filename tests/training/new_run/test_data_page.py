"""The Data page: what is here, fetching with progress and cancel, shares of the mixture, a folder of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from core.recipes.recipe import recipe_named
from tests.widgets import button, named, words_in
from training.new_run.data_page import DataPage
from training.recipe_form.draft import Draft
from training.runs.launch import Commands
from training.services.data_sources import (
    SourceFacts,
    SourceFetcher,
    SourceLister,
    SourcePreparer,
    mixture,
    parse_progress,
    parse_source,
)


class Shown:
    """A page with its draft."""

    def __init__(self, qtbot: QtBot, commands: Commands, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.lister = SourceLister(home, commands=commands)
        self.fetcher = SourceFetcher(home, commands=commands)
        self.preparer = SourcePreparer(home, commands=commands)
        self.page = DataPage(
            self.lister, self.fetcher, self.preparer, data_dir=home / "data", prepared=["meter", "mnist"]
        )
        qtbot.addWidget(self.page)
        self.draft = Draft(recipe_named("quick"))
        self.page.edited.connect(self.edit)
        self.page.put_back.connect(self.put_back)
        self.show()
        with qtbot.waitSignal(self.lister.listed):
            self.page.refresh()
        self.page.show()

    def edit(self, name: str, value: object) -> None:
        self.draft = self.draft.with_value(name, value)
        self.show()

    def put_back(self, name: str) -> None:
        self.draft = self.draft.put_back(name)
        self.show()

    def show(self) -> None:
        self.page.show_draft(self.draft, self.draft.check())


@pytest.fixture
def shown(qtbot: QtBot, commands: Commands, home: Path):  # type: ignore[no-untyped-def]
    made = Shown(qtbot, commands, home)
    yield made
    made.fetcher.close()
    made.preparer.close()
    made.lister.cancel()


def test_sources_with_counts_terms_and_whether_they_are_here(shown: Shown) -> None:
    mnist, svhn = shown.page.row("mnist"), shown.page.row("svhn")
    assert mnist.title.text() == "MNIST"
    assert mnist.state.text() == "✓ here"
    assert "1\u202f000 train" in mnist.words.text()
    assert "free" in mnist.words.text()
    assert mnist.fetch.isHidden()
    assert svhn.state.text() == "✕ not here"
    assert "about 1\u202f000 train" in svhn.words.text()
    assert not svhn.fetch.isHidden()
    assert svhn.fetch.text() == "Fetch (2.7 GB)"
    assert "gnc data fetch" not in svhn.words.text()
    assert shown.page.row("folder").words.text().endswith("Choose it above.")
    assert shown.page.missing(["mnist", "svhn"]) == ["SVHN"]


def test_fetching_shows_progress_and_then_it_is_here(qtbot: QtBot, shown: Shown) -> None:
    row = shown.page.row("svhn")
    with qtbot.waitSignal(shown.lister.listed):
        with qtbot.waitSignal(shown.fetcher.progress):
            row.fetch.click()
        assert not row.cancel.isHidden()
        assert row.bar.value() == 250
        assert "0.5 of 2.0 MB" in row.words.text()
    assert row.state.text() == "✓ here"
    assert row.cancel.isHidden()
    assert row.fetch.isHidden()


def test_what_is_here_and_not_ready_is_prepared_once(qtbot: QtBot, shown: Shown, home: Path) -> None:
    assert not (home / "prepared.txt").exists(), "what is ready is left alone"
    (home / "meter").touch()
    with qtbot.waitSignal(shown.page.settled):
        shown.page.refresh()
    asked = (home / "prepared.txt").read_text().splitlines()
    assert set(asked) == {"meter"}
    assert "about" not in shown.page.row("meter").words.text(), "its images are counted now"
    (home / "ready").unlink()  # as if it were damaged: it never gets ready
    with qtbot.waitSignal(shown.page.settled):
        shown.page.refresh()
    assert (home / "prepared.txt").read_text().splitlines() == asked


def test_nothing_is_prepared_while_a_run_trains(qtbot: QtBot, shown: Shown, home: Path) -> None:
    (home / "meter").touch()
    shown.preparer.set_held(True)
    with qtbot.waitSignal(shown.page.settled):
        shown.page.refresh()
    assert not (home / "prepared.txt").exists()
    shown.preparer.set_held(False)
    with qtbot.waitSignal(shown.page.settled):
        shown.page.refresh()
    assert (home / "prepared.txt").exists(), "it was put off, not given up"


def test_what_a_run_waits_for_is_made_at_once(qtbot: QtBot, shown: Shown, home: Path) -> None:
    shown.preparer.hurry(["mnist"])
    assert not shown.preparer.is_at_work, "nothing was being made"
    (home / "meter").touch()
    shown.preparer.prepare(["meter"])
    with qtbot.waitSignal(shown.preparer.finished):
        shown.preparer.hurry(["mnist", "fonts"])
    assert "mnist fonts" in (home / "prepared.txt").read_text().splitlines()
    assert not shown.preparer.is_at_work


def test_fetching_can_be_cancelled(qtbot: QtBot, shown: Shown, home: Path) -> None:
    (home / "slow").touch()
    row = shown.page.row("svhn")
    with qtbot.waitSignal(shown.fetcher.progress):
        row.fetch.click()
    row.cancel.click()
    assert not row.fetch.isHidden()
    assert row.state.text() == "✕ not here"
    assert not (home / "fetched").exists()


def test_no_network_is_one_sentence_in_its_place(qtbot: QtBot, shown: Shown, home: Path) -> None:
    (home / "no-network").touch()
    row = shown.page.row("svhn")
    with qtbot.waitSignal(shown.fetcher.failed):
        row.fetch.click()
    assert row.words.text() == "⚠ svhn could not be fetched: is there a network connection?"
    assert not row.fetch.isHidden(), "it can be tried again"


def test_shares_and_what_they_come_to(qtbot: QtBot, shown: Shown) -> None:
    mnist = shown.page.row("mnist")
    line = mnist.share.findChild(QLineEdit)
    assert line is not None
    assert shown.page.row("svhn").part.text() == "–", "what is not here gives nothing"
    line.selectAll()
    qtbot.keyClicks(line, "x")
    assert "not a number" in mnist.words.text()
    line.selectAll()
    qtbot.keyClicks(line, "2")
    assert mnist.title.text() == "MNIST •"
    assert not mnist.back.isHidden()
    mnist.back.click()
    assert not shown.draft.changes
    for name in shown.draft.base.sources:
        shown.edit(f"sources.{name}", 0)
    assert "Every share is 0" in words_in(shown.page)


def type_folder(qtbot: QtBot, shown: Shown, folder: Path) -> None:
    line = shown.page.own.path.findChild(QLineEdit)
    assert line is not None
    line.clear()
    qtbot.keyClicks(line, str(folder)[:-1])
    with qtbot.waitSignal(shown.lister.listed):
        qtbot.keyClicks(line, str(folder)[-1])


def test_a_folder_of_ones_own_counts_and_says_what_it_lacks(
    qtbot: QtBot, shown: Shown, tmp_path: Path
) -> None:
    assert shown.page.row("folder").state.text() == "✕ not here"
    folder = tmp_path / "digits"
    folder.mkdir()
    type_folder(qtbot, shown, folder)
    assert shown.draft.value("data_folder") == str(folder)
    assert shown.page.row("folder").state.text() == "✓ here"
    assert "No images of 7." in shown.page.own.words.text()
    assert shown.page.own.choices() == []


def test_a_folder_that_is_missing_or_holds_several_says_so_and_offers_them(
    qtbot: QtBot, shown: Shown, tmp_path: Path
) -> None:
    type_folder(qtbot, shown, tmp_path / "nowhere")
    assert shown.page.own.words.text().startswith("⚠ ")
    for name in ("set1", "set2"):
        (tmp_path / "mixed" / name).mkdir(parents=True)
    type_folder(qtbot, shown, tmp_path / "mixed")
    assert "several sets" in shown.page.own.words.text()
    assert [button.toolTip() for button in shown.page.own.choices()] == [
        str(tmp_path / "mixed" / name) for name in ("set1", "set2")
    ]
    with qtbot.waitSignal(shown.lister.listed):
        qtbot.mouseClick(shown.page.own.choices()[1], Qt.MouseButton.LeftButton)
    assert shown.draft.value("data_folder") == str(tmp_path / "mixed" / "set2")
    assert shown.page.own.words.text().startswith("✓ ")


def test_a_detector_has_no_folder_of_digits(shown: Shown) -> None:
    assert not shown.page.own.isHidden()
    shown.edit("network", "detector")
    assert shown.page.own.isHidden()


def test_a_file_of_digits_can_be_chosen(
    qtbot: QtBot, shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = str(tmp_path / "train.csv")
    monkeypatch.setattr(
        "training.new_run.own_folder.QFileDialog.getOpenFileName", lambda *_: (chosen, "Digits")
    )
    with qtbot.waitSignal(shown.lister.listed):
        qtbot.mouseClick(shown.page.own.file, Qt.MouseButton.LeftButton)
    assert shown.draft.value("data_folder") == chosen


def test_a_part_that_ships_can_be_fetched_whole(qtbot: QtBot, shown: Shown, home: Path) -> None:
    (home / "part").touch()
    with qtbot.waitSignal(shown.lister.listed):
        shown.page.refresh()
    row = shown.page.row("mnist")
    assert row.state.text() == "✓ a part"
    assert not row.fetch.isHidden()
    assert shown.page.missing(["mnist"]) == []


def test_where_the_data_is_and_what_the_shares_add_up_to(
    qtbot: QtBot, shown: Shown, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        "training.new_run.data_page.QDesktopServices.openUrl", lambda url: opened.append(url.toLocalFile())
    )
    assert str(home / "data") in words_in(shown.page).replace("\u200b", "")
    qtbot.mouseClick(button(shown.page, "Open folder"), Qt.MouseButton.LeftButton)
    assert opened == [str(home / "data")]
    assert (home / "data").is_dir()
    assert (
        named(shown.page, QLabel, "What the shares come to together").text()
        == "100% = 4\u202f000 images an epoch"
    )
    for name in shown.draft.base.sources:
        shown.edit(f"sources.{name}", 0)
    assert named(shown.page, QLabel, "What the shares come to together").text().startswith("0%")


@pytest.mark.parametrize("width", [440, 560, 900])
def test_nothing_scrolls_sideways_and_names_are_whole(qtbot: QtBot, shown: Shown, width: int) -> None:
    shown.edit("sources.folder", 0.35)
    shown.page.resize(width, 400)
    qtbot.waitUntil(lambda: shown.page.viewport().width() >= width - 40)
    assert shown.page.horizontalScrollBar().maximum() == 0
    content = shown.page.widget()
    assert content is not None
    assert content.width() <= shown.page.viewport().width()
    for name in ("mnist", "svhn", "folder"):
        title = shown.page.row(name).title
        assert title.height() >= title.heightForWidth(title.width())
        assert title.visibleRegion().boundingRect().left() == 0


def test_a_lister_that_can_not_start(qtbot: QtBot, home: Path) -> None:
    lister = SourceLister(home, commands=Commands(python="/nowhere/python", cli=()))
    with qtbot.waitSignal(lister.failed) as heard:
        lister.ask()
    assert "could not be listed" in heard.args[0]


def test_mixture() -> None:
    shares = {"a": 1.0, "b": "3", "c": 4.0, "d": "x"}
    assert mixture(shares, {"c": False}) == {"a": 0.25, "b": 0.75, "c": 0.0, "d": 0.0}  # type: ignore[arg-type]
    assert mixture({"a": 0.0}, {}) == {"a": 0.0}


def test_lines_that_are_none() -> None:
    for parse in (parse_source, parse_progress):
        for line in ("hello", "{}", "[]"):
            with pytest.raises((ValueError, KeyError, TypeError)):
                parse(line)
    assert parse_progress('{"file": "a", "done": 1, "total": null}').total == 0


def test_a_share_of_a_half_typed_over_0(qtbot: QtBot, shown: Shown) -> None:
    shown.draft = Draft(recipe_named("quick").with_values({"sources.svhn": 0}))
    shown.show()
    line = shown.page.row("svhn").share.findChild(QLineEdit)
    assert line is not None
    assert line.text() == "0"
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(line, "0.5")
    assert line.text() == "0.5"
    assert shown.draft.value("sources.svhn") == "0.5"


def test_sources_that_a_network_can_not_use_are_hidden(shown: Shown) -> None:
    rows = SourceFacts("cheques", "Cheques", here=True, networks=("detector", "line"))
    shown.page.row("svhn").set_facts(
        SourceFacts("svhn", "SVHN", networks=("general", "detector"), fetchable=True)
    )
    shown.lister.listed.emit((rows,))
    cheques, svhn = shown.page.row("cheques"), shown.page.row("svhn")
    assert cheques.title.isHidden()
    assert cheques.state.isHidden()
    assert svhn.title.isVisible()
    assert svhn.fetch.isVisible()
    shown.draft = Draft(recipe_named("line").with_values({"sources.svhn": 0}))
    shown.show()
    assert cheques.title.isVisible()
    assert svhn.title.isHidden()
    assert svhn.fetch.isHidden()
    shown.edit("sources.svhn", "0.5")
    assert svhn.title.isVisible()


def test_what_was_labelled_can_be_looked_through(qtbot: QtBot, shown: Shown) -> None:
    nothing = SourceFacts("corrections", "What you drew and labelled", here=True, counts={"train": 0})
    some = SourceFacts("corrections", "What you drew and labelled", here=True, counts={"train": 8})
    shown.lister.listed.emit((nothing,))
    look = shown.page.row("corrections").look
    assert look.isHidden()
    shown.lister.listed.emit((some,))
    assert look.isVisible()
    assert shown.page.row("mnist").look.isHidden()
    with qtbot.waitSignal(shown.page.corrections_wanted):
        qtbot.mouseClick(look, Qt.MouseButton.LeftButton)
