"""Reviewing what the table of photos shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.pages.page import PageContext
from app.photos.actions import NOT_IN_REVIEW, PhotosAction
from app.photos.layout import PhotosLayout
from app.photos.results import PhotoResult, Row
from app.review.items import ReviewItem
from app.review.kept_review import KeptReview, begin_review
from app.review.page_review import PageReview
from app.ui.actions import PageActions

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


class PhotosReview(PageReview[Place]):
    """The review of the photos page."""

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
        super().__init__(
            context, page, "photo", actions, layout.message, layout,
            begin=PhotosAction.REVIEW, go_on=PhotosAction.GO_ON_REVIEW,
        )  # fmt: skip
        self._rows = rows
        self.changed.connect(lambda: actions.set_enabled(not self.is_open, *NOT_IN_REVIEW))

    def begin(self) -> None:
        """Review what the table holds; where the newest unfinished review is of the very same, go on with that."""
        chosen = review_rows(self._rows())
        items = [item_of(place, row) for place, row in enumerate(chosen)]

        def keep() -> KeptReview:
            before = self._left_over()
            if before is not None and [i.picture for i in before.items] == [i.picture for i in items]:
                return before
            title = set_title([row.result for row in chosen])
            return KeptReview.open(begin_review(self._context.places.corrections, title, items))

        pairs = zip(items, chosen, strict=True)
        keys = {item.id: (row.result.key, row.place) for item, row in pairs if row.place is not None}
        self._begin(keys, not items, keep)

    def _open(self, kept: KeptReview, keys: dict[int, Place]) -> None:
        super()._open(kept, keys)
        for answer in kept.answers:
            self._on_answered(answer.item, answer.written)

    def _say(self, key: Place, written: str) -> None:
        self.said.emit(*key, written)
