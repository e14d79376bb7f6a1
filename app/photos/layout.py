"""What the photos page is made of: the photo, the table below it, and in their place the review."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from app.photos.actions import PhotosAction
from app.photos.table import ReadingsTable
from app.photos.table_model import ReadingsModel
from app.photos.view import PhotoView
from app.ui.actions import PageActions
from app.ui.errors import MessageBar

_WAYS = (
    PhotosAction.OPEN, PhotosAction.OPEN_FOLDER, PhotosAction.PASTE, PhotosAction.SAMPLE, PhotosAction.GO_ON_REVIEW,
)  # fmt: skip
"""What an empty page offers."""


class PhotosLayout(QStackedWidget):
    """The photo with the table, or another widget in place of both."""

    def __init__(self, actions: PageActions, model: ReadingsModel) -> None:
        super().__init__()
        self.view = PhotoView([actions[way] for way in _WAYS])
        self.view.allow_boxes(True)
        self.table = ReadingsTable(
            model,
            doubtful=actions[PhotosAction.DOUBTFUL],
            review=actions[PhotosAction.REVIEW],
            copy=actions[PhotosAction.COPY_ROWS],
            export=actions[PhotosAction.EXPORT],
            close=actions[PhotosAction.CLEAR],
        )
        self.table.hide()
        self.message = MessageBar(self.view)
        self._photos = QSplitter(Qt.Orientation.Vertical)
        self._photos.setChildrenCollapsible(False)
        self._photos.addWidget(self.view)
        self._photos.addWidget(self.table)
        self._photos.setStretchFactor(0, 2)
        self._photos.setStretchFactor(1, 1)
        self._photos.setSizes([600, 360])
        self.addWidget(self._photos)

    def show_in_place(self, widget: QWidget | None) -> None:
        """Show a widget in place of photo and table; None shows those two again."""
        if widget is not None and self.indexOf(widget) < 0:
            self.addWidget(widget)
        self.setCurrentWidget(widget if widget is not None else self._photos)
