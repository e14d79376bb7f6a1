"""The photos page: one photo or a thousand, read, looked at, corrected, exported."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage, QUndoStack
from PySide6.QtWidgets import QFileDialog, QSplitter, QVBoxLayout, QWidget

from app.image_view.overlay import marks_of
from app.pages.page import Page, PageContext
from app.photos.actions import PhotosActions
from app.photos.bar import PhotosBar, progress_text
from app.photos.corrections import NumberCorrections
from app.photos.export import ReadingsOut
from app.photos.folder_job import FolderJob, FolderProgress
from app.photos.loader import Photo, PhotoLoader, read_copied
from app.photos.results import PhotoResult, Row, first_digit, match_digits, number_at
from app.photos.side_panel import PhotoSide
from app.photos.table import ReadingsTable
from app.photos.table_model import ReadingsModel
from app.photos.view import PhotoView
from app.services.models import ModelState
from app.ui.errors import MessageBar
from app.ui.reading_text import all_digits
from assets import SAMPLES
from core.reading.images import PICTURES
from core.reading.types import Reading
from training.runs.model_cards import Kind

_KINDS = f"Photos ({' '.join('*' + suffix for suffix in PICTURES)});;All files (*)"

_MAY_HAVE_PAGES = (".tif", ".tiff")
"""Files with a reading a page."""


def sample_photos(folder: Path = SAMPLES) -> list[Path]:
    """The sample photos that come with the program, if they are there."""
    return sorted(p for p in folder.glob("*") if p.suffix.lower() in PICTURES)


class PhotosPage(Page):
    """Wires the loader and the folder job to what shows them.

    samples: the folder of sample photos.
    """

    def __init__(
        self,
        context: PageContext,
        *,
        samples: Path = SAMPLES,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._models = context.models
        self._in_use = context.models.state.in_use
        self._samples = sample_photos(samples)
        self._keys = itertools.count(1)
        self._job: FolderJob | None = None
        self._photo: Photo | None = None
        self._selected = -1
        self._place = -1
        self._something_shown = False
        self._undo_stack = QUndoStack(self)
        self._loader = PhotoLoader(context.models, self)
        self._corrector = NumberCorrections(context.corrections, self._undo_stack, self)
        self._model = ReadingsModel(self)
        self._actions = a = PhotosActions(self)
        self._view = PhotoView([a.open, a.open_folder, a.paste, a.sample])
        self._table = ReadingsTable(self._model, copy=a.copy_rows, export=a.export, close=a.clear)
        self._table.hide()
        self._out = ReadingsOut(self._table, self)
        self._side = PhotoSide()
        self._bar = PhotosBar(a)
        self._message = MessageBar()
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self._view)
        self._splitter.addWidget(self._table)
        self._splitter.setStretchFactor(0, 2)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([600, 360])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._message)
        column.addWidget(self._splitter, 1)
        self._connect()
        self._show_photo(None)

    # --- what the window asks for ------------------------------------------------------------------------

    def bottom_bar(self) -> QWidget:
        return self._bar

    def side_widget(self) -> QWidget:
        return self._side

    def menu_actions(self) -> Mapping[str, Sequence[QAction | None]]:
        return self._actions.menus()

    def activate(self) -> None:
        self._view.setFocus()
        self._tell_reading()
        self._show_status()

    def shut_down(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job.wait(5.0)
        self._loader.shut_down()
        self._out.shut_down()

    def select_digit(self, index: int) -> None:
        self._selected = index
        self._mark()
        reading = self._reading()
        self._actions.digits.set_place(index, len(all_digits(reading)))
        if reading is not None:
            self._side.select(number_at(reading, index)[0])

    def correct_digit(self, index: int, digit: int) -> None:
        reading = self._reading()
        place, within = number_at(reading, index) if reading is not None else (-1, -1)
        if reading is None or place < 0:
            return
        text = self._texts()[place]
        if len(text) != len(reading.numbers[place].digits):
            self.notice_changed.emit("The whole number was corrected: change it below.", False)
            return
        self._correct(place, text[:within] + str(digit) + text[within + 1 :], [(within, digit)])

    def undo_correction(self) -> None:
        self._undo_stack.undo()

    # --- for tests ---------------------------------------------------------------------------------------

    @property
    def view(self) -> PhotoView:
        return self._view

    @property
    def table(self) -> ReadingsTable:
        return self._table

    @property
    def model(self) -> ReadingsModel:
        return self._model

    @property
    def side(self) -> PhotoSide:
        return self._side

    @property
    def message(self) -> MessageBar:
        return self._message

    @property
    def bar(self) -> PhotosBar:
        return self._bar

    @property
    def actions_of_page(self) -> PhotosActions:
        return self._actions

    @property
    def job(self) -> FolderJob | None:
        """The reading of a folder that goes on."""
        return self._job

    # --- building ----------------------------------------------------------------------------------------

    def _connect(self) -> None:
        a = self._actions
        self._models.changed.connect(self._on_models_changed)
        self._loader.loaded.connect(self._on_loaded)
        self._loader.was_read.connect(self._on_read)
        self._loader.failed.connect(self._on_failed)
        self._view.paths_dropped.connect(self.open_paths)
        self._view.image_dropped.connect(self._on_image)
        self._view.nothing_dropped.connect(self._on_nothing)
        self._view.mark_clicked.connect(self._on_mark_clicked)
        self._view.zoom_changed.connect(lambda _: self._show_zoom())
        self._table.row_chosen.connect(self._on_row)
        self._side.number_selected.connect(self._on_number)
        self._side.number_corrected.connect(self._on_number_corrected)
        self._undo_stack.canUndoChanged.connect(a.undo.setEnabled)
        self._undo_stack.canRedoChanged.connect(a.redo.setEnabled)
        a.undo.triggered.connect(self._undo_stack.undo)
        a.redo.triggered.connect(self._undo_stack.redo)
        a.undo.setEnabled(False)
        a.redo.setEnabled(False)
        a.open.triggered.connect(self._on_open)
        a.open_folder.triggered.connect(self._on_open_folder)
        a.sample.triggered.connect(lambda: self.open_paths(self._samples))
        a.sample.setVisible(bool(self._samples))
        a.paste.triggered.connect(lambda: self._view.take(QGuiApplication.clipboard().mimeData()))
        a.cancel.triggered.connect(self._on_cancel)
        a.cancel.setEnabled(False)
        a.copy.triggered.connect(self._on_copy)
        a.copy_rows.triggered.connect(self._out.copy)
        a.export.triggered.connect(self._out.ask)
        self._out.exported.connect(lambda name: self._show_status(f"exported as {name}"))
        self._out.failed.connect(self._on_export_failed)
        self._corrector.notice_changed.connect(self.notice_changed)
        self._corrector.corrected.connect(self._show_correction)
        a.clear.triggered.connect(self.close_all)
        a.previous.triggered.connect(lambda: self._table.step(-1))
        a.next.triggered.connect(lambda: self._table.step(1))
        a.zoom_in.triggered.connect(self._view.zoom_in)
        a.zoom_out.triggered.connect(self._view.zoom_out)
        a.fit.triggered.connect(self._view.fit)
        a.actual.triggered.connect(self._view.actual_size)
        a.digits.previous.triggered.connect(lambda: self.digit_selected.emit(self._selected - 1))
        a.digits.next.triggered.connect(lambda: self.digit_selected.emit(self._selected + 1))
        for digit, action in enumerate(a.digits.correct):
            action.triggered.connect(lambda _=False, d=digit: self.correct_digit(self._selected, d))
        a.digits.set_place(-1, 0)
        self._model.counts_changed.connect(self._on_counts)
        self._on_counts()

    # --- photos come -------------------------------------------------------------------------------------

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Read a photo; several of them, or folders, in the background, into the table."""
        self._message.clear()
        if not paths:
            return
        if len(paths) == 1 and not paths[0].is_dir() and paths[0].suffix.lower() not in _MAY_HAVE_PAGES:
            self.close_all()
            self._show(PhotoResult(next(self._keys), paths[0].name, paths[0]))
        else:
            self._start_job(paths)

    def close_all(self) -> None:
        """Forget all photos; a folder being read is left."""
        self._on_cancel()
        self._loader.forget()
        self._undo_stack.clear()
        self._model.clear()
        self._table.hide()
        self._show_photo(None)

    def _on_open(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Open photos", "", _KINDS)
        self.open_paths([Path(name) for name in names])

    def _on_open_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Read all photos of a folder")
        if name:
            self.open_paths([Path(name)])

    def _on_image(self, image: QImage) -> None:
        self._message.clear()
        self.close_all()
        self._show(PhotoResult(next(self._keys), "pasted picture"), lambda: read_copied(image))

    def _on_nothing(self) -> None:
        self._message.tell("There is no photo in it: copy or drag a picture or a file.")

    def _show(self, result: PhotoResult, load: Callable[[], np.ndarray] | None = None) -> None:
        """Load a photo to look at."""
        self._side.set_result(None, reading=True)
        self._loader.show(result, load)

    def _on_loaded(self, photo: Photo) -> None:
        if photo.result.reading is None:
            self._show_photo(photo)

    def _on_read(self, photo: Photo) -> None:
        self._show_photo(photo)
        place, self._place = self._place, -1
        if any(row.result.key == photo.result.key for row in self._model.rows):
            self._model.replace(photo.result)
            self._table.choose(photo.result, place)
            self._select_number(place)
        else:
            self._model.add(photo.result)
            if photo.result.remark:
                self._message.tell(photo.result.remark)

    def _on_failed(self, result: PhotoResult, sentence: str, details: str) -> None:
        if self._photo is not None and self._photo.result.key != result.key:
            self._show_photo(None)
        failed = replace(result, error=sentence)
        self._side.set_result(failed)
        self._view.set_empty(not self._model.rows and not self._view.has_picture)
        self._message.tell(sentence, details=details, action="Open another…", act=self._on_open)

    def _on_models_changed(self, state: ModelState) -> None:
        before, self._in_use = self._in_use, state.in_use
        # What waits for the first model is read with it anyway.
        if before != state.in_use and self._photo is not None and Kind.CLASSIFIER in before:
            self._undo_stack.clear()
            self._loader.read_again(self._photo)

    # --- a folder ----------------------------------------------------------------------------------------

    def _start_job(self, paths: Sequence[Path]) -> None:
        self.close_all()
        self._job = job = FolderJob(paths, self._models, next_key=lambda: next(self._keys), parent=self)
        job.photo_read.connect(lambda result, job=job: self._on_photo_read(job, result))
        job.progressed.connect(lambda progress, job=job: self._on_progress(job, progress))
        job.failed.connect(lambda sentence, job=job: self._on_job_failed(job, sentence))
        job.finished.connect(lambda whole, job=job: self._on_job_finished(job, whole))
        self._something_shown = False
        self._actions.cancel.setEnabled(True)
        self._table.show()
        self._view.set_empty(False)
        job.start()

    def _on_cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _on_photo_read(self, job: FolderJob, result: PhotoResult) -> None:
        if job is not self._job:
            return
        self._model.add(result)
        if not self._something_shown and result.reading is not None:
            self._something_shown = True
            self._table.choose(result)
            self._show(result)

    def _on_progress(self, job: FolderJob, progress: FolderProgress) -> None:
        if job is self._job:
            self._bar.set_progress(progress)
            self.status_changed.emit(progress_text(progress))

    def _on_job_failed(self, job: FolderJob, sentence: str) -> None:
        if job is self._job:
            self._message.tell(sentence, action="Open another…", act=self._on_open_folder)

    def _on_job_finished(self, job: FolderJob, whole: bool) -> None:
        if job is not self._job:
            return
        self._job = None
        self._actions.cancel.setEnabled(False)
        self._bar.set_progress(None)
        if not self._model.rows:
            self._table.hide()
            self._view.set_empty(True)
        self._show_status("" if whole else "stopped")

    def _show_status(self, text: str = "") -> None:
        if self._job is None:
            self.status_changed.emit(text)

    # --- the photo shown ---------------------------------------------------------------------------------

    def _reading(self) -> Reading | None:
        """Of the photo shown, as it was corrected."""
        return self._photo.result.shown_reading() if self._photo is not None else None

    def _texts(self) -> list[str]:
        """The numbers of the photo shown, as they were corrected."""
        if self._photo is None or self._photo.result.reading is None:
            return []
        corrected = self._photo.result.corrected
        return [corrected.get(i, n.text) for i, n in enumerate(self._photo.result.reading.numbers)]

    def _show_photo(self, photo: Photo | None) -> None:
        before, self._photo = self._photo, photo
        same = photo is not None and before is not None and photo.result.key == before.result.key
        self._view.set_levels(photo.levels if photo is not None else (), keep_view=same)
        self._view.set_empty(photo is None and not self._model.rows and self._job is None)
        self._actions.set_photo(photo is not None)
        result = photo.result if photo is not None else None
        self._side.set_result(result, reading=result is not None and result.reading is None)
        if not same:
            self._selected = 0
            self.notice_changed.emit("", False)
        self._show_zoom()
        self._tell_reading()

    def _tell_reading(self) -> None:
        reading = self._reading()
        self.reading_changed.emit(reading)
        self._mark()
        self._actions.digits.set_place(self._selected, len(all_digits(reading)))

    def _mark(self) -> None:
        reading = self._reading()
        if reading is None or self._photo is None:
            self._view.set_marks([])
            return
        corrected = self._photo.result.corrected
        self._view.set_marks(
            [
                replace(mark, text=corrected[i], note="corrected") if i in corrected else mark
                for i, mark in enumerate(marks_of(reading, self._selected))
            ]
        )

    def _show_zoom(self) -> None:
        ratio = self._view.devicePixelRatioF()
        self._bar.set_zoom(self._view.viewport.scale * ratio if self._view.has_picture else None)

    def _on_mark_clicked(self, mark: int, digit: int) -> None:
        reading = self._reading()
        if reading is not None:
            self.digit_selected.emit(first_digit(reading, mark) + max(digit, 0))
            self._choose_row(mark)

    def _on_number(self, place: int) -> None:
        reading = self._reading()
        if reading is not None:
            self.digit_selected.emit(first_digit(reading, place))
            self._choose_row(place)

    def _choose_row(self, place: int) -> None:
        if self._photo is not None:
            self._table.choose(self._photo.result, place)

    def _on_row(self, row: Row) -> None:
        self._something_shown = True
        self._message.clear()
        if row.result.error:
            self._loader.forget()
            self._show_photo(None)
            self._side.set_result(row.result)
        elif self._photo is not None and self._photo.result.key == row.result.key:
            self._select_number(row.place)
        else:
            self._place = row.place
            self._show(row.result)

    def _select_number(self, place: int) -> None:
        reading = self._reading()
        if reading is not None and place >= 0:
            self._side.select(place)
            self.digit_selected.emit(first_digit(reading, place))

    # --- correcting --------------------------------------------------------------------------------------

    def _on_number_corrected(self, place: int, text: str) -> None:
        reading = self._reading()
        if reading is not None:
            self._correct(place, text, match_digits(reading.numbers[place].text, text))

    def _correct(self, place: int, text: str, pairs: Sequence[tuple[int, int]]) -> None:
        if self._photo is not None:
            self._corrector.correct(self._photo, place, text, pairs)

    def _show_correction(self, key: int, place: int, text: str | None) -> None:
        result = next((row.result for row in self._model.rows if row.result.key == key), None)
        if result is None:
            return
        result = result.with_correction(place, text)
        self._model.replace(result)
        if self._photo is not None and self._photo.result.key == key:
            self._photo = replace(self._photo, result=result)
            self._side.set_result(result)
            self._tell_reading()
            self._table.choose(result, place)

    # --- out of the program ------------------------------------------------------------------------------

    def _on_counts(self) -> None:
        photos, _, _ = self._model.counts
        shown = self._model.rowCount()
        for action in (self._actions.export, self._actions.copy_rows):
            action.setEnabled(shown > 0)
        for action in (self._actions.previous, self._actions.next):
            action.setEnabled(photos > 1)

    def _on_copy(self) -> None:
        reading = self._reading()
        if self._table.has_keyboard():
            self._out.copy()
        elif reading is not None and reading.numbers:
            text = " ".join(self._texts())
            QGuiApplication.clipboard().setText(text)
            self.notice_changed.emit(f"{text} is copied.", False)

    def _on_export_failed(self, sentence: str) -> None:
        self._message.tell(sentence, action="Export elsewhere…", act=self._out.ask)
