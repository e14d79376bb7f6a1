"""What people say of photos: digits, whole numbers, what was missed, and what is no number. Turning is here, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.pages.correction_commands import PictureLabels
from app.photos.loader import Photo
from app.photos.results import PhotoResult
from app.services.corrections import Corrections, Kept, KeptNumber, models_text
from app.services.models import ModelService
from app.services.settings import Settings
from app.ui.shown_reading import DigitRef, ShownReading, with_digits
from core.reading.types import Box

_Key = tuple[int, int]
"""A photo's key and how often it is turned: turned, it is another picture."""


class TurnCommand(QUndoCommand):
    """A photo is turned, and read anew; undo shows it as it was, with what was read and corrected then."""

    def __init__(self, before: PhotoResult, after: PhotoResult, show: Callable[[PhotoResult], None]) -> None:
        super().__init__("Turn")
        self._before, self._after, self._show = before, after, show

    def redo(self) -> None:
        self._show(self._after)

    def undo(self) -> None:
        self._show(self._before)


class PhotoLabelling(QObject):
    """Keeps what is said of any of the photos; what was said stays with them while others are shown."""

    changed = Signal(int)
    """Something else was said of the photo with this key: see `labelled`."""
    notice_changed = Signal(str, bool)
    """A few words for the panel; whether they offer to undo."""
    whole_photo_needed = Signal(str)
    """A sentence: what was said can't be kept while whole photos may not be."""

    def __init__(
        self,
        corrections: Corrections,
        stack: QUndoStack,
        models: ModelService,
        settings: Settings,
        release: Callable[[tuple[int, int]], KeptNumber | None],
        parent: QObject | None = None,
    ) -> None:
        """release: tells a review that a number (its photo's key, its place) is named here; what it kept of it."""
        super().__init__(parent)
        self._corrections, self._stack, self._models, self._settings = corrections, stack, models, settings
        self._release = release
        self._said: dict[_Key, PictureLabels] = {}
        self._reviewed: dict[int, dict[int, str]] = {}

    @property
    def keeps_whole(self) -> bool:
        """Whether whole photos are kept with what is said of them."""
        return self._settings.keeps_photos

    def set_keeps_whole(self, on: bool) -> None:
        self._settings.keeps_photos = on

    def forget(self) -> None:
        """The photos are closed. What was kept stays kept."""
        self._said.clear()
        self._reviewed.clear()

    def note_reviewed(self, key: int, place: int, written: str) -> None:
        """A number was named in a review, which keeps it by itself."""
        self._reviewed.setdefault(key, {})[place] = written
        self.changed.emit(key)

    def labelled(self, result: PhotoResult) -> PhotoResult:
        """A result with what was said of it."""
        said, reviewed = self._said.get((result.key, result.quarters)), self._reviewed.get(result.key, {})
        if said is None:
            return replace(result.as_read, corrected=reviewed)
        corrected = {**reviewed, **said.numbers}
        return replace(result, corrected=corrected, labels=said.labels, added=tuple(said.added))

    def label_digit(self, photo: Photo, ref: DigitRef, label: int) -> None:
        """A digit of a photo is really `label`, which may be NOT_A_DIGIT."""
        if ref.number is None:
            return
        reviewed = self._reviewed.get(photo.result.key, {}).get(ref.number)
        if reviewed is not None:
            # It was named as a whole, and is named as a whole again.
            self.name_number(photo, ref.number, with_digits(reviewed, {ref.place: label}))
        else:
            self._with_picture(photo, lambda said: said.label_digit(ref, label))

    def name_number(self, photo: Photo, place: int, written: str) -> None:
        """A number of a photo is written like this; "" for no number."""
        key = photo.result.key
        also: list[Kept] = []
        if self._reviewed.get(key, {}).pop(place, None) is not None:
            ticket = self._release((key, place))
            also = [ticket] if ticket is not None else []
        self._with_picture(photo, lambda said: said.name_number(place, written, also))

    def add_number(self, photo: Photo, written: str, box: Box | None) -> bool:
        """There is a number that was not read; whether it could be kept. box: None where its place isn't known."""
        if box is None and not self.keeps_whole:
            self.whole_photo_needed.emit(
                "Without a box there is nothing to cut out: the whole photo has to be kept with this number."
            )
            return False
        self._with_picture(photo, lambda said: said.add_number(written, box))
        return True

    def say_no_number(self, photo: Photo) -> None:
        """There is no number in all of the photo: what was read is none."""
        shown = photo.result.shown
        if shown is None:
            return
        if shown.numbers:
            self._stack.beginMacro("No number")
            for place in range(len(shown.numbers)):
                self.name_number(photo, place, "")
            self._stack.endMacro()
        else:
            self.add_number(photo, "", None)

    def _with_picture(self, photo: Photo, say: Callable[[PictureLabels], None]) -> None:
        result = photo.result.as_read
        if result.reading is None:
            return
        said = self._labels_of(result)
        source = str(result.path) if result.path is not None else result.title
        shown = ShownReading.of(result.reading, added=photo.result.added)
        # The file of a photo that was turned, or of several pages, shows another picture.
        file = result.path if not result.quarters and result.page is None else None
        said.set_reading(shown, photo.image, source=source, photo=file)
        say(said)
        said.let_go()

    def _labels_of(self, result: PhotoResult) -> PictureLabels:
        key = (result.key, result.quarters)
        said = self._said.get(key)
        if said is None:
            said = PictureLabels(
                self._corrections, self._stack, kind="photo", models=lambda: models_text(self._models.state),
                keeps_whole=lambda: self.keeps_whole, parent=self,
            )  # fmt: skip
            said.changed.connect(lambda: self.changed.emit(result.key))
            said.notice_changed.connect(self.notice_changed)
            self._said[key] = said
        return said
