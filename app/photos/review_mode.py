"""Reviewing what the table of photos shows; going on with a review that was closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.pages.page import PageContext
from app.photos.actions import NOT_IN_REVIEW, PhotosAction
from app.photos.layout import PhotosLayout
from app.photos.results import PhotoResult, Row
from app.review.items import ReviewItem
from app.review.kept_review import KeptReview, begin_review, latest_open
from app.review.review import Review
from app.services.corrections import KeptNumber
from app.ui.actions import PageAction, PageActions
from core.base.errors import DataError, FailureError

Place = tuple[int, int]
"""A result's key and the place of one of its numbers."""


def review_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows that are reviewed: all numbers; of what is only maybe the surest one, where a photo has no other.

    Photos from the clipboard have no file to come back to, broken ones nothing to look at, and of others a person has
    said what they are: they are left out.
    """
    chosen: list[Row] = []
    of_photo: dict[int, list[Row]] = {}
    for row in rows:
        is_said = row.number is not None and row.number.is_corrected
        if row.result.path is not None and not row.result.error and not is_said:
            of_photo.setdefault(row.result.key, []).append(row)
    for own in of_photo.values():
        sure = [row for row in own if row.number is not None and not row.number.is_unsure]
        chosen += sure or [max(own, key=lambda row: row.confidence)]
    return chosen


def item_of(place: int, row: Row) -> ReviewItem:
    """A row as the item of a review. place: in the set's order."""
    result, number = row.result, row.number
    return ReviewItem(
        place, result.title, str(result.path), result.page.index if result.page else 0, result.quarters,
        number.read if number is not None else None,
    )  # fmt: skip


def set_title(results: Sequence[PhotoResult]) -> str:
    """What people call a set of photos: its folder."""
    folders = {result.path.parent.name for result in results if result.path is not None}
    return next(iter(folders)) if len(folders) == 1 else "photos"


class ReviewMode(QObject):
    """At most one review of photos at a time."""

    opened = Signal()
    """The review is shown in place of the photos."""
    closed = Signal()
    """The photos are shown again."""
    said = Signal(int, int, str)
    """A number of a result (its key, the number's place) is written like this, "" for no number."""

    def __init__(
        self,
        context: PageContext,
        page: QWidget,
        layout: PhotosLayout,
        actions: PageActions,
        rows: Callable[[], Sequence[Row]],
    ) -> None:
        """rows: of the table, as they came."""
        super().__init__(page)
        self._context, self._layout, self._actions, self._rows = context, layout, actions, rows
        self._review: Review | None = None
        self._page = page
        self._is_open = False
        self._places: dict[int, Place] = {}
        actions.wanted.connect(self._on_action)
        self._show_left_over()

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def review(self) -> Review:
        """The review; made when it is first wanted."""
        if self._review is None:
            context = self._context
            self._review = Review(context.corrections, context.models, context.settings, self._page, "photo")
            self._review.answered.connect(self._on_answered)
            self._review.closed.connect(self.close)
        return self._review

    def left_over(self) -> KeptReview | None:
        """A review that was closed before it was finished."""
        return latest_open(self._context.places.corrections)

    def begin(self) -> None:
        """Review what the table holds; where the newest unfinished review is of the very same, go on with that."""
        chosen = review_rows(self._rows())
        if not chosen:
            self._layout.message.show_message(
                "There is nothing to review: a person has said what all numbers are."
            )
            return
        items = [item_of(place, row) for place, row in enumerate(chosen)]
        pairs = zip(items, chosen, strict=True)
        self._places = {item.id: (row.result.key, row.place) for item, row in pairs if row.place is not None}
        before = self.left_over()
        try:
            if before is not None and [i.picture for i in before.items] == [i.picture for i in items]:
                kept = before
            else:
                folder = begin_review(
                    self._context.places.corrections, set_title([r.result for r in chosen]), items
                )
                kept = KeptReview.open(folder)
        except (FailureError, DataError) as error:
            self._layout.message.show_message(str(error))
            return
        self._open(kept)

    def go_on(self) -> None:
        """Go on with the newest review that is not finished."""
        kept = self.left_over()
        if kept is not None:
            self._places = {}
            self._open(kept)

    def release(self, key: int, place: int) -> KeptNumber | None:
        """A number that was reviewed is named elsewhere: what the review kept of it, to be taken back."""
        item = next((item for item, own in self._places.items() if own == (key, place)), None)
        return self.review.release(item) if item is not None else None

    def close(self) -> None:
        """Leave the review; what was answered is kept."""
        if self._is_open:
            self._is_open = False
            self._layout.show_in_place(None)
            self._actions.set_enabled(True, *NOT_IN_REVIEW)
            self._show_left_over()
            self.closed.emit()

    def shut_down(self) -> None:
        if self._review is not None:
            self._review.shut_down()

    def _open(self, kept: KeptReview) -> None:
        self._is_open = True
        self.opened.emit()
        self._actions.set_enabled(False, *NOT_IN_REVIEW)
        self._layout.show_in_place(self.review.view)
        self.review.open(kept)
        for answer in kept.answers:
            self._on_answered(answer.item, answer.written)

    def _on_action(self, action: PageAction, checked: bool) -> None:
        if action is PhotosAction.REVIEW:
            self.begin()
        elif action is PhotosAction.GO_ON_REVIEW:
            self.go_on()

    def _show_left_over(self) -> None:
        """Offer to go on with a review that was closed before it was finished."""
        kept = self.left_over()
        action = self._actions[PhotosAction.GO_ON_REVIEW]
        action.setVisible(kept is not None)
        if kept is not None:
            action.setToolTip(title_of(kept))

    def _on_answered(self, item: int, written: str) -> None:
        place = self._places.get(item)
        if place is not None:
            self.said.emit(*place, written)


def title_of(kept: KeptReview) -> str:
    """What is said of a review that can go on."""
    return f"The review of {kept.title} is not finished: {kept.left} of {len(kept.items)} are left."
