"""Reviewing the history of numbers: each as it was seen, the least sure first."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.camera.actions import CameraAction
from app.camera.history import History, HistoryEntry
from app.pages.page import PageContext
from app.review.items import ReviewItem
from app.review.kept_review import KeptReview, begin_picture_review
from app.review.page_review import PageReview, PageStack
from app.ui.actions import PageActions
from app.ui.errors import MessageBar


class HistoryReview(PageReview[int]):
    """The review of the camera page. A key is that of a `HistoryEntry`."""

    def __init__(
        self,
        context: PageContext,
        page: QWidget,
        actions: PageActions,
        message: MessageBar,
        stack: PageStack,
        history: History,
    ) -> None:
        super().__init__(
            context, page, "camera", actions, message, stack,
            begin=CameraAction.REVIEW, go_on=CameraAction.GO_ON_REVIEW,
        )  # fmt: skip
        self._history = history
        history.count_changed.connect(self._on_count)
        self._on_count(history.rowCount())

    def begin(self) -> None:
        """Review the entries that were neither confirmed nor corrected, in the order in which they were seen."""
        entries = [e for e in reversed(self._history.entries) if e.seen is not None and e.correction is None]

        def keep() -> KeptReview:
            pictures = [_picture_of(place, entry) for place, entry in enumerate(entries)]
            corrections = self._context.places.corrections
            return KeptReview.open(begin_picture_review(corrections, "the camera", pictures, "camera"))

        self._begin({place: entry.key for place, entry in enumerate(entries)}, not entries, keep)

    def _say(self, key: int, written: str) -> None:
        self._history.correct(key, written)

    def _on_count(self, count: int) -> None:
        self._actions.set_enabled(count > 0, CameraAction.REVIEW)


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
