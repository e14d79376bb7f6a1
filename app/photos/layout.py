"""What the photos page is made of: the photo, the table below it, and in their place the review."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter

from app.photos.actions import PhotosAction
from app.photos.table import ReadingsTable
from app.photos.table_model import ReadingsModel
from app.photos.view import PhotoView
from app.review.page_review import PageStack
from app.ui.actions import PageActions
from app.ui.errors import MessageBar

_WAYS = (
    PhotosAction.OPEN, PhotosAction.OPEN_FOLDER, PhotosAction.PASTE, PhotosAction.SAMPLE, PhotosAction.GO_ON_REVIEW,
)  # fmt: skip
"""What an empty page offers."""


class PhotosLayout(PageStack):
    """The photo with the table, or another widget in place of both."""

    def __init__(self, actions: PageActions, model: ReadingsModel) -> None:
        photos = QSplitter(Qt.Orientation.Vertical)
        super().__init__(photos)
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
        photos.setChildrenCollapsible(False)
        photos.addWidget(self.view)
        photos.addWidget(self.table)
        photos.setStretchFactor(0, 2)
        photos.setStretchFactor(1, 1)
        photos.setSizes([600, 360])
