"""The photos page: one photo or a thousand, read, looked at, corrected, exported."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.image_view.overlay import marks_of
from app.pages.page import Page, PageContext
from app.photos.actions import MENUS, NEED_PHOTO, SAY, PhotosAction
from app.photos.bar import PhotosBar, progress_text
from app.photos.export import ReadingsOut
from app.photos.files import ask_folder, ask_photos, is_one_photo, sample_photos
from app.photos.folder_job import FolderProgress
from app.photos.label_actions import LabelActions
from app.photos.labelling import PhotoLabelling, TurnCommand
from app.photos.layout import PhotosLayout
from app.photos.loader import Photo, PhotoLoader
from app.photos.picture_cache import PictureCache
from app.photos.reading_queue import ReadingQueue
from app.photos.results import PhotoResult, Row
from app.photos.review import PhotosReview
from app.photos.side_panel import PhotoSide
from app.photos.table import ReadingsTable
from app.photos.table_model import ReadingsModel
from app.photos.view import PhotoView
from app.review.review import Review
from app.services.models import ModelState
from app.ui.actions import DigitAction, PageAction, PageActions
from app.ui.errors import MessageBar
from app.ui.images import copied_picture
from app.ui.shown_reading import DigitRef
from assets import SAMPLES
from training.runs.model_cards import Kind


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
        self._pasted: dict[int, QImage] = {}
        self._photo: Photo | None = None
        self._place: int | None = None
        self._something_shown = False
        self._undo_stack = self.undo_stack
        self._cache = PictureCache()
        self._queue = ReadingQueue(context.models, self._cache, self._keys, self)
        self._loader = PhotoLoader(context.models, self._cache, self)
        self._model = ReadingsModel(self)
        self._actions = a = PageActions(self, PhotosAction, MENUS)
        a.bind_undo(self._undo_stack, PhotosAction.UNDO, PhotosAction.REDO)
        self._layout = layout = PhotosLayout(a, self._model)
        self._view, self._table, self._message = layout.view, layout.table, layout.message
        self._review = PhotosReview(context, self, layout, a, lambda: self._model.rows)
        self._labelling = PhotoLabelling(
            context.corrections,
            self._undo_stack,
            context.models,
            context.settings,
            self._review.release,
            self,
        )
        self._say = LabelActions(
            self._labelling, self._view, a, self._message, lambda: self._photo, lambda: self._selected
        )
        self._out = ReadingsOut(self._table, self)
        self._side = PhotoSide([a[way] for way in SAY])
        self._bar = PhotosBar(a)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(layout, 1)
        self._connect()
        self._show_photo(None)

    # --- what the window asks for ------------------------------------------------------------------------

    def bottom_bar(self) -> QWidget:
        return self._bar

    def side_widget(self) -> QWidget:
        return self._side

    def menu_actions(self) -> Mapping[str, Sequence[QAction | None]]:
        return self._actions.menus()

    @property
    def uses_panel(self) -> bool:
        return not self._review.is_open

    def activate(self) -> None:
        (self._review.review.view.field if self._review.is_open else self._view).setFocus()
        self._tell_reading()
        self._show_status()

    def shut_down(self) -> None:
        self._queue.shut_down()
        self._loader.shut_down()
        self._out.shut_down()
        self._review.shut_down()

    def select_digit(self, ref: DigitRef | None) -> None:
        super().select_digit(ref)
        self._mark()
        if ref is not None and ref.number is not None:
            self._side.select(ref.number)
            self._choose_row(ref.number)

    def correct_digit(self, ref: DigitRef, digit: int) -> None:
        if self._photo is not None:
            self._labelling.label_digit(self._photo, ref, digit)

    def correct_number(self, place: int | None, written: str) -> None:
        self._say.correct_number(place, written)

    def give_up_number(self) -> None:
        self._say.give_up_number()

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
    def actions_of_page(self) -> PageActions:
        return self._actions

    @property
    def review(self) -> Review:
        return self._review.review

    @property
    def queue(self) -> ReadingQueue:
        """The reading of folders that goes on."""
        return self._queue

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
        self._say.number_wanted.connect(self.number_wanted)
        self._out.exported.connect(lambda name: self._show_status(f"exported as {name}"))
        self._out.failed.connect(self._on_export_failed)
        self._review.changed.connect(self._on_review)
        self._review.said.connect(self._labelling.note_reviewed)
        self._labelling.notice_changed.connect(self.notice_changed)
        self._labelling.changed.connect(self._show_labels)
        self._model.counts_changed.connect(self._on_counts)
        a.wanted.connect(self._on_action)
        a[PhotosAction.SAMPLE].setVisible(bool(self._samples))
        self._queue.photo_read.connect(self._on_photo_read)
        self._queue.progressed.connect(self._on_progress)
        self._queue.failed.connect(self._on_queue_failed)
        self._queue.changed.connect(self._on_queue_changed)
        self._on_queue_changed()
        self._on_counts()

    def _on_action(self, action: PageAction, checked: bool) -> None:
        match action:
            case DigitAction():
                self.on_digit_action(action)
            case PhotosAction.OPEN:
                self._on_open()
            case PhotosAction.OPEN_FOLDER:
                self._on_open_folder()
            case PhotosAction.SAMPLE:
                self.open_paths(self._samples)
            case PhotosAction.PASTE:
                self._view.take(QGuiApplication.clipboard().mimeData())
            case PhotosAction.CANCEL:
                self._queue.cancel()
            case PhotosAction.GO_ON:
                self._queue.go_on()
            case PhotosAction.COPY:
                self._on_copy()
            case PhotosAction.COPY_ROWS:
                self._out.copy()
            case PhotosAction.EXPORT:
                self._out.ask()
            case PhotosAction.CLEAR:
                self.close_all()
            case PhotosAction.PREVIOUS | PhotosAction.NEXT:
                self._table.step(1 if action is PhotosAction.NEXT else -1)
            case PhotosAction.TURN_LEFT | PhotosAction.TURN_RIGHT:
                self._on_turn(1 if action is PhotosAction.TURN_RIGHT else -1)
            case PhotosAction.ZOOM_IN:
                self._view.zoom_in()
            case PhotosAction.ZOOM_OUT:
                self._view.zoom_out()
            case PhotosAction.FIT:
                self._view.fit()
            case PhotosAction.ACTUAL:
                self._view.actual_size()

    # --- photos come -------------------------------------------------------------------------------------

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Read photos and folders: one photo by itself, several in the background, into the table.

        Where the table is shown, they come in addition to what is in it.
        """
        self._message.clear()
        if not paths:
            return
        if self._has_list:
            self._read_in_background(paths)
        elif len(paths) == 1 and is_one_photo(paths[0]):
            self.close_all()
            self._show(PhotoResult(next(self._keys), paths[0].name, paths[0]))
        else:
            self.close_all()
            self._read_in_background(paths)

    @property
    def _has_list(self) -> bool:
        """Whether there is a table of photos."""
        return not self._table.isHidden()

    def close_all(self) -> None:
        """Forget all photos; a folder being read is left."""
        self._queue.forget()
        self._loader.forget()
        self._cache.clear()
        self._pasted.clear()
        self._undo_stack.clear()
        self._labelling.forget()
        self._model.clear()
        self._table.hide()
        self._show_photo(None)

    def _on_open(self) -> None:
        self.open_paths(ask_photos(self))

    def _on_open_folder(self) -> None:
        self.open_paths(ask_folder(self))

    def _on_image(self, image: QImage) -> None:
        self._message.clear()
        if not self._has_list:
            self.close_all()
        result = PhotoResult(next(self._keys), "pasted photo")
        self._pasted[result.key] = image
        self._show(result)

    def _on_nothing(self) -> None:
        self._message.show_message("There is no photo in it: copy or drag a photo or a file.")

    def _show(self, result: PhotoResult) -> None:
        """Load a photo to look at."""
        self._side.set_result(None, reading=True)
        pasted = self._pasted.get(result.key)
        self._loader.show(result, (lambda: copied_picture(pasted)) if pasted is not None else None)

    def _on_loaded(self, photo: Photo) -> None:
        if photo.result.reading is None:
            self._show_photo(photo)

    def _on_read(self, photo: Photo) -> None:
        place, self._place = self._place, None
        if self._model.result_of(photo.result.key) is not None:
            self._model.replace(photo.result)
        else:
            self._model.add(photo.result)
            if photo.result.remark:
                self._message.show_message(photo.result.remark)
        self._show_photo(photo)
        self._table.choose(photo.result, place)
        self._select_number(place)

    def _on_failed(self, result: PhotoResult, sentence: str, details: str) -> None:
        if self._photo is not None and self._photo.result.key != result.key:
            self._show_photo(None)
        failed = replace(result, error=sentence)
        self._side.set_result(failed)
        self._view.set_empty(not self._model.rows and not self._view.has_picture)
        self._message.show_message(sentence, details=details, action="Open another…", act=self._on_open)

    def _on_models_changed(self, state: ModelState) -> None:
        before, self._in_use = self._in_use, state.in_use
        # What waits for the first model is read with it anyway.
        if before != state.in_use and self._photo is not None and Kind.CLASSIFIER in before:
            self._undo_stack.clear()
            self._labelling.forget()
            self._loader.read_again(self._photo)

    # --- a folder ----------------------------------------------------------------------------------------

    def _read_in_background(self, paths: Sequence[Path]) -> None:
        """Into the table; the first of them that has a reading is shown."""
        self._something_shown = False
        self._table.show()
        self._view.set_empty(False)
        self._queue.add(paths)

    def _on_photo_read(self, result: PhotoResult) -> None:
        self._model.add(result)
        if not self._something_shown and result.reading is not None:
            self._something_shown = True
            self._table.choose(result)
            self._show(result)

    def _on_progress(self, progress: FolderProgress) -> None:
        self._bar.set_progress(progress)
        self.status_changed.emit(progress_text(progress))

    def _on_queue_failed(self, sentence: str) -> None:
        self._message.show_message(sentence, action="Open another…", act=self._on_open_folder)

    def _on_queue_changed(self) -> None:
        queue = self._queue
        self._actions.set_enabled(queue.is_running, PhotosAction.CANCEL)
        self._actions[PhotosAction.GO_ON].setVisible(queue.can_go_on)
        self._actions.set_enabled(queue.can_go_on, PhotosAction.GO_ON)
        self._on_counts()
        if queue.is_running:
            return
        self._bar.set_progress(None)
        if not self._model.rows:
            self._table.hide()
            self._view.set_empty(self._photo is None)
        self._show_status("stopped" if queue.can_go_on else "")

    def _show_status(self, text: str = "") -> None:
        if not self._queue.is_running:
            self.status_changed.emit(text)

    # --- the photo shown ---------------------------------------------------------------------------------

    def _show_photo(self, photo: Photo | None) -> None:
        before, self._photo = self._photo, photo
        same = (
            photo is not None
            and before is not None
            and (photo.result.key, photo.result.quarters) == (before.result.key, before.result.quarters)
        )
        self._view.set_levels(photo.levels if photo is not None else (), keep_view=same)
        self._view.set_empty(photo is None and not self._model.rows and not self._queue.is_running)
        self._actions.set_enabled(photo is not None, *NEED_PHOTO)
        self._on_counts()
        result = photo.result if photo is not None else None
        self._side.set_result(result, reading=result is not None and result.reading is None)
        if not same:
            self._selected = None
            self.end_key_run()
            self._view.set_new_box(None)
            self.notice_changed.emit("", False)
        self._show_zoom()
        self._tell_reading()

    def _tell_reading(self) -> None:
        self._shown = self._photo.result.shown if self._photo is not None else None
        self.reading_changed.emit(self._shown)
        self._mark()

    def _mark(self) -> None:
        self._view.set_marks(marks_of(self._shown, self._selected) if self._shown is not None else [])
        self._actions.set_selected(self._shown, self._selected)
        self._actions.set_enabled(self._shown is not None, PhotosAction.NO_NUMBER)

    def _show_zoom(self) -> None:
        ratio = self._view.devicePixelRatioF()
        self._bar.set_zoom(self._view.viewport.scale * ratio if self._view.has_picture else None)

    def _on_mark_clicked(self, ref: DigitRef) -> None:
        self.digit_selected.emit(ref)
        self._choose_row(ref.number)

    def _on_number(self, place: int) -> None:
        self.digit_selected.emit(DigitRef(place, 0))
        self._choose_row(place)

    def _choose_row(self, place: int | None) -> None:
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

    def _select_number(self, place: int | None) -> None:
        if self._shown is not None and place is not None:
            self._side.select(place)
            self.digit_selected.emit(DigitRef(place, 0))

    # --- correcting and turning --------------------------------------------------------------------------

    def _show_labels(self, key: int) -> None:
        """Show what was said of a photo in the table and, where it is the one looked at, everywhere else."""
        before = self._model.result_of(key)
        if before is None:
            return
        result = self._labelling.labelled(before)
        self._model.replace(result)
        if self._photo is not None and self._photo.result.key == key:
            self._photo = replace(self._photo, result=result)
            self._side.set_result(result)
            self._tell_reading()
            self._table.choose(result, self._selected.number if self._selected is not None else None)

    def _on_turn(self, quarters: int) -> None:
        if self._photo is not None:
            before = self._model.result_of(self._photo.result.key) or self._photo.result
            self._undo_stack.push(TurnCommand(before, before.turned(quarters), self._show))

    # --- the review --------------------------------------------------------------------------------------

    def _on_review(self) -> None:
        if self._review.is_open:
            self._loader.forget()
            self._show_photo(None)
            self.panel_changed.emit()
            return
        self.panel_changed.emit()
        self._actions[PhotosAction.KEEP_WHOLE].setChecked(self._labelling.keeps_whole)
        self._on_counts()
        self._table.show_current()
        self._view.setFocus()

    # --- out of the program ------------------------------------------------------------------------------

    def _on_counts(self) -> None:
        if self._review.is_open:
            return
        photos, _, _ = self._model.counts
        self._actions.set_enabled(self._model.rowCount() > 0, PhotosAction.EXPORT, PhotosAction.COPY_ROWS)
        self._actions.set_enabled(photos > 1, PhotosAction.PREVIOUS, PhotosAction.NEXT)
        self._actions.set_enabled(photos > 0 and not self._queue.is_running, PhotosAction.REVIEW)
        self._actions.set_enabled(photos > 0 or self._photo is not None, PhotosAction.CLEAR)

    def _on_copy(self) -> None:
        if self._table.has_keyboard():
            self._out.copy()
        elif self._shown is not None and self._shown.text:
            QGuiApplication.clipboard().setText(self._shown.text)
            self.notice_changed.emit(f"{self._shown.text} is copied.", False)

    def _on_export_failed(self, sentence: str) -> None:
        self._message.show_message(sentence, action="Export elsewhere…", act=self._out.ask)
