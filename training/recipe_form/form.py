"""A form made from a recipe's own fields: name, editor, unit, help; wrong values marked, changes put back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QWidget

from core.recipes.recipe import Setting, fits_network, recipe_settings
from training.recipe_form.draft import Checked, Draft, as_text, range_text
from training.recipe_form.editors import Editor, editor_for
from training.ui.theme import Colors, ThemeWatch, show_through, small_text

_NARROW = 52
"""Lines of text wide: in a narrower form the words stand below what they explain, not beside it."""


class SettingRow(QObject):
    """The widgets of one setting: label, editor, put back, and the words: help, or what is wrong."""

    edited = Signal(str, object)
    put_back = Signal(str)

    def __init__(self, name: str, setting: Setting, editor: Editor, parent: QWidget, *, brief: bool) -> None:
        super().__init__(parent)
        self._name, self._setting, self.editor = name, setting, editor
        self.label = QLabel(setting.label, parent)
        self.label.setBuddy(editor)
        self.back = QPushButton(parent)
        self.back.setFlat(True)
        self.back.setCursor(Qt.CursorShape.PointingHandCursor)
        keeping = self.back.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(keeping)
        self.back.hide()
        self.words = QLabel(parent)
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.brief = brief
        full = setting.help
        span = range_text(setting)
        if span:
            full += f" From {span}." if " to " in span else f" {span[0].upper()}{span[1:]}."
        for widget in (self.label, editor):
            widget.setToolTip(full)
        editor.setParent(parent)
        editor.name_it(setting.label, full)
        editor.edited.connect(self._on_edited)
        self.back.clicked.connect(self._on_back)
        self._problem: str | None = None
        self._visible = True
        self._theme = Colors.of(parent.palette())
        self._write_words()

    def show_value(self, draft: Draft, problem: str | None) -> None:
        """The field's value in the draft, marked as changed or wrong where it is."""
        changed = draft.is_changed(self._name)
        self.editor.set_value(draft.value(self._name))
        self.editor.set_wrong(problem is not None)
        font = QFont(self.label.font())
        font.setBold(changed)
        self.label.setFont(font)
        self.label.setText(f"{self._setting.label} •" if changed else self._setting.label)
        self.label.setAccessibleName(f"{self._setting.label}, changed" if changed else self._setting.label)
        self.back.setVisible(changed)
        if changed:
            old = draft.base.value(self._name)
            text = ("on" if old else "off") if isinstance(old, bool) else as_text(old) or "empty"
            self.back.setText(f"↶ back to {text}" if len(text) <= 9 else "↶ put back")
            self.back.setToolTip(f"Put back to {text}, the recipe's own value")
            self.back.setAccessibleName(f"Put {self._setting.label} back to {text}")
        if problem != self._problem:
            self._problem = problem
            self._write_words()

        means_something = fits_network(self._name, str(draft.value("network")))
        self._show(means_something or changed or problem is not None)

    def _show(self, visible: bool) -> None:
        if visible != self._visible:
            self._visible = visible
            for widget in (self.label, self.editor):
                widget.setVisible(visible)
            self._write_words()

    def apply_theme(self, theme: Colors) -> None:
        self._theme = theme
        self._write_words()

    def _write_words(self) -> None:
        wrong = self._problem is not None
        self.words.setText(f"⚠ {_sentence(self._problem)}" if self._problem else self._setting.help)
        self.words.setVisible(self._visible and (wrong or not self.brief))
        self.words.setStyleSheet(small_text(self._theme, self._theme.bad if wrong else None))

    def _on_edited(self, value: object) -> None:
        self.edited.emit(self._name, value)

    def _on_back(self) -> None:
        # The button is about to vanish: the keyboard's place moves to the value it put back.
        self.editor.setFocus()
        self.put_back.emit(self._name)


class Form(QScrollArea):
    """Editors for the named settings, in the recipe's order, under headings.

    groups: (heading, names); "" for no heading. sliders: strengths get a slider each. brief: help
    as a tooltip only.
    """

    edited = Signal(str, object)
    """Dotted name of the field, and what was typed."""
    put_back = Signal(str)

    def __init__(
        self,
        groups: Sequence[tuple[str, Iterable[str]]],
        parent: QWidget | None = None,
        *,
        sliders: bool = False,
        brief: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(
            Qt.FocusPolicy.NoFocus
        )  # what is in it has the keyboard, and is scrolled into sight
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget(self)
        self._grid = QGridLayout(page)
        self._grid.setContentsMargins(4, 4, 12, 4)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._rows: dict[str, SettingRow] = {}
        self._places: dict[SettingRow, int] = {}
        self._is_narrow = False
        self._headings: list[QLabel] = []
        described = {name: (setting, default) for name, setting, default in recipe_settings()}
        at = 0
        for heading, names in groups:
            if heading:
                at = self._add_heading(page, heading, at)
            for name in names:
                setting, default = described[name]
                editor = editor_for(name, setting, default, slider=sliders)
                at = self._add_row(page, name, SettingRow(name, setting, editor, page, brief=brief), at)
        # The width left over goes to the slider, or to the words.
        self._grid.setColumnStretch(1 if sliders else 3, 1)
        self._grid.setRowStretch(at, 1)
        self.setWidget(page)
        show_through(self)
        ThemeWatch(self, self._apply_theme)

    def show_draft(self, draft: Draft, checked: Checked) -> None:
        """The draft's values, and what is wrong with them."""
        for name, row in self._rows.items():
            row.show_value(draft, checked.problems.get(name))

    def row(self, name: str) -> SettingRow:
        """The widgets of one setting. Raises KeyError where the form does not show it."""
        return self._rows[name]

    def content_height(self) -> int:
        """How high it has to be to show everything."""
        page = self.widget()
        return page.sizeHint().height() + 8 if page is not None else 0

    def minimumSizeHint(self) -> QSize:
        """As wide as its editors need: it does not scroll sideways."""
        page = self.widget()
        wide = page.minimumSizeHint().width() if page is not None else 0
        return QSize(wide + self.verticalScrollBar().sizeHint().width(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW * self.fontMetrics().height()
        if narrow != self._is_narrow:
            self._is_narrow = narrow
            for row, at in self._places.items():
                self._grid.removeWidget(row.words)
                if narrow:
                    self._grid.addWidget(row.words, at + 1, 0, 1, 4)
                else:
                    self._grid.addWidget(row.words, at, 3, Qt.AlignmentFlag.AlignVCenter)

    def names(self) -> tuple[str, ...]:
        return tuple(self._rows)

    def show_field(self, name: str) -> None:
        """Scroll to a setting and put the keyboard there."""
        editor = self._rows[name].editor
        self.ensureWidgetVisible(editor)
        editor.setFocus()

    def _add_heading(self, page: QWidget, text: str, at: int) -> int:
        heading = QLabel(text, page)
        font = QFont(heading.font())
        font.setBold(True)
        heading.setFont(font)
        heading.setContentsMargins(0, 12 if at else 0, 0, 2)
        self._headings.append(heading)
        self._grid.addWidget(heading, at, 0, 1, 4)
        return at + 1

    def _add_row(self, page: QWidget, name: str, row: SettingRow, at: int) -> int:
        middle = Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(row.label, at, 0, middle)
        self._grid.addWidget(row.editor, at, 1)
        self._grid.addWidget(row.back, at, 2, middle)
        if row.brief:
            self._grid.addWidget(row.words, at + 1, 0, 1, 4)
        else:
            self._grid.addWidget(row.words, at, 3, middle)
            self._places[row] = at
        row.edited.connect(self.edited.emit)
        row.put_back.connect(self.put_back.emit)
        self._rows[name] = row
        return at + 2

    def _apply_theme(self) -> None:
        theme = Colors.of(self.palette())
        for row in self._rows.values():
            row.apply_theme(theme)


def names_in(prefix: str) -> tuple[str, ...]:
    """All settings whose dotted name starts so; for the empty prefix those of the recipe itself."""
    return tuple(
        name for name, _, _ in recipe_settings() if (name.startswith(prefix) if prefix else "." not in name)
    )


def _sentence(problem: Any) -> str:
    text = str(problem)
    return text[:1].upper() + text[1:]
