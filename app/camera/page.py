"""The camera page: a live picture, read all the time, with steady numbers, a history and every fault named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QGridLayout, QVBoxLayout, QWidget

from app.camera.actions import MENUS, NEED_FRAME, CameraAction
from app.camera.bar import CameraBar
from app.camera.frame_view import FrameView
from app.camera.history import History, HistoryEntry
from app.camera.history_panel import HistorySide
from app.camera.history_review import HistoryReview
from app.camera.labelling import CameraLabelling
from app.camera.notice import CameraNotice, notice_of
from app.camera.picture_controls import PictureControls
from app.camera.playback_bar import VideoStrip
from app.camera.session import CameraSession, LiveReading
from app.camera.settings import CameraMemory
from app.camera.snapshots import SnapshotSaver, pictures_folder
from app.camera.source.capture import CapturePhase, Frame, Opener, State, rate_text
from app.camera.source.controls import NOTHING_OFFERED
from app.camera.source.device_watcher import CameraFinder
from app.camera.source.feeds import open_feed
from app.camera.source.sources import (
    VIDEO_SUFFIXES,
    CameraDevice,
    Source,
    Stream,
    VideoFile,
    list_cameras,
    parse_address,
    sample_video,
)
from app.image_view.overlay import OverlayMark, marks_of
from app.pages.page import Page, PageContext
from app.review.page_review import PageStack
from app.services.models import ModelState
from app.ui.actions import DigitAction, PageAction, PageActions, SpaceStaysWithButtons
from app.ui.errors import MessageBar
from app.ui.icons import icon
from app.ui.shown_reading import DigitRef, ShownNumber, in_reading_order
from core.base.errors import InputError
from core.reading.types import Box, Reading

_CLOCK_MS = 250
"""Between two updates of frames a second and of a silent source."""
_VIDEOS = f"Videos ({' '.join('*' + s for s in VIDEO_SUFFIXES)});;All files (*)"


class CameraPage(Page):
    """Wires a `CameraSession` to what shows it.

    opener, list_devices, samples, pictures: what opens a source, what
    lists cameras, the folder of samples, where pictures are saved; tests give their own.
    """

    def __init__(
        self,
        context: PageContext,
        *,
        opener: Opener = open_feed,
        list_devices: Callable[[], list[CameraDevice]] = list_cameras,
        samples: Path | None = None,
        pictures: Callable[[], Path] = pictures_folder,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._in_use = context.models.state.in_use
        self._memory = CameraMemory(context.settings)
        self._sample = sample_video(samples)
        self._active = False
        self._cameras: list[CameraDevice] | None = None
        self._wanted: Source | None = self._memory.source(self._sample)
        self._reading: Reading | None = None
        self._segment = 0
        self._seconds_to_steady: float | None = None
        self._read_image: NDArray[np.uint8] | None = None
        self._is_held = False
        self._undo_stack = self.undo_stack
        self._session = CameraSession(context.models, opener=opener, parent=self)
        self._finder = CameraFinder(list_devices, self)
        self._saver = SnapshotSaver(pictures, self)
        self._actions = PageActions(self, CameraAction, MENUS)
        self._actions.bind_undo(self._undo_stack, CameraAction.UNDO)
        self._labelling = CameraLabelling(
            context.corrections, self._undo_stack, context.models, context.settings, self
        )
        self._space = SpaceStaysWithButtons(self)
        self._view = FrameView()
        self._notice = CameraNotice(self._actions)
        self._picture = PictureControls(self._session, self._view, self._memory, self._actions, self)
        self._message = MessageBar(self._view)
        self._strip = VideoStrip(self._actions[CameraAction.FREEZE], self._actions[CameraAction.LOOP])
        self._strip.hide()
        self._bar = CameraBar(self._actions)
        self._side = HistorySide(
            self, self._undo_stack, self._actions[CameraAction.UNDO], self._actions[CameraAction.REVIEW]
        )
        self._clock = QTimer(self, interval=_CLOCK_MS)
        over = QGridLayout(self._view)
        over.addWidget(self._notice, 0, 0, Qt.AlignmentFlag.AlignCenter)
        live = QWidget()
        column = QVBoxLayout(live)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._view, 1)
        column.addWidget(self._strip)
        stack = PageStack(live)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(stack)
        history = self._side.history
        self._review = HistoryReview(context, self, self._actions, self._message, stack, history)
        self._labelling.set_release(self._review.release)
        self._connect()
        context.models.changed.connect(self._on_models_changed)
        self._picture.restore()
        self._on_state(self._session.state)

    # --- what the window asks for ------------------------------------------------------------------------

    def bottom_bar(self) -> QWidget:
        return self._bar

    def side_widget(self) -> QWidget:
        return self._side.view

    def menu_actions(self) -> Mapping[str, Sequence[QAction | None]]:
        menus = dict(self._actions.menus())
        menus["Edit"] = [*menus["Edit"], None, *self._side.actions()]
        return menus

    @property
    def uses_panel(self) -> bool:
        return not self._review.is_open

    def activate(self) -> None:
        self._active = True
        self._space.watch(True)
        self._clock.start()
        self._finder.start()
        if self._wanted is not None:
            self._open(self._wanted)
        (self._review.review.view.field if self._review.is_open else self._view).setFocus()

    def deactivate(self) -> None:
        if not self._active:
            return
        self._active = False
        self._space.watch(False)
        self._finder.stop()
        self._clock.stop()
        self._session.close()
        self._view.set_frame(None)
        self._show_reading(None, None)

    def shut_down(self) -> None:
        self.deactivate()
        self._session.shut_down()
        self._finder.shut_down()
        self._saver.shut_down()
        self._review.shut_down()
        self._side.shut_down()

    def select_digit(self, ref: DigitRef | None) -> None:
        super().select_digit(ref)
        self._actions.set_selected(self._shown, ref)
        if self._session.frozen:
            self._mark_reading()

    def correct_digit(self, ref: DigitRef, digit: int) -> None:
        self._labelling.label_digit(ref, digit)

    def begin_typing(self) -> None:
        """The picture stands still, so that what is typed is said of what was seen."""
        if not self._session.frozen and self._reading is not None:
            self._is_held = True
            self._actions[CameraAction.FREEZE].setChecked(True)
            self._view.set_frame(self._read_image)  # not a later one: the boxes are of this one

    def correct_number(self, place: int | None, written: str) -> None:
        box = self._view.new_box
        self.give_up_number()
        if place is not None or box is not None or self._labelling.keeps_whole:
            self._labelling.say_number(place, written, box)
        else:
            self._message.show_message("Draw a box around the number first (B).")

    def give_up_number(self) -> None:
        self._view.set_new_box(None)
        self._view.setFocus()

    # --- for tests ---------------------------------------------------------------------------------------

    @property
    def session(self) -> CameraSession:
        return self._session

    @property
    def view(self) -> FrameView:
        return self._view

    @property
    def notice(self) -> CameraNotice:
        return self._notice

    @property
    def message(self) -> MessageBar:
        return self._message

    @property
    def history(self) -> History:
        return self._side.history

    @property
    def actions_of_page(self) -> PageActions:
        return self._actions

    @property
    def strip(self) -> VideoStrip:
        return self._strip

    # --- building ----------------------------------------------------------------------------------------

    def _connect(self) -> None:
        session, a = self._session, self._actions
        session.frame_changed.connect(self._on_frame)
        session.state_changed.connect(self._on_state)
        session.was_read.connect(self._on_read)
        session.reading_failed.connect(
            lambda text, details: self._message.show_message(text, details=details)
        )
        self._finder.found.connect(self._on_cameras)
        self._finder.failed.connect(self._message.show_message)
        self._side.notified.connect(lambda text: self.notice_changed.emit(text, False))
        self._side.failed.connect(self._message.show_message)
        self._saver.saved.connect(lambda text: self.notice_changed.emit(text, False))
        self._saver.failed.connect(self._message.show_message)
        self._clock.timeout.connect(self._on_clock)
        self._bar.source_chosen.connect(self.choose)
        self._bar.resolution_chosen.connect(self._on_resolution)
        self._notice.address_given.connect(self._on_address)
        self._strip.sought.connect(self._on_seek)
        self._view.box_drawn.connect(self._on_box_drawn)
        self._review.changed.connect(self._on_review)
        self._side.view.entry_picked.connect(self._on_entry_picked)
        self._view.mark_clicked.connect(self.digit_selected)
        self._labelling.notice_changed.connect(self.notice_changed)
        self._labelling.changed.connect(self._on_corrected)
        self._labelling.entry_changed.connect(self._side.history.correct)
        a.wanted.connect(self._on_action)
        a[CameraAction.SAMPLE].setVisible(self._sample is not None)
        self._picture.show_offered(NOTHING_OFFERED)
        a.set_enabled(False, *NEED_FRAME)

    def _on_action(self, action: PageAction, checked: bool) -> None:
        match action:
            case DigitAction():
                self.on_digit_action(action)
            case CameraAction.STREAM:
                self._on_stream()
            case CameraAction.VIDEO:
                self._on_video()
            case CameraAction.SAMPLE:
                self._on_sample()
            case CameraAction.LOOK_AGAIN:
                self._finder.look()
            case CameraAction.COPY:
                self._on_copy()
            case CameraAction.SAVE:
                self._on_save()
            case CameraAction.FREEZE:
                self._on_freeze(checked)
            case CameraAction.BOX:
                self._view.draw_boxes(checked)
            case CameraAction.NO_NUMBER:
                if self._selected is not None and self._selected.number is not None:
                    self.correct_number(self._selected.number, "")

    # --- the source --------------------------------------------------------------------------------------

    def choose(self, source: Source) -> None:
        """Show this source and remember it."""
        self._wanted = source
        self._memory.remember(source)
        self._notice.ask_address(False)
        self._message.clear()
        if self._active:
            self._open(source)
            self._view.setFocus()  # not where an address was typed: Space freezes

    def _open(self, source: Source) -> None:
        for action in (CameraAction.FREEZE, CameraAction.TORCH):
            self._actions[action].setChecked(False)
        self._view.set_frame(None)
        self._view.fit()
        self._show_reading(None, None)
        self._labelling.set_source(source.name)
        self._session.open(source, self._memory.resolution if isinstance(source, CameraDevice) else None)
        self._show_sources()
        self._strip.setVisible(isinstance(source, VideoFile))

    def _on_cameras(self, cameras: list[CameraDevice]) -> None:
        changed = cameras != self._cameras
        self._cameras = cameras
        if not self._active:
            return
        if self._wanted is None and cameras:
            self.choose(self._memory.camera(cameras))
        elif changed:
            self._show_sources()
        self._show_notice()

    def _show_sources(self) -> None:
        self._bar.set_sources(self._cameras or [], self._session.source)

    def _on_stream(self) -> None:
        source = self._session.source
        self._notice.ask_address(True, source.url if isinstance(source, Stream) else "")

    def _on_address(self, text: str) -> None:
        try:
            self.choose(parse_address(text))
        except InputError as error:
            self._notice.refuse_address(str(error))

    def _on_video(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open a video", "", _VIDEOS)
        if name:
            self.choose(VideoFile(Path(name)))

    def _on_sample(self) -> None:
        if self._sample is not None:
            self.choose(self._sample)

    def _on_resolution(self, resolution: tuple[int, int] | None) -> None:
        self._memory.resolution = resolution
        if isinstance(self._session.source, CameraDevice):
            self._open(self._session.source)

    # --- what comes from the session ---------------------------------------------------------------------

    def _on_seek(self, seconds: float) -> None:
        self._is_held = False
        self._session.seek(seconds)

    def _on_frame(self, frame: Frame) -> None:
        if self._is_held:
            return  # it was on its way when the picture was held
        if frame.segment != self._segment:
            # Boxes of one picture must not stand on the next.
            self._segment = frame.segment
            self._show_reading(None, None)
        self._view.set_frame(frame.image)
        if frame.position is not None:
            self._strip.set_place(frame.position)

    def _on_state(self, state: State) -> None:
        running = state.phase is CapturePhase.RUNNING
        self._actions.set_enabled(running or self._view.has_picture, *NEED_FRAME)
        self._picture.show_offered(state.offered)
        if state.duration is not None:
            self._strip.set_duration(state.duration)
        is_camera = isinstance(self._session.source, CameraDevice)
        self._bar.set_resolution(state.size, self._memory.resolution, enabled=is_camera)
        if state.phase is CapturePhase.WAITING and not self._session.frozen:
            self._show_reading(None, None)
        self._show_notice()

    def _on_clock(self) -> None:
        self._show_notice()
        self.status_changed.emit(self._status())

    def _status(self) -> str:
        if self._session.frozen:
            return "frozen"
        if self._session.state.phase is not CapturePhase.RUNNING:
            return ""
        words = [rate_text(self._session.frames_per_second())]
        if self._seconds_to_steady is not None:
            words.append(f"steady after {self._seconds_to_steady:.1f} s")
        return " · ".join(words)

    def _show_notice(self) -> None:
        view = notice_of(
            self._session.state,
            self._session.source,
            looking=self._cameras is None,
            any_camera=bool(self._cameras),
        )
        self._notice.show_view(view)

    def _on_read(self, live: LiveReading) -> None:
        if live.frozen:
            if not self._is_held:
                self._show_reading(live.reading, live.frame.image)
            return
        if self._is_held:
            return  # it was on its way when the picture was held
        steady = [t for t in live.tracked if t.steady]
        self._seconds_to_steady = steady[0].seconds_to_steady if steady else None
        numbers = tuple(t.number for t in steady)
        self._show_reading(Reading(numbers, milliseconds=live.reading.milliseconds), live.frame.image)
        pending = [OverlayMark(ShownNumber(t.number)) for t in live.tracked if not t.steady and t.seen]
        self._view.set_marks([*self._view.marks, *pending])
        source, news = self._session.source, {sighting.tracked.id for sighting in live.news}
        for t in steady:
            name = source.name if source else ""
            group = self._labelling.group
            is_new = self._side.note(t, live.frame.image, name, is_news=t.id in news, group=group)
            if is_new and self._actions[CameraAction.SOUND].isChecked():
                QApplication.beep()

    def _show_reading(self, reading: Reading | None, image: NDArray[np.uint8] | None) -> None:
        if reading is None and self._reading is None:
            self._view.set_marks([])
            return
        self._reading = in_reading_order(reading) if reading is not None else None
        if reading is None:
            self._seconds_to_steady = None
        self._read_image = image
        self._labelling.show_picture(self._reading, image)
        self._on_corrected()

    def _on_corrected(self) -> None:
        """Show the reading with what was said of it."""
        self._shown = self._labelling.labelled(self._reading) if self._reading is not None else None
        self._mark_reading()
        self.reading_changed.emit(self._shown)

    def _mark_reading(self) -> None:
        """Mark what was read; in a frozen picture the selected digit too."""
        selected = self._selected if self._session.frozen else None
        self._view.set_marks(marks_of(self._shown, selected) if self._shown is not None else [])

    def _on_models_changed(self, state: ModelState) -> None:
        if state.in_use != self._in_use:
            self._in_use = state.in_use
            self._session.read_again()

    # --- what the user does ------------------------------------------------------------------------------

    def _on_freeze(self, on: bool) -> None:
        self._session.freeze(on)
        frozen = self._session.frozen
        self._actions[CameraAction.FREEZE].setIcon(icon("play" if frozen else "freeze"))
        self._view.set_badge("frozen" if frozen else "")
        if frozen != on:
            self._actions[CameraAction.FREEZE].setChecked(frozen)
        elif not on:
            self._is_held = False
            self.give_up_number()
            self._show_reading(None, None)
        self._view.allow_boxes(frozen)
        self._actions.set_enabled(frozen, CameraAction.BOX)
        self.status_changed.emit(self._status())

    def _on_entry_picked(self, entry: HistoryEntry) -> None:
        """Show a number of the history as it was seen, to say what it is; the live picture waits."""
        if entry.seen is None:
            return
        self._is_held = True
        self._actions[CameraAction.FREEZE].setChecked(True)
        image = entry.seen.image()
        self._view.set_frame(image)
        self._view.fit()
        self._view.set_badge(f"seen at {entry.time:%H:%M:%S}")
        self._reading = Reading((entry.seen.number,))
        self._labelling.show_entry(entry, image)
        self._on_corrected()

    def _on_review(self) -> None:
        """The live picture waits while the history is reviewed."""
        self._actions[CameraAction.FREEZE].setChecked(self._review.is_open)
        self.panel_changed.emit()
        if not self._review.is_open:
            self._view.setFocus()

    def _on_box_drawn(self, box: Box) -> None:
        self._actions[CameraAction.BOX].setChecked(False)
        self.number_wanted.emit(None, "")

    def _on_copy(self) -> None:
        if self._side.view.has_keyboard():
            self._side.copy()
        elif self._shown is not None and self._shown.text:
            QGuiApplication.clipboard().setText(self._shown.text)
            self.notice_changed.emit(f"{self._shown.text} is copied.", False)

    def _on_save(self) -> None:
        frame = self._session.newest()
        if frame is not None:
            self._saver.save(frame.image, [m for m in self._view.marks if not m.is_pending], self.font())
