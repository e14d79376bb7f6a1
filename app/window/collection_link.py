"""The main window's line to the window of what was labelled: built when first wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.pages.page import PageContext
from app.services.models import ModelState

if TYPE_CHECKING:
    from app.collection.window import CollectionWindow


class CollectionLink(QObject):
    """Holds the window, once there is one."""

    learn_wanted = Signal()

    def __init__(self, context: PageContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._window: CollectionWindow | None = None

    @property
    def window(self) -> CollectionWindow | None:
        """None until it is first needed."""
        return self._window

    def open(self) -> None:
        """Show the window in front."""
        window = self._window or self._build()
        window.show()
        window.raise_()
        window.activateWindow()

    def set_count(self, count: int) -> None:
        """How many corrections there are now."""
        if self._window is not None:
            self._window.set_count(count)

    def set_models(self, state: ModelState) -> None:
        """Other models read now."""
        if self._window is not None:
            self._window.set_models(state)

    def shut_down(self) -> None:
        """Close the window and end its threads."""
        if self._window is not None:
            self._window.shut_down()

    def _build(self) -> CollectionWindow:
        # Imported late: most sessions never open it.
        from app.collection.checker import ModelJudge
        from app.collection.window import CollectionWindow
        from core.collection.learnings import LearningLog

        context = self._context
        learnings = LearningLog.within(context.places.corrections)
        window = CollectionWindow(
            context.places, context.settings, ModelJudge(context.models), learned_at=learnings.last_time
        )
        window.changed.connect(context.corrections.recount)
        window.learn_wanted.connect(self.learn_wanted)
        self._window = window
        return window
