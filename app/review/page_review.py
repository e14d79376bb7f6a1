"""The review of a page: made when it is first wanted, begun, shown in place of the page, left, gone on with."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.pages.page import PageContext
from app.review.kept_review import KeptReview, latest_open
from app.review.review import Review
from app.services.corrections import KeptNumber
from app.ui.actions import PageAction, PageActions
from app.ui.errors import MessageBar
from core.base.errors import DataError, FailureError
from core.collection.numbers import Kind

Key = TypeVar("Key", bound=Hashable)
"""By what a page knows a number."""


class PageStack(QStackedWidget):
    """A page's own widget, or another one in its place."""

    def __init__(self, own: QWidget) -> None:
        super().__init__()
        self._own = own
        self.addWidget(own)

    def show_in_place(self, widget: QWidget | None) -> None:
        """Show a widget in place of the page's own; None shows that one again."""
        if widget is not None and self.indexOf(widget) < 0:
            self.addWidget(widget)
        self.setCurrentWidget(widget if widget is not None else self._own)


class PageReview(QObject, Generic[Key]):
    """At most one review at a time on a page."""

    changed = Signal()
    """The review is shown, or the page again: `is_open`."""

    def __init__(
        self,
        context: PageContext,
        page: QWidget,
        kind: Kind,
        actions: PageActions,
        message: MessageBar,
        stack: PageStack,
        *,
        begin: PageAction,
        go_on: PageAction,
    ) -> None:
        """message: of the page, which `stack` shows."""
        super().__init__(page)
        self._context, self._page, self._kind, self._actions = context, page, kind, actions
        self._message, self._stack = message, stack
        self._begin_action, self._go_on_action = begin, go_on
        self._review: Review | None = None
        self._keys: dict[int, Key] = {}
        self._is_open = False
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
            self._review = Review(
                context.corrections, context.models, context.settings, self._page, self._kind
            )
            self._review.answered.connect(self._on_answered)
            self._review.closed.connect(self.close)
        return self._review

    def begin(self) -> None:
        """Review what the page holds."""
        raise NotImplementedError

    def go_on(self) -> None:
        """Go on with the newest review that is not finished."""
        kept = self._left_over()
        if kept is not None:
            is_same = self._review is not None and self._review.session.items == kept.items
            self._open(kept, self._keys if is_same else {})

    def release(self, key: Key) -> KeptNumber | None:
        """A number that was reviewed is named elsewhere: what the review kept of it, to be taken back."""
        item = next((item for item, own in self._keys.items() if own == key), None)
        return self.review.release(item) if item is not None else None

    def close(self) -> None:
        """Leave the review; what was answered is kept."""
        if self._is_open:
            self._is_open = False
            self._stack.show_in_place(None)
            self._show_left_over()
            self.changed.emit()

    def shut_down(self) -> None:
        if self._review is not None:
            self._review.shut_down()

    def _begin(self, keys: dict[int, Key], is_empty: bool, keep: Callable[[], KeptReview]) -> None:
        """Put a new review on disk and open it. keys: of its items. is_empty: whether nothing is left to review."""
        if is_empty:
            self._message.show_message("There is nothing to review: a person has said what all numbers are.")
            return
        try:
            kept = keep()
        except (FailureError, DataError) as error:
            self._message.show_message(str(error))
            return
        self._open(kept, keys)

    def _open(self, kept: KeptReview, keys: dict[int, Key]) -> None:
        self._keys, self._is_open = keys, True
        self.changed.emit()
        self._stack.show_in_place(self.review.view)
        self.review.open(kept)

    def _left_over(self) -> KeptReview | None:
        """A review that was closed before it was finished."""
        return latest_open(self._context.places.corrections, self._kind)

    def _show_left_over(self) -> None:
        """Offer to go on with a review that was closed before it was finished."""
        kept = self._left_over()
        action = self._actions[self._go_on_action]
        action.setVisible(kept is not None)
        if kept is not None:
            left = f"{kept.left} of {len(kept.items)} are left"
            action.setToolTip(f"The review of {kept.title} is not finished: {left}.")

    def _say(self, key: Key, written: str) -> None:
        """A number of the page was answered: it is written like this, "" for no number."""
        raise NotImplementedError

    def _on_action(self, action: PageAction, checked: bool) -> None:
        if action is self._begin_action:
            self.begin()
        elif action is self._go_on_action:
            self.go_on()

    def _on_answered(self, item: int, written: str) -> None:
        key = self._keys.get(item)
        if key is not None:
            self._say(key, written)
