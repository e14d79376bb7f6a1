"""Runs a review: asks, keeps every answer at once, loads pictures ahead, exports."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from app.pages.digit_matching import match_typed
from app.review.format_dialog import FormatDialog
from app.review.items import Judged
from app.review.kept_review import KeptReview, append_answer, append_taken_back, write_review
from app.review.number_format import NumberFormat
from app.review.pictures import AHEAD, ReviewPictures, load_picture
from app.review.review_csv import as_csv
from app.review.session import Answer, ReviewSession
from app.review.view import ReviewView
from app.services.corrections import Corrections, DigitLabel, KeptNumber, NumberLabel, models_text
from app.services.models import ModelService
from app.services.settings import Settings
from app.services.workers import Background
from app.ui.actions import page_action
from app.ui.errors import sentence_of
from app.ui.saving import CSV, ask_where
from core.base.files import write_text
from core.collection.numbers import Kind
from core.reading.types import Box
from training.ui import wording

_MOST_WAITING = 2
"""Pictures that are held while their numbers wait to be kept; more are loaded again when it is their turn."""


class Review(QObject):
    """One review at a time, in a view of its own. kind: where its pictures come from."""

    answered = Signal(int, str)
    """An item of the review (its id) is written like this, "" for no number."""
    closed = Signal()
    """The person leaves the review; it can go on later."""

    _settled = Signal(object, object)

    def __init__(
        self, corrections: Corrections, models: ModelService, settings: Settings, page: QWidget, kind: Kind
    ) -> None:
        super().__init__(page)
        self._corrections, self._models, self._settings, self._kind = corrections, models, settings, kind
        self._session = ReviewSession(())
        self._folder: Path | None = None
        self._title = ""
        self._tickets: dict[int, KeptNumber] = {}
        self._waiting = 0
        self._box: Box | None = None
        self._has_told_of_whole = False
        self._pictures = ReviewPictures(self)
        self._background = Background(self)
        self._format = page_action(page, "guide", "Expected format…", tip="What the numbers have in common")
        self._export = page_action(
            page, "export", "Export review…", tip="What was confirmed and changed, as CSV"
        )
        self._leave = page_action(page, "close", "Close review", tip="It goes on where you left it")
        self.view = ReviewView([self._format, self._export, self._leave])
        self._connect()

    @property
    def session(self) -> ReviewSession:
        return self._session

    @property
    def actions(self) -> list[QAction]:
        """What can be done with the review, for menus."""
        return [self._format, self._export, self._leave]

    @property
    def is_ready(self) -> bool:
        """Whether the picture of what is asked is there."""
        one = self._session.current
        return one is not None and self._pictures.get(one.item) is not None

    def open(self, kept: KeptReview) -> None:
        """Begin a review, or go on with it."""
        self._folder, self._title = kept.folder, kept.title
        self._session = ReviewSession(kept.items, kept.expected, kept.answers)
        self._tickets = {
            answer.item: KeptNumber(answer.written, answer.number_id)
            for answer in kept.answers
            if answer.number_id
        }
        self.view.message.clear()
        self._ask()

    def shut_down(self) -> None:
        self._pictures.shut_down()
        self._background.shut_down()

    def _connect(self) -> None:
        field = self.view.field
        field.given.connect(self.say)
        field.no_number.connect(lambda: self.say(""))
        field.back.connect(self._on_back)
        field.later.connect(self._on_later)
        field.left.connect(self.closed)
        field.edited.connect(lambda text: self.view.set_problems(self._session.problems(text)))
        self.view.box_drawn.connect(self._on_box_drawn)
        self._pictures.loaded.connect(self._on_loaded)
        self._pictures.failed.connect(self._on_failed)
        self._format.triggered.connect(self._on_format)
        self._export.triggered.connect(self._on_export)
        self._leave.triggered.connect(self.closed)
        self._settled.connect(self._on_settled)
        self._corrections.failed.connect(self.view.message.show_message)

    def say(self, written: str) -> None:
        """What is asked is written like this, "" for no number; the next one is asked."""
        one = self._session.current
        levels = self._pictures.get(one.item) if one is not None else None
        if one is None or levels is None or self._folder is None:
            return  # what is not seen can't be judged
        before = self._tickets.pop(one.item.id, None)
        if before is not None:
            self._corrections.take_back(before)
        answer = self._session.say(written, time=time.time(), box=self._box)
        label = self._label(one, written, levels[0])
        folder = self._folder
        if label is None:
            self._corrections.then(lambda: append_answer(folder, answer))
            self._tell_of_whole_photos()
        else:
            ticket = self._corrections.keep_number(
                label, lambda kept: append_answer(folder, _with_id(answer, kept))
            )
            self._tickets[one.item.id] = ticket
            self._waiting += 1
            self._corrections.then(lambda: self._settled.emit(answer, ticket))
        self.answered.emit(one.item.id, written)
        self._ask()

    def release(self, item: int) -> KeptNumber | None:
        """What an item is, is said elsewhere from now on; the ticket of what was kept, if anything was."""
        ticket = self._tickets.pop(item, None)
        self._session.take_back(item)
        if self._folder is not None:
            folder = self._folder
            self._corrections.then(lambda: append_taken_back(folder, item))
        return ticket

    def _label(self, one: Judged, written: str, image: NDArray[np.uint8]) -> NumberLabel | None:
        """What is kept of an answer; None where that would need the whole picture, which may not be kept."""
        item, box = one.item, one.item.box or self._box
        # A camera's pictures are cut out already.
        keeps_whole = self._settings.keeps_photos and self._kind == "photo"
        if box is None and not keeps_whole:
            return None
        digits: tuple[DigitLabel, ...] = ()
        if item.number is not None and written not in ("", item.read):
            pairs = match_typed(item.number, written).pairs
            digits = tuple(DigitLabel(item.number.digits[place], label) for place, label in pairs)
        is_much = self._waiting >= _MOST_WAITING
        return NumberLabel(
            written, (lambda: load_picture(item.picture)) if is_much else image, box, self._kind, keeps_whole,
            item.read, models_text(self._models.state), item.source or item.file, digits,
            photo=self._pictures.seen(item), group=item.group,
        )  # fmt: skip

    def _tell_of_whole_photos(self) -> None:
        """Once: why an answer is noted, but nothing is learned from it."""
        if not self._has_told_of_whole:
            self._has_told_of_whole = True
            self.view.message.show_message(
                "Noted, but not kept to learn from: without a box the whole photo would have to be.",
                action="Keep whole photos",
                act=self._on_keep_whole,
            )

    def _on_keep_whole(self) -> None:
        self._settings.keeps_photos = True
        self.view.message.clear()
        self.view.field.setFocus()

    def _ask(self) -> None:
        """Show what is asked now."""
        self._box = None
        one = self._session.current
        self.view.set_progress(self._session.progress)
        self._pictures.want(self._session.upcoming(AHEAD))
        if one is None:
            self.view.set_over(self._summary())
            return
        answer = self._session.answer
        self._box = answer.box if answer is not None else None
        self.view.set_item(one, answer)
        self._show_picture()

    def _show_picture(self) -> None:
        one = self._session.current
        if one is not None:
            self.view.set_picture(self._pictures.get(one.item) or (), one, self._box)

    def _summary(self) -> str:
        done = self._session.progress
        parts = [f"{wording.count(done.confirmed)} confirmed", f"{wording.count(done.changed)} changed"]
        if done.no_number:
            parts.append(f"{wording.count(done.no_number)} without a number")
        return f"All {wording.count(done.total)} are reviewed: {', '.join(parts)}."

    def _on_back(self) -> None:
        if self._session.back():
            self._ask()

    def _on_later(self) -> None:
        self._session.skip()
        self._ask()

    def _on_box_drawn(self, box: Box) -> None:
        one = self._session.current
        if one is not None and one.item.box is None:
            self._box = box
        else:
            self.view.picture.set_new_box(None)
        self.view.field.setFocus()

    def _on_loaded(self, picture: tuple[str, int, int]) -> None:
        one = self._session.current
        if one is not None and one.item.picture == picture:
            self._show_picture()

    def _on_failed(self, picture: tuple[str, int, int], sentence: str) -> None:
        one = self._session.current
        if one is not None and one.item.picture == picture:
            self.view.message.show_message(sentence, action="Later", act=self._on_later)

    def _on_settled(self, answer: Answer, ticket: KeptNumber) -> None:
        self._waiting -= 1
        if ticket.number is None and self._tickets.get(answer.item) is ticket:
            # It could not be kept, which was reported: it is asked again.
            del self._tickets[answer.item]
            was_over = self._session.current is None
            self._session.take_back(answer.item)
            self.view.set_progress(self._session.progress)
            if was_over:
                self._ask()

    def _on_format(self) -> None:
        dialog = FormatDialog(self._session.expected, self.view)
        dialog.chosen.connect(self.set_expected)
        dialog.finished.connect(lambda _: self.view.field.setFocus())
        dialog.open()

    def set_expected(self, expected: NumberFormat) -> None:
        """What is not answered is judged and ordered anew."""
        self._session.set_expected(expected)
        if self._folder is not None:
            folder, title, items = self._folder, self._title, self._session.items
            kind = self._kind
            self._corrections.then(lambda: write_review(folder, title, items, expected, kind))
        self._ask()

    def _on_export(self) -> None:
        path = ask_where(self.view, "Export the review", "review.csv", CSV)
        if path is None:
            return
        text = as_csv(self._session)
        message = self.view.message

        def on_failed(error: Exception) -> None:
            sentence = f"The review could not be exported. {sentence_of(error)}"
            message.show_message(sentence, action="Export elsewhere…", act=self._on_export)

        self._background.run(
            lambda: write_text(path, text),
            lambda written: message.show_message(f"Exported as {written.name}."),
            on_failed,
        )


def _with_id(answer: Answer, kept: KeptNumber) -> Answer:
    return Answer(answer.item, answer.written, answer.time, answer.box, kept.number_id)
