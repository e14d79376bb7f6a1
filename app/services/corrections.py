"""“Wrong? Tell me”: keeps labelled digits and numbers in the folder `mine`, off the GUI thread and in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.services.model_files import model_name
from app.services.models import ModelState
from core.base.errors import FailureError, InputError
from core.collection.numbers import Kind, LabelledNumber, NumberStore, SeenFile, picture_group
from core.loaders.user_digits import DigitOrigin, UserDigit, UserDigitStore
from core.reading.types import Box, Digit

if TYPE_CHECKING:
    from core.reading.strokes import Stroke

_ROOM = 1.0
"""Around a number's box in the crop that is kept of a photo, as a share of the box's height: what the networks want to
see of its surroundings, and a little more."""

_UNKNOWN = DigitOrigin()


@dataclass(frozen=True)
class DigitLabel:
    """One digit of a number that is kept. strokes: as it was drawn; none for a photo. label: may be NOT_A_DIGIT."""

    digit: Digit
    label: int
    strokes: tuple[Stroke, ...] = ()


@dataclass(frozen=True)
class NumberLabel:
    """What a person said of one number in a picture.

    written: as it stands there; "" for “no number here”. image: uint8 (H, W) or (H, W, 3) RGB, all of the picture, or
    what loads it when its turn comes: many that wait must not fill the memory.
    box: in pixels of the image; None where the number's place isn't known, then the whole picture is kept.
    keeps_whole: whether the whole picture may be kept, in place of a crop. kind: where it comes from.
    was_read, model: what was read there, by which models. source_file: the photo's path or the camera's name.
    digits: those that are kept by themselves, too. strokes: of the whole number. photo: a file that shows the image.
    group: of all that comes from one picture; "" for this picture alone.
    """

    written: str
    image: NDArray[np.uint8] | Callable[[], NDArray[np.uint8]]
    box: Box | None
    kind: Kind
    keeps_whole: bool = False
    was_read: str = ""
    model: str = ""
    source_file: str = ""
    digits: tuple[DigitLabel, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    photo: Path | SeenFile | None = None
    group: str = ""


class KeptDigit:
    """A digit that was handed over to be kept; the ticket to take it back."""

    def __init__(self, label: int) -> None:
        self.label = label
        self.entry: UserDigit | None = None


class KeptNumber:
    """A number that was handed over to be kept, with some of its digits; the ticket to take them back.

    number_id: of one that an earlier start of the program kept.
    """

    def __init__(self, written: str, number_id: str = "") -> None:
        self.written = written
        self.number_id = number_id
        self.number: LabelledNumber | None = None
        self.digits: list[UserDigit] = []


Kept = KeptDigit | KeptNumber


class Corrections(QObject):
    """Keeps digits and numbers, takes them back, puts them back again; every call returns at once.

    The calls are carried out one after another, so taking back what is still being written is fine.
    """

    count_changed = Signal(int)
    """How many digits and numbers there are now."""
    failed = Signal(str)
    """A sentence: something could not be kept or taken back."""

    def __init__(self, store: UserDigitStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._numbers = NumberStore.within(store.folder)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="corrections")
        self._is_over = False

    @property
    def folder(self) -> Path:
        """Where everything is kept."""
        return self._store.folder

    def recount(self) -> None:
        """Count the entries; `count_changed` follows, but for one that is shut down."""
        if not self._is_over:  # what another window changed last is heard of once this one is closed
            self._run(lambda: None)

    def keep(
        self,
        strokes: Sequence[Stroke],
        image: NDArray[np.uint8],
        label: int,
        *,
        kind: str = "drawing",
        size: tuple[int, int] | None = None,
        origin: DigitOrigin = _UNKNOWN,
        picture: NDArray[np.uint8] | None = None,
    ) -> KeptDigit:
        """Keep one digit as `UserDigitStore.add` does; the ticket takes it back.

        picture: that it is of, where its origin names no group.
        """
        ticket = KeptDigit(label)

        def add() -> None:
            own = origin
            if picture is not None and not origin.group:
                own = replace(origin, group=picture_group(picture))
            ticket.entry = self._store.add(strokes, image, label, kind=kind, size=size, origin=own)

        self._run(add)
        return ticket

    def keep_number(self, label: NumberLabel, then: Callable[[KeptNumber], None] | None = None) -> KeptNumber:
        """Keep a number and those of its digits that `label` names; the ticket takes all of it back.

        then: called in the thread that keeps things once all is written; what it raises is reported like any failure.
        """
        ticket = KeptNumber(label.written)

        def add() -> None:
            self._add(label, ticket)
            if then is not None:
                then(ticket)

        self._run(add)
        return ticket

    def take_back(self, ticket: Kept) -> None:
        """Undo `keep` or `keep_number`."""

        def remove() -> None:
            if isinstance(ticket, KeptDigit):
                if ticket.entry is not None:
                    self._store.remove(ticket.entry)
                return
            self._find(ticket)
            for digit in ticket.digits:
                self._store.remove(digit)
            if ticket.number is not None:
                self._numbers.remove(ticket.number)

        self._run(remove)

    def put_back(self, ticket: Kept) -> None:
        """Undo `take_back`."""

        def restore() -> None:
            if isinstance(ticket, KeptDigit):
                if ticket.entry is not None:
                    self._store.restore(ticket.entry)
                return
            if ticket.number is not None:
                self._numbers.restore(ticket.number)
            for digit in ticket.digits:
                self._store.restore(digit)

        self._run(restore)

    def then(self, work: Callable[[], None]) -> None:
        """Do `work` once all that was asked for before is done, in the thread that keeps things."""
        self._run(work)

    def shut_down(self) -> None:
        """Finish what was asked for, then end the thread."""
        self._is_over = True
        self._worker.shutdown(wait=True)

    def _add(self, label: NumberLabel, ticket: KeptNumber) -> None:
        picture = label.image() if callable(label.image) else label.image
        image, box, group = picture, label.box, label.group or picture_group(picture)
        whole = label.keeps_whole or box is None
        if not whole:
            assert box is not None, "a crop is cut around its box"
            image, box = crop_around(image, box)
        ticket.number = self._numbers.add(
            image, label.written, box=box, whole=whole, kind=label.kind, was_read=label.was_read, model=label.model,
            source_file=label.source_file, group=group, strokes=label.strokes,
            photo=label.photo if whole else None,
        )  # fmt: skip
        ticket.number_id = ticket.number.id
        size = (picture.shape[1], picture.shape[0])
        for one in label.digits:
            origin = DigitOrigin(
                str(one.digit.digit), label.model, ticket.number.id, label.source_file, group
            )
            if one.strokes and one.digit.crop is None:
                from core.reading.strokes import rasterise

                crop = rasterise(one.strokes)
            else:
                crop = crop_of(one.digit, picture)
            ticket.digits.append(
                self._store.add(one.strokes, crop, one.label, kind=label.kind, size=size, origin=origin)
            )

    def _find(self, ticket: KeptNumber) -> None:
        """Look up what an earlier start of the program kept."""
        if ticket.number is not None or not ticket.number_id:
            return
        entries, _ = self._numbers.entries()
        ticket.number = next((entry for entry in entries if entry.id == ticket.number_id), None)
        ticket.digits = [d for d in self._store.entries() if d.origin.number == ticket.number_id]

    def _run(self, work: Callable[[], None]) -> None:
        def carry_out() -> None:
            try:
                work()
                self.count_changed.emit(self._store.count() + self._numbers.count())
            except (InputError, FailureError) as error:
                self.failed.emit(str(error))
            except OSError as error:
                self.failed.emit(f"{self._store.folder} can't be read ({error.strerror}).")

        self._worker.submit(carry_out)


def models_text(state: ModelState) -> str:
    """What reads now, for what is kept: "shipped", or the names of the models by their kinds."""
    names = {kind.value: model_name(model.path) for kind, model in state.in_use.items()}
    if len(set(names.values())) <= 1:
        return next(iter(names.values()), "")
    return ", ".join(f"{kind} {name}" for kind, name in names.items())


def crop_of(digit: Digit, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The digit as the network saw it, (S, S) uint8; cut out of the picture if that was not kept."""
    if digit.crop is not None:
        return np.array(digit.crop)
    from core.reading.images import crop_box, to_gray

    return crop_box(to_gray(image), digit.box)


def crop_around(image: NDArray[np.uint8], box: Box, room: float = _ROOM) -> tuple[NDArray[np.uint8], Box]:
    """A box cut out of a picture with some room around it, and the box in pixels of that crop.

    room: as a share of the box's height. Raises InputError where the box lies outside the picture.
    """
    rows, columns = image.shape[:2]
    edge = room * box.h
    left, top = max(int(box.x - edge), 0), max(int(box.y - edge), 0)
    right = min(int(np.ceil(box.x + box.w + edge)), columns)
    bottom = min(int(np.ceil(box.y + box.h + edge)), rows)
    if right <= left or bottom <= top:
        raise InputError("The box lies outside the image.")
    return np.ascontiguousarray(image[top:bottom, left:right]), Box(box.x - left, box.y - top, box.w, box.h)
