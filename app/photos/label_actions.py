"""What can be said of the photo that is shown, as actions: boxes, numbers without one, and no number at all."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.photos.actions import PhotosAction
from app.photos.labelling import PhotoLabelling
from app.photos.loader import Photo
from app.photos.view import PhotoView
from app.ui.actions import PageAction, PageActions
from app.ui.errors import MessageBar
from app.ui.shown_reading import DigitRef
from core.reading.types import Box


class LabelActions(QObject):
    """Turns actions, drawn boxes and typed numbers into labels. photo, selected: what is shown now."""

    number_wanted = Signal(object, str)
    """As `Page.number_wanted`."""

    def __init__(
        self,
        labelling: PhotoLabelling,
        view: PhotoView,
        actions: PageActions,
        message: MessageBar,
        photo: Callable[[], Photo | None],
        selected: Callable[[], DigitRef | None],
    ) -> None:
        super().__init__(view)
        self._labelling, self._view, self._actions, self._message = labelling, view, actions, message
        self._photo, self._selected = photo, selected
        actions[PhotosAction.KEEP_WHOLE].setChecked(labelling.keeps_whole)
        actions.wanted.connect(self._on_action)
        view.box_drawn.connect(self._on_box_drawn)
        labelling.whole_photo_needed.connect(self._on_whole_photo_needed)

    def give_up_number(self) -> None:
        """No number is typed after all."""
        self._view.set_new_box(None)
        self._view.setFocus()

    def correct_number(self, place: int | None, written: str) -> None:
        """As `Page.correct_number`."""
        box, photo = self._view.new_box, self._photo()
        self.give_up_number()
        if photo is None:
            return
        if place is not None:
            self._labelling.name_number(photo, place, written)
        elif written or box is None:
            self._labelling.add_number(photo, written, box)

    def _on_action(self, action: PageAction, checked: bool) -> None:
        photo, selected = self._photo(), self._selected()
        match action:
            case PhotosAction.BOX:
                self._view.draw_boxes(checked)
            case PhotosAction.ADD:
                self.number_wanted.emit(None, "")
            case PhotosAction.NO_NUMBER if selected is not None and selected.number is not None:
                self.correct_number(selected.number, "")
            case PhotosAction.NO_NUMBER | PhotosAction.NOTHING if photo is not None:
                self._labelling.say_no_number(photo)
            case PhotosAction.KEEP_WHOLE:
                self._labelling.set_keeps_whole(checked)

    def _on_box_drawn(self, box: Box) -> None:
        self._actions[PhotosAction.BOX].setChecked(False)
        self.number_wanted.emit(None, "")

    def _on_whole_photo_needed(self, sentence: str) -> None:
        keep = self._actions[PhotosAction.KEEP_WHOLE]
        self._message.show_message(
            sentence, action="Keep whole photos", act=lambda: self._on_keep_whole(keep.trigger)
        )

    def _on_keep_whole(self, keep: Callable[[], None]) -> None:
        keep()
        self._message.clear()
