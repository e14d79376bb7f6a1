"""The form: what is typed, what is wrong, what is put back; sliders."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QFileDialog, QLineEdit, QSlider
from pytestqt.qtbot import QtBot

from core.recipes.recipe import recipe_named
from tests.widgets import button
from training.recipe_form.draft import Draft, as_text
from training.recipe_form.form import Form, names_in

QUICK = recipe_named("quick")


class Holder:
    """Holds the draft for a form, as the page does."""

    def __init__(self, form: Form) -> None:
        self.form, self.draft = form, Draft(QUICK)
        form.edited.connect(self.edit)
        form.put_back.connect(self.put_back)
        self.show()

    def edit(self, name: str, value: object) -> None:
        self.draft = self.draft.with_value(name, value)
        self.show()

    def put_back(self, name: str) -> None:
        self.draft = self.draft.put_back(name)
        self.show()

    def show(self) -> None:
        self.form.show_draft(self.draft, self.draft.check())


def line_of(form: Form, name: str) -> QLineEdit:
    found = form.row(name).editor.findChild(QLineEdit)
    assert found is not None
    return found


def test_in_a_narrow_form_the_words_stand_below(qtbot: QtBot) -> None:
    form = Form([("", names_in(""))])
    qtbot.addWidget(form)
    form.resize(1000, 500)
    form.show()
    row, line = form.row("epochs"), form.fontMetrics().height()
    qtbot.waitUntil(lambda: row.words.x() > row.editor.geometry().right())
    form.resize(45 * line, 500)
    qtbot.waitUntil(lambda: row.words.y() >= row.editor.geometry().bottom())
    assert row.words.x() == row.label.x()
    assert row.words.width() > 30 * line


def test_typing_marks_changes_and_errors_where_they_stand(qtbot: QtBot) -> None:
    form = Form([("", names_in(""))])
    qtbot.addWidget(form)
    form.show()
    holder = Holder(form)
    line, row = line_of(form, "learning_rate"), form.row("learning_rate")
    usual = as_text(holder.draft.base.learning_rate)
    assert line.text() == usual
    assert row.back.isHidden()
    line.selectAll()
    qtbot.keyClicks(line, "2")
    assert "more than the largest allowed, 1" in row.words.text()
    assert row.words.text().startswith("⚠")
    assert line.property("wrong")
    assert not row.back.isHidden()
    line.selectAll()
    qtbot.keyClicks(line, "1e-2")
    assert holder.draft.check().recipe is not None
    assert line.text() == "1e-2", "what is typed is left as it was typed"
    assert row.words.text() == "The largest step size of the optimiser."
    assert row.label.text().endswith("•")
    row.back.click()
    assert line.text() == usual
    assert not holder.draft.changes
    assert row.back.isHidden()
    assert form.focusWidget() is line, "the button went, the keyboard is at the value"


def test_other_kinds_of_editors(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    form = Form([("", names_in(""))])
    qtbot.addWidget(form)
    holder = Holder(form)
    box = form.row("optimizer").editor.findChild(QComboBox)
    assert box is not None
    box.setCurrentText("adam")
    box.textActivated.emit("adam")
    switch = form.row("random_splits").editor.findChild(QCheckBox)
    assert switch is not None
    switch.click()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/models/a.pt", ""))
    button(form.row("start_from").editor, "Choose…").click()
    recipe = holder.draft.check().recipe
    assert recipe is not None
    assert (recipe.optimizer, recipe.random_splits, recipe.start_from) == ("adam", True, "/models/a.pt")
    assert form.row("random_splits").back.text() == "↶ back to off"


def test_every_field_has_a_name_and_help_for_screen_readers(qtbot: QtBot) -> None:
    form = Form([("Head", names_in("augmentation."))], sliders=True, brief=True)
    qtbot.addWidget(form)
    assert form.names()
    for name in form.names():
        editor = form.row(name).editor
        widget = editor.focusProxy() or editor
        assert widget.accessibleName()
        assert widget.accessibleDescription()
        assert editor.toolTip()


def test_sliders_move_numbers_and_numbers_move_sliders(qtbot: QtBot) -> None:
    form = Form([("", names_in("augmentation."))], sliders=True, brief=True)
    qtbot.addWidget(form)
    form.show()
    holder = Holder(form)
    slider = form.row("augmentation.rotate").editor.findChild(QSlider)
    assert slider is not None
    slider.setValue(500)
    assert line_of(form, "augmentation.rotate").text() == "90"
    assert holder.draft.value("augmentation.rotate") == 90.0
    line = line_of(form, "augmentation.blur")
    line.selectAll()
    qtbot.keyClicks(line, "4")
    assert form.row("augmentation.blur").editor.findChild(QSlider).value() == 1000  # type: ignore[union-attr]
    line.selectAll()
    qtbot.keyClicks(line, "x")
    row = form.row("augmentation.blur")
    assert "not a number" in row.words.text()
    assert not row.words.isHidden()
    row.back.click()
    assert row.words.isHidden()


def test_the_wheel_scrolls_the_page_not_the_value(qtbot: QtBot) -> None:
    form = Form([("", names_in("augmentation."))], sliders=True, brief=True)
    qtbot.addWidget(form)
    form.show()
    holder = Holder(form)
    slider = form.row("augmentation.rotate").editor.findChild(QSlider)
    assert slider is not None
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(slider.mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(slider, wheel)
    assert not holder.draft.changes


def test_what_means_nothing_to_a_network_is_not_shown(qtbot: QtBot) -> None:
    form = Form([("", names_in(""))])
    qtbot.addWidget(form)
    holder = Holder(form)
    form.show()
    dropout, epochs = form.row("dropout"), form.row("epochs")
    assert dropout.editor.isVisible()
    holder.draft = Draft(recipe_named("detector"))
    holder.show()
    hidden = (dropout.label, dropout.editor, dropout.words, dropout.back)
    assert not any(widget.isVisible() for widget in hidden)
    assert epochs.editor.isVisible()
    holder.edit("dropout", "x")
    assert dropout.editor.isVisible(), "what is wrong has to be seen"
    assert "not a number" in dropout.words.text()
    holder.put_back("dropout")
    assert not dropout.editor.isVisible()


def type_over(qtbot: QtBot, line: QLineEdit, keys: str) -> None:
    """Go to the line, mark what it holds, type: key by key, as a person does."""
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(line, keys)


@pytest.mark.parametrize("sliders", [False, True], ids=["numbers", "sliders"])
@pytest.mark.parametrize("prefix", ["", "augmentation.", "scenes."])
def test_a_fraction_typed_into_a_field_that_holds_0(qtbot: QtBot, prefix: str, sliders: bool) -> None:
    numeric = [name for name in names_in(prefix) if isinstance(QUICK.value(name), float)]
    form = Form([("", numeric)], sliders=sliders)
    qtbot.addWidget(form)
    form.show()
    holder = Holder(form)
    for name in numeric:
        # Whatever the recipe holds: the field begins with 0, and 0 is what its first key means.
        holder.draft = Draft(QUICK.with_values({name: 0})) if may_be_0(name) else Draft(QUICK)
        holder.show()
        line = line_of(form, name)
        type_over(qtbot, line, "0.5")
        assert line.text() == "0.5", name
        assert holder.draft.value(name) in ("0.5", 0.5), name
    assert "dropout" in numeric or prefix


def may_be_0(name: str) -> bool:
    try:
        QUICK.with_values({name: 0})
    except ValueError:
        return False
    return True


def test_a_typed_number_stands_as_others_do_once_it_is_left(qtbot: QtBot) -> None:
    form = Form([("", ["dropout", "l2"])])
    qtbot.addWidget(form)
    form.show()
    Holder(form)
    line = line_of(form, "dropout")
    type_over(qtbot, line, "0.50")
    assert line.text() == "0.50"
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert line.text() == "0.5"


def test_a_path_is_left_as_it_is_typed(qtbot: QtBot) -> None:
    form = Form([("", ["start_from"])])
    qtbot.addWidget(form)
    form.show()
    holder = Holder(form)
    line = line_of(form, "start_from")
    type_over(qtbot, line, "007/best.pt ")
    assert line.text() == "007/best.pt "
    assert holder.draft.value("start_from") == "007/best.pt "
