"""Reviewing the history of numbers: each as it was seen, the least sure first."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.camera.actions import CameraAction
from app.camera.history import History, HistoryEntry
from app.pages.page import PageContext
from app.review.items import ReviewItem
from app.review.kept_review import KeptReview, begin_picture_review, latest_open
from app.review.review import Review
from app.services.corrections import KeptNumber
from app.ui.actions import PageAction, PageActions
from app.ui.errors import MessageBar
from core.base.errors import DataError, FailureError


class HistoryReview(QObject):
    """At most one review at a time, shown in place of the live picture."""

    changed = Signal()
    """The review is shown, or the live picture again: `is_open`."""

    def __init__(
        self,
        context: PageContext,
        page: QWidget,
        stack: QStackedWidget,
        actions: PageActions,
        history: History,
        message: MessageBar,
    ) -> None:
        """stack: the live picture is its first widget. message: over the live picture."""
        super().__init__(page)
        self._context, self._page, self._stack = context, page, stack
        self._actions, self._history, self._message = actions, history, message
        self._review: Review | None = None
        self._keys: dict[int, int] = {}
        self._is_open = False
        actions.wanted.connect(self._on_action)
        history.count_changed.connect(self._on_count)
        self._show_left_over()
        self._on_count(history.rowCount())

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def review(self) -> Review:
        """The review; made when it is first wanted."""
        if self._review is None:
            context = self._context
            self._review = Review(context.corrections, context.models, context.settings, self._page, "camera")
            self._review.answered.connect(self._on_answered)
            self._review.closed.connect(self.close)
            self._stack.addWidget(self._review.view)
        return self._review

    def begin(self) -> None:
        """Review the entries that were neither confirmed nor corrected, in the order in which they were seen."""
        entries = [e for e in reversed(self._history.entries) if e.seen is not None and e.correction is None]
        if not entries:
            self._message.show_message("There is nothing to review: a person has said what all numbers are.")
            return
        pictures = [_picture_of(place, entry) for place, entry in enumerate(entries)]
        try:
            folder = begin_picture_review(self._context.places.corrections, "the camera", pictures, "camera")
            kept = KeptReview.open(folder)
        except (FailureError, DataError) as error:
            self._message.show_message(str(error))
            return
        self._open(kept, {place: entry.key for place, entry in enumerate(entries)})

    def go_on(self) -> None:
        """Go on with the newest review that is not finished."""
        kept = latest_open(self._context.places.corrections, "camera")
        if kept is not None:
            self._open(kept, self._keys if self._is_same(kept) else {})

    def release(self, key: int) -> KeptNumber | None:
        """An entry that was reviewed is named elsewhere: what the review kept of it, to be taken back."""
        item = next((item for item, own in self._keys.items() if own == key), None)
        return self.review.release(item) if item is not None else None

    def close(self) -> None:
        """Leave the review; what was answered is kept."""
        if self._is_open:
            self._is_open = False
            self._stack.setCurrentIndex(0)
            self._show_left_over()
            self.changed.emit()

    def shut_down(self) -> None:
        if self._review is not None:
            self._review.shut_down()

    def _is_same(self, kept: KeptReview) -> bool:
        """Whether it is the review that was begun with this history."""
        return self._review is not None and self._review.session.items == kept.items

    def _open(self, kept: KeptReview, keys: dict[int, int]) -> None:
        self._keys = keys
        self._is_open = True
        self._stack.setCurrentWidget(self.review.view)
        self.changed.emit()
        self.review.open(kept)

    def _on_action(self, action: PageAction, checked: bool) -> None:
        if action is CameraAction.REVIEW:
            self.begin()
        elif action is CameraAction.GO_ON_REVIEW:
            self.go_on()

    def _on_answered(self, item: int, written: str) -> None:
        key = self._keys.get(item)
        if key is not None:
            self._history.correct(key, written)

    def _on_count(self, count: int) -> None:
        self._actions.set_enabled(count > 0, CameraAction.REVIEW)

    def _show_left_over(self) -> None:
        """Offer to go on with a review that was closed before it was finished."""
        kept = latest_open(self._context.places.corrections, "camera")
        self._actions[CameraAction.GO_ON_REVIEW].setVisible(kept is not None)


def _picture_of(place: int, entry: HistoryEntry) -> tuple[ReviewItem, bytes, str]:
    assert entry.seen is not None, "chosen before"
    seen = entry.seen
    title = f"{entry.time:%H:%M:%S} · {entry.source}" if entry.source else f"{entry.time:%H:%M:%S}"
    source = entry.source or "camera"
    return (
        ReviewItem(place, title, "", number=seen.number, source=source, group=seen.group),
        seen.file,
        seen.suffix,
    )
