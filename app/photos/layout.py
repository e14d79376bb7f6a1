"""What the photos page is made of: the photo, and the table below it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter

from app.photos.actions import PhotosAction
from app.photos.table import ReadingsTable
from app.photos.table_model import ReadingsModel
from app.photos.view import PhotoView
from app.ui.actions import PageActions
from app.ui.errors import MessageBar

_WAYS = (PhotosAction.OPEN, PhotosAction.OPEN_FOLDER, PhotosAction.PASTE, PhotosAction.SAMPLE)
"""What an empty page offers."""


class PhotosLayout(QSplitter):
    """The photo with the table."""

    def __init__(self, actions: PageActions, model: ReadingsModel) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.view = PhotoView([actions[way] for way in _WAYS])
        self.view.allow_boxes(True)
        self.table = ReadingsTable(
            model,
            doubtful=actions[PhotosAction.DOUBTFUL],
            copy=actions[PhotosAction.COPY_ROWS],
            export=actions[PhotosAction.EXPORT],
            close=actions[PhotosAction.CLEAR],
        )
        self.table.hide()
        self.message = MessageBar(self.view)
        self.setChildrenCollapsible(False)
        self.addWidget(self.view)
        self.addWidget(self.table)
        self.setStretchFactor(0, 2)
        self.setStretchFactor(1, 1)
        self.setSizes([600, 360])
