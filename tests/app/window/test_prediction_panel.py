import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.ui import labels
from app.ui.labels import ElidedLabel, NoticeLine
from app.ui.shown_reading import DigitRef, ShownReading, in_reading_order
from app.window.panel_widgets import CropStrip, NumbersLine, NumberView, ProbabilityBars
from app.window.prediction_panel import PredictionPanel
from core.reading.types import Digit, Number, Reading
from tests.app.fake_reader import digit_of, shown
from tests.app.picture_fakes import number_of
from tests.widgets import child


@pytest.fixture
def panel(qtbot: QtBot) -> PredictionPanel:
    widget = PredictionPanel()
    qtbot.addWidget(widget)
    widget.resize(300, 600)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def content(panel: PredictionPanel) -> QWidget:
    inside = panel.widget()
    assert inside is not None
    return inside


def texts(panel: PredictionPanel) -> list[str]:
    labels = panel.findChildren(QLabel)
    return [la.words if isinstance(la, ElidedLabel) else la.text() for la in labels if la.text()]


def button(panel: PredictionPanel, name: str) -> QToolButton:
    return next(b for b in panel.findChildren(QToolButton) if b.accessibleName() == name)


def test_nothing_read_disables_what_makes_no_sense(panel: PredictionPanel) -> None:
    panel.set_reading(None, empty_words="nothing yet")
    assert panel.selected is None
    assert not button(panel, "It is a 3").isEnabled()
    assert child(panel, NumberView).accessibleDescription() == "nothing yet"


def test_a_reading_is_shown_in_words_and_figures(panel: PredictionPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.digit_selected) as blocker:
        panel.set_reading(shown(digit_of(1), digit_of(8), milliseconds=1.25))
    assert blocker.args == [DigitRef(0, 0)]
    said = texts(panel)
    for words in ("fairly sure (81%)", "digit 1 of 2", "2 · 1 · 1"):
        assert words in said
    assert child(panel, NumberView).text == "18"
    assert "1: 90%" in child(panel, ProbabilityBars).accessibleDescription()


def test_digits_are_selected_by_arrows_clicks_and_keys(panel: PredictionPanel, qtbot: QtBot) -> None:
    panel.set_reading(shown(digit_of(1), digit_of(8), digit_of(2)))
    with qtbot.waitSignal(panel.digit_selected):
        qtbot.mouseClick(button(panel, "Next digit"), Qt.MouseButton.LeftButton)
    assert panel.selected == DigitRef(0, 1)
    crops = child(panel, CropStrip)
    qtbot.mouseClick(crops, Qt.MouseButton.LeftButton, pos=QPoint(5, 10))
    assert panel.selected == DigitRef(0, 0)
    assert not button(panel, "Previous digit").isEnabled()
    qtbot.keyClick(crops, Qt.Key.Key_Right)
    qtbot.keyClick(crops, Qt.Key.Key_Right)
    qtbot.keyClick(crops, Qt.Key.Key_Right)
    assert panel.selected == DigitRef(0, 2)
    assert not button(panel, "Next digit").isEnabled()
    qtbot.mouseClick(child(panel, NumberView), Qt.MouseButton.LeftButton, pos=QPoint(5, 20))
    assert panel.selected == DigitRef(0, 0)


def test_a_correction_names_the_selected_digit(panel: PredictionPanel, qtbot: QtBot) -> None:
    panel.set_reading(shown(digit_of(1), digit_of(8)))
    panel.select(DigitRef(0, 1))
    with qtbot.waitSignal(panel.digit_corrected) as blocker:
        qtbot.mouseClick(button(panel, "It is a 3"), Qt.MouseButton.LeftButton)
    assert blocker.args == [DigitRef(0, 1), 3]


def test_the_selection_stays_while_the_number_is_as_long(panel: PredictionPanel, qtbot: QtBot) -> None:
    panel.set_reading(shown(digit_of(1), digit_of(8)))
    panel.select(DigitRef(0, 1))
    with qtbot.assertNotEmitted(panel.digit_selected):
        panel.set_reading(shown(digit_of(7), digit_of(3)))
    assert panel.view.selected is not None
    assert panel.view.selected.digit.digit == 3
    panel.set_reading(shown(digit_of(7), digit_of(3), digit_of(3)))
    assert panel.selected == DigitRef(0, 0)
    panel.set_reading(None)
    assert panel.selected is None


def test_scribbles_are_said_to_be_no_digit_and_can_be_corrected(panel: PredictionPanel, qtbot: QtBot) -> None:
    panel.set_reading(shown(rejected=(digit_of(4, is_digit=False),)))
    assert child(panel, NumberView).accessibleDescription() == "no digit"
    assert "no digit (90%)" in texts(panel)
    with qtbot.waitSignal(panel.digit_corrected) as blocker:
        panel.correct(4)
    assert blocker.args == [DigitRef(None, 0), 4]


def test_the_notice_offers_to_undo(panel: PredictionPanel, qtbot: QtBot) -> None:
    panel.set_notice("Kept as a 3.", undo=True)
    label = next(label for label in panel.findChildren(QLabel) if "Kept" in label.text())
    with qtbot.waitSignal(panel.correction_undone):
        label.linkActivated.emit("undo")
    panel.set_notice("")
    assert panel.notice == ""


def test_a_very_long_number_fits(panel: PredictionPanel) -> None:
    panel.set_reading(shown(*[digit_of(k % 10) for k in range(60)]))
    panel.select(DigitRef(0, 45))
    assert panel.grab().width() == panel.width()
    assert child(panel, NumberView).width() <= panel.width()
    panel.select(DigitRef(0, 59))
    assert "digit 60 of 60" in texts(panel)


def test_a_reader_that_says_little_is_shown_all_the_same(panel: PredictionPanel) -> None:
    bare = Digit(4, 0.8, digit_of(4).box)
    panel.set_reading(shown(bare))
    panel.grab()
    assert child(panel, NumberView).text == "4"
    assert child(panel, ProbabilityBars).accessibleDescription() == ""


def test_several_numbers_stand_as_text_and_the_first_in_reading_order_is_the_headline(
    panel: PredictionPanel, qtbot: QtBot
) -> None:
    found = Reading((number_of("581", 10, 100), number_of("2024", 10, 10)), maybe=(number_of("9", 10, 60),))
    panel.set_reading(ShownReading.of(in_reading_order(found)))
    number, line = child(panel, NumberView), child(panel, NumbersLine)
    assert number.text == "2024"
    assert line.plain == "2024 · 581 · 9?"
    line.linkActivated.emit("1")
    assert number.text == "581"
    assert panel.selected == DigitRef(1, 0)
    panel.select(DigitRef(2, 0))
    assert number.text == "9?"
    assert "maybe (95%)" in texts(panel)


def test_numbers_that_do_not_fit_are_shortened_and_stand_in_the_tip(panel: PredictionPanel) -> None:
    found = Reading(tuple(number_of(str(1000 + i), 10, 40 * i) for i in range(40)))
    panel.set_reading(ShownReading.of(found))
    panel.select(DigitRef(20, 0))
    line = child(panel, NumbersLine)
    assert "1020" in line.text()
    assert line.text().count("…") == 2
    assert "1039" not in line.text()
    assert line.toolTip().endswith("1039")
    assert content(panel).width() <= panel.viewport().width()


def test_letters_and_signs_are_shown_and_a_click_finds_the_digit(
    panel: PredictionPanel, qtbot: QtBot
) -> None:
    number = Number(number_of("12").digits, 0.95, number_of("12").box, "B12")
    panel.set_reading(ShownReading.of(Reading((number,))))
    view = child(panel, NumberView)
    assert view.text == "B12"
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(5, 20))
    assert panel.selected == DigitRef(0, 0), "a letter is no digit"
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(view.fontMetrics().height() * 7), 20))
    assert panel.selected == DigitRef(0, 1)


def test_a_long_notice_is_shortened_and_stands_in_the_tip(panel: PredictionPanel, qtbot: QtBot) -> None:
    panel.set_reading(shown(digit_of(1), digit_of(8)))
    wide = content(panel).width()
    words = "Saved in /home/somebody/Pictures/<gnc>: gnc-20261122-115104-1824.png"
    panel.set_notice(words, undo=True)
    line = child(panel, NoticeLine)
    qtbot.waitUntil(lambda: line.toolTip() == words)
    assert "…" in line.text()
    assert 'href="undo"' in line.text()
    assert panel.notice == words
    assert content(panel).width() == wide == panel.viewport().width()
    panel.set_notice("Taken <b>back</b>.")
    assert line.text() == "Taken &lt;b&gt;back&lt;/b&gt;."
    assert line.toolTip() == ""


def test_news_goes_by_itself_unless_it_can_be_undone(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "SHOWN_MS", 20)
    line = NoticeLine()
    qtbot.addWidget(line)
    line.show_words("Kept as a 7.", undo=True)
    line.show_words("1824 is copied.")
    qtbot.waitUntil(lambda: line.words == "")
    line.show_words("1824 is copied.")
    line.show_words("Kept as a 7.", undo=True)
    qtbot.wait(60)
    assert line.words == "Kept as a 7."


def test_a_low_panel_gives_up_air_before_it_scrolls(panel: PredictionPanel, qtbot: QtBot) -> None:
    panel.set_reading(shown(digit_of(1), digit_of(8)))
    number, crops, bars = (child(panel, part) for part in (NumberView, CropStrip, ProbabilityBars))
    roomy = number.height(), crops.height(), bars.height()
    panel.resize(300, content(panel).minimumSizeHint().height())
    qtbot.waitUntil(lambda: bars.height() < roomy[2])
    assert not panel.verticalScrollBar().isVisible()
    assert number.height() < roomy[0]
    assert crops.height() < roomy[1]
    panel.resize(300, panel.height() - 40)
    qtbot.waitUntil(panel.verticalScrollBar().isVisible)
