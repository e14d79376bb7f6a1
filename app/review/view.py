"""What is seen of a review: how many are left, the picture at the number, the number in a field."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from app.image_view.marked_view import MarkedView
from app.image_view.overlay import OverlayMark
from app.review.field import ReviewField
from app.review.items import Judged
from app.review.session import Answer, Progress
from app.ui.actions import tool_button
from app.ui.errors import MessageBar
from app.ui.labels import ElidedLabel, QuietLine
from app.ui.reading_text import confidence_text
from app.ui.shown_reading import ShownNumber
from app.ui.theme import scaled_font
from core.reading.types import Box
from training.ui import wording
from training.ui.theme import Colors, ThemeWatch

_KEYS = "Enter: right · type: correct it · Space: no number · ←: back · Page Down: later"
_SHARE = 0.45
"""Of the view that the number fills."""


class ReviewView(QWidget):
    """Shows one item at a time; the keys are those of its field."""

    box_drawn = Signal(object)
    """A box around a number that was missed, in pixels of the picture."""

    def __init__(self, actions: Sequence[QAction]) -> None:
        """actions: offered beside the progress."""
        super().__init__()
        self.field = ReviewField()
        self.picture = MarkedView()
        self.picture.setAccessibleName("Photo at the number")
        self.picture.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.picture.allow_boxes(True)
        self.picture.box_drawn.connect(self.box_drawn)
        self.message = MessageBar(self.picture)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("How much is reviewed")
        self._bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._bar.setMaximumHeight(round(self.fontMetrics().height() * 0.8))
        self._left = QLabel()
        self._title = ElidedLabel()
        self._read = QuietLine()
        self._problem = ElidedLabel()
        self._keys = QuietLine(_KEYS)
        self._over = QLabel()
        self._over.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._over.setWordWrap(True)
        self._over.hide()
        self._build(actions)

    @property
    def progress_text(self) -> str:
        """ "312 of 500 · 188 left"."""
        return self._left.text()

    @property
    def problem(self) -> str:
        """What in the number breaks the format."""
        return self._problem.words

    @property
    def over_text(self) -> str:
        """What is said once all is reviewed; "" before."""
        return self._over.text() if not self._over.isHidden() else ""

    def set_progress(self, progress: Progress) -> None:
        """Show how much is done."""
        self._bar.setRange(0, max(progress.total, 1))
        self._bar.setValue(progress.done)
        left = f"{wording.count(progress.left)} left"
        self._left.setText(f"{wording.count(progress.done)} of {wording.count(progress.total)} · {left}")

    def set_item(self, one: Judged, answer: Answer | None) -> None:
        """Ask for an item. answer: what was said of it before."""
        self._over.hide()
        self.picture.show()
        self.field.setEnabled(True)
        self._title.setText(one.item.title)
        self.field.propose(answer.written if answer is not None else one.proposed)
        self.field.setPlaceholderText("no number" if answer is not None else "no number was read")
        words = []
        if one.item.number is not None:
            words.append(f"read as {one.item.read}, {confidence_text(one.item.confidence)}")
        if answer is not None:
            words.append("answered before")
        elif one.is_chosen:
            words.append("the expected format chose another close reading")
        self._read.setText(" · ".join(words))
        self.set_problems(one.problems if answer is None else ())
        self.field.setFocus()

    def set_picture(self, levels: Sequence[NDArray[np.uint8]], one: Judged, box: Box | None) -> None:
        """Show the item's picture at its number; all of it where none was read; nothing while it is not there."""
        self.picture.set_levels(levels, keep_view=False)
        self.picture.set_new_box(box if one.item.box is None and levels else None)
        shown = one.item.number is not None and bool(levels)
        self.picture.set_marks(
            [OverlayMark(ShownNumber(one.item.number))] if shown and one.item.number else []
        )
        place = one.item.box or box
        if levels and place is not None:
            self.picture.show_box(place, _SHARE)

    def set_problems(self, problems: Sequence[str]) -> None:
        """Say what breaks the format."""
        self._problem.setText(f"⚠ {'; '.join(problems)}" if problems else "")

    def set_over(self, words: str) -> None:
        """All is reviewed."""
        self._over.setText(words)
        self._over.show()
        self.picture.hide()
        for label in (self._title, self._read, self._problem):
            label.setText("")
        self.field.propose("")
        self.field.setPlaceholderText("")
        self.field.setFocus()

    def minimumSizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(24 * em, 14 * em)

    def _build(self, actions: Sequence[QAction]) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._bar, 1)
        top.addWidget(self._left)
        for action in actions:
            top.addWidget(tool_button(action))
        about = QHBoxLayout()
        about.setSpacing(10)
        about.addWidget(self._title)
        about.addWidget(self._read, 1)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.field, 2)
        row.addWidget(self._problem, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.picture, 1)
        column.addWidget(self._over, 1)
        column.addLayout(about)
        column.addLayout(row)
        column.addWidget(self._keys)
        self.field.setMinimumWidth(self.fontMetrics().height() * 12)
        ThemeWatch(self, self._style)

    def _style(self) -> None:
        large = scaled_font(self.font(), 1.7)
        large.setBold(True)
        self.field.setFont(large)
        self._over.setFont(scaled_font(self.font(), 1.3))
        self._problem.setStyleSheet(f"color: {Colors.of(self.palette()).warning.name()}")
