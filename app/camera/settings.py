"""What the camera page remembers between starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.camera.region import ReadingRegion
from app.camera.source.sources import CameraDevice, Source, Stream, VideoFile
from app.services.settings import Settings


class CameraMemory:
    """Typed values over the settings, named `camera/…`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def flag(self, name: str) -> bool:
        return self._settings.flag(f"camera/{name}", False)

    def put_flag(self, name: str, on: bool) -> None:
        self._settings.put(f"camera/{name}", on)

    @property
    def resolution(self) -> tuple[int, int] | None:
        """(width, height) asked of cameras; None for their own choice."""
        width = self._settings.number("camera/width", 0, 0, 10_000)
        height = self._settings.number("camera/height", 0, 0, 10_000)
        return (width, height) if width and height else None

    @resolution.setter
    def resolution(self, value: tuple[int, int] | None) -> None:
        width, height = value or (0, 0)
        self._settings.put("camera/width", width)
        self._settings.put("camera/height", height)

    @property
    def guide(self) -> ReadingRegion:
        return ReadingRegion.from_text(self._settings.text("camera/guide"))

    @guide.setter
    def guide(self, value: ReadingRegion) -> None:
        self._settings.put("camera/guide", value.as_text())

    def remember(self, source: Source) -> None:
        """The source shown last. Of a stream's address all but the name and the password is kept."""
        if isinstance(source, CameraDevice):
            text = f"camera {source.name}"
        elif isinstance(source, Stream):
            text = f"stream {source.without_login}"
        else:
            text = f"file {source.path}"
        self._settings.put("camera/source", text)

    def source(self, sample: VideoFile | None) -> Stream | VideoFile | None:
        """The stream or the file shown last; None where it was a camera, or is gone."""
        kind, _, name = self._settings.text("camera/source").partition(" ")
        if kind == "stream":
            return Stream(name)
        if kind != "file" or not Path(name).is_file():
            return None
        return sample if sample is not None and sample.path == Path(name) else VideoFile(Path(name))

    def camera(self, cameras: Sequence[CameraDevice]) -> CameraDevice:
        """The camera shown last, else the first. cameras: at least one."""
        name = self._settings.text("camera/source").removeprefix("camera ")
        return next((c for c in cameras if c.name == name), cameras[0])
