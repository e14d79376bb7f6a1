"""The camera page: a live picture, read all the time, with steady numbers, a history and every fault named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QStandardPaths, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QUndoStack
from PySide6.QtWidgets import QApplication, QFileDialog, QGridLayout, QVBoxLayout, QWidget

from app.background import Background
from app.camera import Frame, Opener, Phase, State, Turn
from app.camera_actions import CameraActions
from app.camera_bar import CameraBar
from app.camera_feeds import open_feed
from app.camera_notice import CameraNotice, notice_of
from app.camera_session import CameraSession, LiveReading, choose_first
from app.camera_sources import (
    VIDEO_SUFFIXES,
    CameraDevice,
    Source,
    Stream,
    VideoFile,
    list_cameras,
    parse_address,
    sample_video,
)
from app.crop_corrections import CropCorrections
from app.errors import MessageBar, sentence_of
from app.frame_view import FrameView
from app.guide import Guide
from app.history import ClearHistory, History, HistoryEntry, as_text, thumbnail, write_csv
from app.history_view import HistoryView
from app.icons import icon
from app.overlay import Mark, marks_of
from app.page_actions import SpaceStaysWithButtons, page_action
from app.pages import Page, PageContext
from app.photo_reading import SharedReader
from app.reading_text import all_digits
from app.snapshots import save_snapshots
from app.video_strip import VideoStrip
from core.errors import InputError
from core.reading import Reading

_LOOK_MS = 2000
"""Between two looks at which cameras are plugged in."""
_CLOCK_MS = 250
"""Between two updates of frames a second and of a silent source."""
_VIDEOS = f"Videos ({' '.join('*' + s for s in VIDEO_SUFFIXES)});;All files (*)"


def pictures_folder() -> Path:
    """Where saved pictures go."""
    place = QStandardPaths.StandardLocation.PicturesLocation
    return Path(QStandardPaths.writableLocation(place) or Path.home()) / "gnc"


class CameraPage(Page):
    """Wires a `CameraSession` to what shows it.

    reader: shared with the photos page. opener, list_devices, samples, pictures: what opens a source, what
    lists cameras, the folder of samples, where pictures are saved; tests give their own.
    """

    def __init__(
        self,
        context: PageContext,
        reader: SharedReader,
        *,
        opener: Opener = open_feed,
        list_devices: Callable[[], list[CameraDevice]] = list_cameras,
        samples: Path | None = None,
        pictures: Callable[[], Path] = pictures_folder,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context, self._reader = context, reader
        self._list_devices, self._pictures = list_devices, pictures
        self._sample = sample_video(samples)
        self._active = False
        self._listing = False
        self._cameras: list[CameraDevice] | None = None
        self._wanted: Source | None = None
        self._resolution: tuple[int, int] | None = None
        self._first: int | None = None
        self._reading: Reading | None = None
        self._read_frame: Frame | None = None
        self._selected = -1
        self._seconds_to_steady: float | None = None
        self._turn = Turn()
        self._guide = Guide.from_text(context.settings.text("camera/guide"))
        self._undo_stack = QUndoStack(self)
        self._session = CameraSession(reader, opener=opener, parent=self)
        self._background = Background(self)
        self._saver = Background(self)
        self._actions = CameraActions(self)
        self._crops = CropCorrections(context.corrections, self._undo_stack, kind="camera", parent=self)
        self._space = SpaceStaysWithButtons(self)
        self._view = FrameView()
        self._notice = CameraNotice(self._actions)
        self._message = MessageBar()
        self._strip = VideoStrip(self._actions.freeze, self._actions.loop)
        self._strip.hide()
        self._bar = CameraBar(self._actions)
        self._history = History(self)
        self._make_history()
        self._look = QTimer(self, interval=_LOOK_MS)
        self._clock = QTimer(self, interval=_CLOCK_MS)
        over = QGridLayout(self._view)
        over.addWidget(self._notice, 0, 0, Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._message)
        column.addWidget(self._view, 1)
        column.addWidget(self._strip)
        self._connect()
        self._restore()
        self._on_state(self._session.state)

    # --- what the window asks for ------------------------------------------------------------------------

    def bottom_bar(self) -> QWidget:
        return self._bar

    def side_widget(self) -> QWidget:
        return self._history_view

    def menu_actions(self) -> Mapping[str, Sequence[QAction | None]]:
        menus = dict(self._actions.menus())
        history = [self._copy_history, self._export_history, self._clear_history]
        menus["Edit"] = [*menus["Edit"], None, *history]
        return menus

    def activate(self) -> None:
        self._active = True
        self._space.watch(True)
        self._look.start()
        self._clock.start()
        self._look_for_cameras()
        if self._wanted is not None:
            self._open(self._wanted)
        self._view.setFocus()

    def deactivate(self) -> None:
        if not self._active:
            return
        self._active = False
        self._space.watch(False)
        self._look.stop()
        self._clock.stop()
        self._session.close()
        self._view.set_frame(None)
        self._show_reading(None, None)

    def shut_down(self) -> None:
        self.deactivate()
        self._session.shut_down()
        self._background.shut_down()
        self._saver.shut_down()

    def use_model(self, path: Path) -> None:
        self._reader.use_model(path)
        self._session.read_again()

    def select_digit(self, index: int) -> None:
        self._selected = index
        self._actions.digits.set_place(index, len(all_digits(self._reading)))
        if self._session.frozen:
            self._mark_reading()

    def correct_digit(self, index: int, digit: int) -> None:
        self._crops.correct(index, digit)

    def undo_correction(self) -> None:
        self._undo_stack.undo()

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
        return self._history

    @property
    def actions_of_page(self) -> CameraActions:
        return self._actions

    @property
    def strip(self) -> VideoStrip:
        return self._strip

    # --- building ----------------------------------------------------------------------------------------

    def _make_history(self) -> None:
        self._copy_history = page_action(self, "copy", "Copy history")
        self._export_history = page_action(self, "export", "Export history…", tip="Export as CSV")
        self._clear_history = page_action(self, "clear", "Clear history")
        self._history_view = HistoryView(
            self._history,
            copy=self._copy_history,
            export=self._export_history,
            clear=self._clear_history,
            undo=self._actions.undo,
        )
        self._copy_history.triggered.connect(self._on_copy_history)
        self._export_history.triggered.connect(self._on_export_history)
        self._clear_history.triggered.connect(self._on_clear_history)

    def _connect(self) -> None:
        session, a = self._session, self._actions
        session.frame_changed.connect(self._on_frame)
        session.state_changed.connect(self._on_state)
        session.was_read.connect(self._on_read)
        session.reading_failed.connect(lambda text, details: self._message.tell(text, details=details))
        self._look.timeout.connect(self._look_for_cameras)
        self._clock.timeout.connect(self._on_clock)
        self._bar.source_chosen.connect(self.choose)
        self._bar.resolution_chosen.connect(self._on_resolution)
        self._notice.address_given.connect(self._on_address)
        self._strip.sought.connect(session.seek)
        self._view.guide_changed.connect(self._on_guide_moved)
        self._view.mark_clicked.connect(self._on_mark_clicked)
        self._crops.notice_changed.connect(self.notice_changed)
        self._undo_stack.canUndoChanged.connect(a.undo.setEnabled)
        a.undo.setEnabled(False)
        a.undo.triggered.connect(self._undo_stack.undo)
        a.stream.triggered.connect(self._on_stream)
        a.video.triggered.connect(self._on_video)
        a.sample.triggered.connect(self._on_sample)
        a.sample.setVisible(self._sample is not None)
        a.look_again.triggered.connect(self._look_for_cameras)
        a.copy.triggered.connect(self._on_copy)
        a.save.triggered.connect(self._on_save)
        a.freeze.toggled.connect(self._on_freeze)
        a.mirror.toggled.connect(self._on_mirror)
        a.guide.toggled.connect(self._on_guide)
        a.zoom_in.triggered.connect(self._view.zoom_in)
        a.zoom_out.triggered.connect(self._view.zoom_out)
        a.fit.triggered.connect(self._view.fit)
        a.turn.triggered.connect(self._on_turn)
        a.flip.toggled.connect(lambda on: self._set_turn(replace(self._turn, flipped=on)))
        a.darker.triggered.connect(lambda: session.control(lambda c: c.step_exposure(-1)))
        a.brighter.triggered.connect(lambda: session.control(lambda c: c.step_exposure(1)))
        a.automatic.triggered.connect(lambda: session.control(lambda c: c.automatic_exposure()))
        a.torch.toggled.connect(lambda on: session.control(lambda c: c.switch_torch(on)))
        a.sound.toggled.connect(lambda on: self._context.settings.put("camera/sound", on))
        a.loop.toggled.connect(session.set_loop)
        a.digits.previous.triggered.connect(lambda: self.digit_selected.emit(self._selected - 1))
        a.digits.next.triggered.connect(lambda: self.digit_selected.emit(self._selected + 1))
        for digit, action in enumerate(a.digits.correct):
            action.triggered.connect(lambda _=False, d=digit: self.correct_digit(self._selected, d))
        a.digits.set_place(-1, 0)
        a.set_offered(exposure=False, torch=False)
        a.set_running(False)

    def _restore(self) -> None:
        settings, a = self._context.settings, self._actions
        a.mirror.setChecked(settings.flag("camera/mirror", False))
        a.sound.setChecked(settings.flag("camera/sound", False))
        a.guide.setChecked(settings.flag("camera/guide_on", False))
        a.loop.setChecked(True)
        width = settings.number("camera/width", 0, 0, 10_000)
        height = settings.number("camera/height", 0, 0, 10_000)
        self._resolution = (width, height) if width and height else None
        kind, _, name = settings.text("camera/source").partition(" ")
        if kind == "stream":
            self._wanted = Stream(name)
        elif kind == "file" and Path(name).is_file():
            is_sample = self._sample is not None and self._sample.path == Path(name)
            self._wanted = self._sample if is_sample else VideoFile(Path(name))

    # --- the source --------------------------------------------------------------------------------------

    def choose(self, source: Source) -> None:
        """Show this source and remember it."""
        self._wanted = source
        self._remember(source)
        self._notice.ask_address(False)
        self._message.clear()
        if self._active:
            self._open(source)
            self._view.setFocus()  # not where an address was typed: Space freezes

    def _remember(self, source: Source) -> None:
        if isinstance(source, CameraDevice):
            text = f"camera {source.name}"
        elif isinstance(source, Stream):
            text = f"stream {source.without_login}"  # no password lies in a settings file
        else:
            text = f"file {source.path}"
        self._context.settings.put("camera/source", text)

    def _open(self, source: Source) -> None:
        self._actions.freeze.setChecked(False)
        self._actions.torch.setChecked(False)
        self._view.set_frame(None)
        self._view.fit()
        self._show_reading(None, None)
        self._session.open(source, self._resolution if isinstance(source, CameraDevice) else None)
        self._show_sources()
        self._strip.setVisible(isinstance(source, VideoFile))

    def _look_for_cameras(self) -> None:
        if not self._listing:
            self._listing = True
            self._background.run(self._list_devices, self._on_cameras, self._on_no_cameras)

    def _on_cameras(self, cameras: list[CameraDevice]) -> None:
        self._listing = False
        changed = cameras != self._cameras
        self._cameras = cameras
        if not self._active:
            return
        if self._wanted is None and cameras:
            remembered = self._context.settings.text("camera/source").removeprefix("camera ")
            self.choose(next((c for c in cameras if c.name == remembered), cameras[0]))
        elif changed:
            self._show_sources()
        self._show_notice()

    def _on_no_cameras(self, error: Exception) -> None:
        self._on_cameras([])
        self._message.tell(f"Cameras can't be listed. {sentence_of(error)}")

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
        self._resolution = resolution
        width, height = resolution or (0, 0)
        self._context.settings.put("camera/width", width)
        self._context.settings.put("camera/height", height)
        if isinstance(self._session.source, CameraDevice):
            self._open(self._session.source)

    # --- what comes from the session ---------------------------------------------------------------------

    def _on_frame(self, frame: Frame) -> None:
        self._view.set_frame(frame.image)
        if frame.position is not None:
            self._strip.set_place(frame.position)

    def _on_state(self, state: State) -> None:
        running = state.phase is Phase.RUNNING
        self._actions.set_running(running or self._view.has_picture)
        self._actions.set_offered(exposure=state.offered.exposure, torch=state.offered.torch)
        if state.duration is not None:
            self._strip.set_duration(state.duration)
        is_camera = isinstance(self._session.source, CameraDevice)
        self._bar.set_resolution(state.size, self._resolution, enabled=is_camera)
        if state.phase is Phase.WAITING and not self._session.frozen:
            self._show_reading(None, None)
        self._show_notice()

    def _on_clock(self) -> None:
        self._show_notice()
        self.status_changed.emit(self._status())

    def _status(self) -> str:
        if self._session.frozen:
            return "frozen"
        if self._session.state.phase is not Phase.RUNNING:
            return ""
        words = [f"{self._session.frames_per_second():.0f} frames/s"]
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
        self._notice.tell(view)

    def _on_read(self, live: LiveReading) -> None:
        if live.frozen:
            self._show_reading(live.reading, live.frame)
            return
        numbers, self._first = choose_first(live.tracked, self._first)
        reading = Reading(numbers, milliseconds=live.reading.milliseconds) if numbers else None
        first = next((t for t in live.tracked if t.id == self._first and t.steady), None)
        self._seconds_to_steady = first.seconds_to_steady if first is not None else None
        self._show_reading(reading, live.frame)
        steady = [Mark(t.number) for t in live.tracked if t.steady]
        pending = [Mark(t.number, pending=True) for t in live.tracked if not t.steady and t.seen]
        self._view.set_marks([*steady, *pending])
        for sighting in live.news:
            self._note(sighting.tracked.number.text, sighting.tracked.number, live.frame)

    def _note(self, text: str, number: Any, frame: Frame) -> None:
        source = self._session.source
        self._history.add(
            HistoryEntry(
                datetime.now().astimezone(),
                text,
                number.confidence,
                source.name if source is not None else "",
                thumbnail(frame.image, number.box),
            )
        )
        if self._actions.sound.isChecked():
            QApplication.beep()

    def _show_reading(self, reading: Reading | None, frame: Frame | None) -> None:
        if reading is None and self._reading is None:
            self._view.set_marks([])
            return
        self._reading, self._read_frame = reading, frame
        if reading is None:
            self._seconds_to_steady = None
        self._mark_reading()
        self._crops.set_reading(reading, frame.image if frame is not None else None)
        self.reading_changed.emit(reading)

    def _mark_reading(self) -> None:
        """Mark what was read; in a frozen picture the selected digit too."""
        if self._reading is None:
            self._view.set_marks([])
        else:
            selected = self._selected if self._session.frozen else -1
            self._view.set_marks(marks_of(self._reading, selected))

    # --- what the user does ------------------------------------------------------------------------------

    def _on_freeze(self, on: bool) -> None:
        self._session.freeze(on)
        frozen = self._session.frozen
        self._actions.freeze.setIcon(icon("play" if frozen else "freeze"))
        self._view.set_badge("frozen" if frozen else "")
        if frozen != on:
            self._actions.freeze.setChecked(frozen)
        elif not on:
            self._show_reading(None, None)
        self.status_changed.emit(self._status())

    def _on_mirror(self, on: bool) -> None:
        self._view.set_mirrored(on)
        self._context.settings.put("camera/mirror", on)

    def _on_guide(self, on: bool) -> None:
        guide = self._guide if on else None
        self._view.set_guide(guide)
        self._session.set_guide(guide)
        self._context.settings.put("camera/guide_on", on)

    def _on_guide_moved(self, guide: Guide) -> None:
        self._guide = guide
        self._session.set_guide(guide)
        self._context.settings.put("camera/guide", guide.as_text())

    def _on_turn(self) -> None:
        self._set_turn(replace(self._turn, quarters=(self._turn.quarters + 1) % 4))

    def _set_turn(self, turn: Turn) -> None:
        self._turn = turn
        self._session.set_turn(turn)

    def _on_mark_clicked(self, mark: int, digit: int) -> None:
        if self._reading is None:
            return
        number = self._view.marks[mark].number
        if number in self._reading.numbers:
            place = self._reading.numbers.index(number)
            before = sum(len(n.digits) for n in self._reading.numbers[:place])
            self.digit_selected.emit(before + max(digit, 0))

    def _on_copy(self) -> None:
        if self._history_view.has_keyboard():
            self._on_copy_history()
        elif self._reading is not None and self._reading.numbers:
            text = self._reading.numbers[0].text
            QGuiApplication.clipboard().setText(text)
            self.notice_changed.emit(f"{text} is copied.", False)

    def _on_save(self) -> None:
        frame = self._session.newest()
        if frame is None:
            return
        marks = tuple(m for m in self._view.marks if not m.pending)
        image: np.ndarray = frame.image
        font, folder = self.font(), self._pictures()
        self._saver.run(
            lambda: save_snapshots(image, marks, font, folder, datetime.now()),
            lambda paths: self.notice_changed.emit(f"Saved in {paths[0].parent}: {paths[0].name}", False),
            lambda error: self._message.tell(f"The picture could not be saved. {sentence_of(error)}"),
        )

    # --- the history -------------------------------------------------------------------------------------

    def _on_copy_history(self) -> None:
        QGuiApplication.clipboard().setText(as_text(self._history_view.selected()))

    def _on_export_history(self) -> None:
        stamp = datetime.now().strftime("%Y-%m-%d")
        name, _ = QFileDialog.getSaveFileName(
            self, "Export the history", f"numbers-{stamp}.csv", "Comma-separated values (*.csv)"
        )
        if not name:
            return
        path = Path(name) if Path(name).suffix else Path(name).with_suffix(".csv")
        entries = self._history.entries
        self._saver.run(
            lambda: write_csv(entries, path),
            lambda written: self.notice_changed.emit(f"Exported as {written.name}.", False),
            lambda error: self._message.tell(f"The history could not be exported. {sentence_of(error)}"),
        )

    def _on_clear_history(self) -> None:
        self._undo_stack.push(ClearHistory(self._history))
