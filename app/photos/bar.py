"""The photos page's part of the bottom bar: bring photos, zoom, and how far a folder has been read."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QWidget

from app.photos.actions import PhotosAction
from app.photos.folder_job import FolderProgress
from app.ui.actions import PageActions, tool_button, way_button
from training.ui import wording


def progress_text(progress: FolderProgress) -> str:
    """ "312 of 1 000", "looking for photos …"."""
    if progress.total is None:
        return "looking for photos …"
    text = f"{wording.count(progress.done)} of {wording.count(progress.total)}"
    return f"{text}, {wording.count(progress.problems)} could not be read" if progress.problems else text


class PhotosBar(QWidget):
    """A button an action; while a folder is read, a progress bar and a way to stop."""

    def __init__(self, actions: PageActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zoom = QLabel()
        self._zoom.setAccessibleName("Zoom")
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._zoom.setMinimumWidth(self.fontMetrics().horizontalAdvance("1000%"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for action in (PhotosAction.OPEN, PhotosAction.OPEN_FOLDER):
            row.addWidget(tool_button(actions[action]))
        row.addSpacing(6)
        for action in (PhotosAction.PREVIOUS, PhotosAction.NEXT):
            row.addWidget(tool_button(actions[action], words=False))
        row.addSpacing(6)
        for action in (PhotosAction.TURN_LEFT, PhotosAction.TURN_RIGHT):
            row.addWidget(tool_button(actions[action], words=False))
        row.addSpacing(6)
        row.addWidget(tool_button(actions[PhotosAction.ZOOM_OUT], words=False))
        row.addWidget(self._zoom)
        row.addWidget(tool_button(actions[PhotosAction.ZOOM_IN], words=False))
        row.addWidget(tool_button(actions[PhotosAction.FIT], words=False))
        row.addWidget(tool_button(actions[PhotosAction.ACTUAL]))
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(self.fontMetrics().height() * 8)
        self._progress.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._progress.setAccessibleName("How far the folder has been read")
        self._stop = tool_button(actions[PhotosAction.CANCEL])
        self._go_on = way_button(actions[PhotosAction.GO_ON])
        row.addSpacing(6)
        row.addWidget(self._progress)
        row.addWidget(self._stop)
        row.addWidget(self._go_on)
        row.addStretch(1)
        self.set_progress(None)
        self.set_zoom(None)

    @property
    def progress(self) -> QProgressBar:
        return self._progress

    def set_progress(self, progress: FolderProgress | None) -> None:
        """Show how far a job is; None: there is none."""
        self._progress.setVisible(progress is not None)
        self._stop.setVisible(progress is not None)
        if progress is None:
            return
        self._progress.setRange(0, progress.total if progress.total is not None else 0)
        self._progress.setValue(progress.done)
        self._progress.setToolTip(progress_text(progress))

    def set_zoom(self, scale: float | None) -> None:
        """Show pixels of the screen for a pixel of the photo; None for no photo."""
        self._zoom.setText("" if scale is None else f"{scale:.0%}")

    @property
    def zoom_text(self) -> str:
        return self._zoom.text()
