"""The pages that read whole pictures, Camera and Photos, as the main window offers them."""

from __future__ import annotations

from pathlib import Path

from app.pages import Page, PageContext, PageOffer
from app.photo_reading import PictureReader, SharedReader


def load_picture_reader(detector: Path, classifier: Path) -> PictureReader:
    """Both model files together. Imports ONNX Runtime: not for the GUI thread.

    Raises ModelError, naming the file and the reason.
    """
    from core.reading.photo_reader import Reader

    return Reader.load(detector, classifier)


def picture_pages(reader: SharedReader) -> list[PageOffer]:
    """Both pages, reading with one reader; neither they nor what they need is imported before they are shown."""

    def camera(context: PageContext) -> Page:
        from app.camera_page import CameraPage

        return CameraPage(context, reader)

    def photos(context: PageContext) -> Page:
        from app.photos_page import PhotosPage

        return PhotosPage(context, reader)

    return [PageOffer("camera", "Camera", "camera", camera), PageOffer("photos", "Photos", "photos", photos)]
