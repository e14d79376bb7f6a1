"""The drawing page: the canvas and what surrounds it, read while the stroke is being drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from app.draw.actions import BAR, MENUS, NEED_INK, DrawAction
from app.draw.bar import DrawBar
from app.draw.canvas import Canvas, Tool
from app.draw.drawing import Drawing, placed
from app.draw.hints import HintLine
from app.draw.labels import DrawingLabels, ReadDrawing
from app.draw.marks import Marks
from app.draw.reading_worker import ReadingWorker
from app.draw.undo import DrawingCommand
from app.pages.correction_commands import tick
from app.pages.digit_matching import match_typed
from app.pages.page import Page, PageContext
from app.services.corrections import models_text
from app.services.models import ModelState
from app.services.workers import Background
from app.ui.actions import DigitAction, PageAction, PageActions
from app.ui.errors import MessageBar, details_of, sentence_of
from app.ui.images import copied_picture, for_canvas, left_out, read_picture
from app.ui.reading_text import file_part
from app.ui.saving import PNG, ask_where
from app.ui.shown_reading import DigitRef, ShownReading, in_reading_order
from core.base.files import written_aside
from core.reading.types import NOT_A_DIGIT, Reading
from training.runs.model_cards import Kind

_CLOCK_MS = 33
"""Between two readings of a stroke that is being drawn."""


class DrawPage(Page):
    """Draw, read, correct."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._in_use = context.models.state.in_use
        self._reading: Reading | None = None
        self._read_drawing = Drawing()
        self._is_showing = False
        self._stack = self.undo_stack
        self._actions = PageActions(self, DrawAction, MENUS)
        self._actions.bind_undo(self._stack, DrawAction.UNDO, DrawAction.REDO)
        self._labels = DrawingLabels(
            context.corrections, self._stack, lambda: models_text(context.models.state), self
        )
        self._canvas = Canvas()
        self._canvas.set_hint("Draw a digit here")
        self._hints = HintLine(context.settings.hints_done, self)
        self._hints.set_on(context.settings.hints)
        self._message = MessageBar(self._canvas)
        self._bar = DrawBar([self._actions[action] for action in BAR])
        self._background = Background(self)
        self._worker = ReadingWorker(context.models, self)
        self._clock = QTimer(self, singleShot=True, interval=_CLOCK_MS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._hints)
        column.addWidget(self._canvas, 1)
        self._connect()
        self._set_pen_width(context.settings.pen_width)
        self._on_ink_changed()

    # What the window asks for

    def bottom_bar(self) -> QWidget:
        return self._bar

    def menu_actions(self) -> Mapping[str, Sequence[QAction | None]]:
        return self._actions.menus()

    def activate(self) -> None:
        self._canvas.setFocus()
        self.reading_changed.emit(self._shown)

    def shut_down(self) -> None:
        self._clock.stop()
        self._worker.shut_down()
        self._background.shut_down()

    def select_digit(self, ref: DigitRef | None) -> None:
        super().select_digit(ref)
        if not self._is_showing:
            self._mark()

    def correct_digit(self, ref: DigitRef, digit: int) -> None:
        if self._shown is not None and ref in self._shown.refs:
            self._labels.set_reading(self._as_read())
            self._labels.label_digit(ref, digit)
            self._hints.mark_done("correct")

    def correct_number(self, place: int | None, written: str) -> None:
        self._labels.set_reading(self._as_read())
        if place is None:
            self._labels.add_number(written, None)
        else:
            self._labels.name_number(place, written)
        self._hints.mark_done("correct")
        self._canvas.setFocus()

    def give_up_number(self) -> None:
        self._canvas.setFocus()

    def set_hints_on(self, on: bool) -> None:
        self._hints.set_on(on)

    @property
    def hints(self) -> HintLine:
        return self._hints

    @property
    def canvas(self) -> Canvas:
        return self._canvas

    @property
    def message(self) -> MessageBar:
        return self._message

    # Wiring

    def _connect(self) -> None:
        canvas = self._canvas
        canvas.edited.connect(self._on_edited)
        canvas.ink_changed.connect(self._on_ink_changed)
        canvas.files_dropped.connect(self._on_files_dropped)
        canvas.image_dropped.connect(self._on_image_given)
        canvas.pen_width_wanted.connect(self._set_pen_width)
        self._bar.pen_width_changed.connect(self._set_pen_width)
        self._clock.timeout.connect(self._on_clock)
        self._worker.reading_ready.connect(self._on_reading)
        self._worker.failed.connect(self._on_reading_failed)
        self._context.models.changed.connect(self._on_models_changed)
        self._hints.turned_off.connect(self.hints_turned_off)
        self._labels.changed.connect(self._on_corrected)
        self._labels.notice_changed.connect(self.notice_changed)
        self._actions.wanted.connect(self._on_action)
        self._hints.done_changed.connect(self._on_hints_done)
        self._stack.indexChanged.connect(self._on_undo_index)

    def _on_action(self, action: PageAction, checked: bool) -> None:
        match action:
            case DigitAction():
                self.on_digit_action(action)
            case DrawAction.NO_DIGIT:
                self.label_by_key(NOT_A_DIGIT)
            case DrawAction.OPEN:
                self._on_open()
            case DrawAction.SAVE:
                self._on_save()
            case DrawAction.COPY:
                self._on_copy()
            case DrawAction.PASTE:
                self._on_paste()
            case DrawAction.CLEAR:
                self._on_clear()
            case DrawAction.ERASER:
                self._canvas.set_tool(Tool.ERASER if checked else Tool.PEN)
            case DrawAction.THINNER | DrawAction.THICKER:
                step = 2 if action is DrawAction.THICKER else -2
                self._set_pen_width(self._canvas.pen_width + step)

    # Drawing

    def _on_edited(self, before: Drawing, after: Drawing, text: str) -> None:
        self._stack.push(DrawingCommand(text, before, after, self._canvas.set_drawing))
        self._message.clear()
        self.status_changed.emit("")
        self._hints.mark_done("erase" if text == "Erase" else "draw")

    def _on_ink_changed(self) -> None:
        empty = self._canvas.is_empty
        self._actions.set_enabled(not empty, *NEED_INK)
        if self._reading is not None and self._canvas.drawing.picture is not self._read_drawing.picture:
            # Boxes and numbers of one picture must not stand on the next.
            self._worker.forget()
            self._show_reading(None, Drawing())
        if empty:
            self._clock.stop()
            self._worker.forget()
            self._show_reading(None, Drawing())
        elif not self._clock.isActive():
            self._clock.start()

    def _on_clear(self) -> None:
        before = self._canvas.drawing
        if not before.is_empty:
            self._stack.push(DrawingCommand("Clear", before, Drawing(), self._canvas.set_drawing))
            self._hints.mark_done("clear")

    def _on_undo_index(self) -> None:
        if self._stack.canRedo():
            self._hints.mark_done("undo")

    def _set_pen_width(self, width: int) -> None:
        changed = width != self._canvas.pen_width
        self._canvas.set_pen_width(width, preview=changed and self.isVisible())
        width = self._canvas.pen_width
        self._bar.set_pen_width(width)
        if changed and self.isVisible():
            self._context.settings.pen_width = width
            self._hints.mark_done("pen")

    def _on_hints_done(self, done: frozenset[str]) -> None:
        self._context.settings.hints_done = done

    # Reading

    def _on_clock(self) -> None:
        drawing = self._canvas.snapshot()
        if not drawing.is_empty:
            self._worker.read(drawing)

    def _on_models_changed(self, state: ModelState) -> None:
        before, self._in_use = self._in_use, state.in_use
        if before == state.in_use:
            return
        if Kind.CLASSIFIER in before:
            self._worker.forget()
        self._on_clock()

    def _on_reading(self, drawing: Drawing, reading: Reading) -> None:
        self._show_reading(reading, drawing)
        if sum(len(number.digits) for number in reading.numbers) > 1:
            self._hints.mark_done("several")

    def _on_reading_failed(self, sentence: str, details: str) -> None:
        self._message.show_message(sentence, details=details)

    def _show_reading(self, reading: Reading | None, drawing: Drawing) -> None:
        if drawing is not self._read_drawing:
            self._labels.forget()
            self.end_key_run()
            self.notice_changed.emit("", False)
        self._reading = in_reading_order(reading) if reading is not None else None
        self._read_drawing = drawing
        self._on_corrected()

    def _as_read(self) -> ReadDrawing | None:
        """What may be labelled, without what was said of it."""
        if self._reading is None:
            return None
        canvas = self._canvas
        return ReadDrawing(
            ShownReading.of(self._reading, added=self._labels.added),
            self._read_drawing,
            lambda: copied_picture(canvas.picture_to_keep(ratio=1.0)),
            canvas.view,
            (max(canvas.width(), 1), max(canvas.height(), 1)),
        )

    def _on_corrected(self) -> None:
        """Show the reading with what was said of it."""
        reading = self._reading
        said = self._labels
        self._shown = None
        if reading is not None:
            self._shown = ShownReading.of(
                reading, corrections=said.numbers, labels=said.labels, added=said.added
            )
        # The panel answers with the digit that it describes now: marked once, when both are known.
        self._is_showing = True
        self.reading_changed.emit(self._shown)
        self._is_showing = False
        self._mark()

    def _mark(self) -> None:
        refs = self._shown.refs if self._shown is not None else ()
        read = [ref for ref in refs if self._shown is not None and self._is_read(self._shown, ref)]
        ticks = [self._tick_of(ref) for ref in read]
        # A lone digit needs no mark; what was said of it is shown.
        marked = read if len(read) > 1 or any(ticks) else []
        boxes = tuple(self._shown.digit_at(ref).box for ref in marked) if self._shown is not None else ()
        selected = marked.index(self._selected) if self._selected in marked else None
        self._canvas.set_marks(Marks(boxes, selected, tuple(ticks[: len(marked)])))
        self._actions.set_selected(self._shown, self._selected)
        self._actions.set_enabled(self._selected in refs, DrawAction.NO_DIGIT)

    @staticmethod
    def _is_read(shown: ShownReading, ref: DigitRef) -> bool:
        """Whether a digit is one of the drawing's, not of a number that a person added."""
        number = shown.number_of(ref)
        return number is None or not number.is_added

    def _tick_of(self, ref: DigitRef) -> str:
        """What a person said of a digit, as it is marked: "4 ✓"."""
        if ref in self._labels.labels:
            return tick(self._labels.labels[ref])
        named = self._labels.numbers.get(ref.number) if ref.number is not None else None
        if named is None or ref.number is None or self._reading is None:
            return ""
        number = (*self._reading.numbers, *self._reading.maybe)[ref.number]
        return next(
            (tick(label) for place, label in match_typed(number, named).pairs if place == ref.place), ""
        )

    # Pictures in and out

    def _on_files_dropped(self, paths: list[Path]) -> None:
        self._message.clear()
        if len(paths) > 1 or paths[0].is_dir():
            what = "a folder" if len(paths) == 1 else f"{len(paths)} files"
            self._message.show_message(
                f"The canvas takes one photo; {what} can be read on the page Photos.",
                action="Read in Photos", act=lambda: self.photos_given.emit(paths),
            )  # fmt: skip
            return
        self._take_file(paths[0])

    def _on_image_given(self, image: QImage) -> None:
        self._message.clear()
        self._take_picture(lambda: for_canvas(copied_picture(image)))

    def _on_paste(self) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if files:
            self._on_files_dropped(files)
        elif mime.hasImage():
            self._on_image_given(QGuiApplication.clipboard().image())
        else:
            self._message.show_message("There is no photo to paste: copy one in another program first.")

    def _on_open(self) -> None:
        from core.reading.images import PICTURES

        kinds = f"Photos ({' '.join('*' + suffix for suffix in PICTURES)});;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self, "Open a photo of a digit", "", kinds)
        if name:
            self._message.clear()
            self._take_file(Path(name))

    def _take_file(self, path: Path) -> None:
        def take(found: tuple[NDArray[np.uint8], str]) -> None:
            image, remark = found
            if remark:
                self._message.show_message(remark)
            self._on_picture(image)

        self._background.run(lambda: (read_picture(path), left_out(path)), take, self._on_picture_failed)

    def _take_picture(self, read: Callable[[], NDArray[np.uint8]]) -> None:
        self._background.run(read, self._on_picture, self._on_picture_failed)

    def _on_picture(self, image: NDArray[np.uint8]) -> None:
        picture = placed(image, self._canvas.width(), self._canvas.height())
        after = Drawing((), picture)
        self._stack.push(DrawingCommand("Photo", self._canvas.drawing, after, self._canvas.set_drawing))
        self._hints.mark_done("picture")

    def _on_picture_failed(self, error: Exception) -> None:
        sentence = sentence_of(error)
        details = "" if sentence == str(error) else details_of(error)
        self._message.show_message(sentence, details=details, action="Open another…", act=self._on_open)

    def _on_copy(self) -> None:
        mime = QMimeData()
        text = self._shown.text if self._shown is not None else ""
        if text:
            mime.setText(text)
        mime.setImageData(self._canvas.picture_to_keep())
        QGuiApplication.clipboard().setMimeData(mime)

    def _on_save(self) -> None:
        text = file_part(self._shown.text if self._shown is not None else "")
        name = f"drawing-{text}.png" if text else "drawing.png"
        path = ask_where(self, "Save the drawing", name, PNG)
        if path is None:
            return
        image = self._canvas.picture_to_keep()
        self._background.run(lambda: save_png(image, path), self._on_saved, self._on_save_failed)

    def _on_saved(self, path: Any) -> None:
        self.status_changed.emit(f"saved as {path.name}")

    def _on_save_failed(self, error: Exception) -> None:
        sentence = f"The drawing could not be saved. {sentence_of(error)}"
        self._message.show_message(sentence, action="Save elsewhere…", act=self._on_save)


def save_png(image: QImage, path: Path) -> Path:
    """Write a PNG aside and rename it. Raises OSError."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    with written_aside(path) as file:
        file.write(bytes(buffer.data().data()))
    return path
