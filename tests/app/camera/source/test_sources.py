"""Which sources there are: cameras by name, addresses, files; what opening one can be refused for."""

from __future__ import annotations

import errno
import os
import struct
from collections import namedtuple
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.camera.source.access import camera_access_granted
from app.camera.source.controls import CameraControls, V4l2Torch
from app.camera.source.faults import FaultKind, FeedError, permission_advice, why_not_opened
from app.camera.source.feeds import open_camera
from app.camera.source.sources import (
    CameraDevice,
    Stream,
    VideoFile,
    find_again,
    list_cameras,
    named_apart,
    parse_address,
    sample_video,
)
from core.base.errors import InputError
from core.base.opencv import cv2

Info = namedtuple("Info", "index name path vid pid")


def test_cameras_are_listed_by_name_and_told_apart() -> None:
    asked: list[int] = []

    def enumerate_cameras(backend: int) -> list[Info]:
        asked.append(backend)
        return [
            Info(4, "C920", "/dev/video4", 1, 2),
            Info(0, "C920", "/dev/video0", 1, 2),
            Info(2, "", "/dev/video2", None, None),
        ]

    cameras = list_cameras(enumerate_cameras)
    assert [c.name for c in cameras] == ["C920 (1)", "Camera", "C920 (2)"]
    assert [c.index for c in cameras] == [0, 2, 4]
    assert len(asked) == 1


def test_listing_that_fails_or_finds_none_is_an_empty_list() -> None:
    def refuses(backend: int) -> list[Info]:
        raise PermissionError("sandbox")

    assert list_cameras(refuses) == []
    assert isinstance(list_cameras(), list)


def test_a_camera_is_found_again_under_another_index() -> None:
    old = CameraDevice("C920", 0, 200, "/dev/video0", 1, 2)
    moved = CameraDevice("C920", 2, 200, "/dev/video2", 1, 2)
    other = CameraDevice("Laptop", 0, 200, "/dev/video0", 5, 6)
    assert find_again(old, [other, moved]) == moved
    assert find_again(old, [moved, old]) == old
    assert find_again(old, [other]) is None
    assert named_apart([old, other]) == [old, other]


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("http://192.168.1.20:8080/video", "http://192.168.1.20:8080/video"),
        ("  192.168.1.20:8080/video ", "http://192.168.1.20:8080/video"),
        ("“rtsp://cam.local/stream 1”", "rtsp://cam.local/stream%201"),
        ("phone:4747", "http://phone:4747"),
        ("rtsp://me:p%40ss@[fe80::1]:554/a?x=1&y=2", "rtsp://me:p%40ss@[fe80::1]:554/a?x=1&y=2"),
        ("HTTPS://Example.org/v", "https://Example.org/v"),
        ("udp://239.0.0.1:1234", "udp://239.0.0.1:1234"),
    ],
)
def test_addresses(typed: str, url: str) -> None:
    source = parse_address(typed)
    assert isinstance(source, Stream)
    assert source.url == url


@pytest.mark.parametrize(
    "typed",
    [
        "", "   ", "http://", "http:///video", "rtsp://host:99999/x", "rtsp://host:port/x", "http://host:0/",
        "ftp://host/x", "file:///etc/passwd", "concat://a|b", "http://a b/x", "http://-x-/", "http://999.1.1.1/",
        "http://[::1", "/no/such/file.mp4", "C:\\no\\such.mp4", "~/none.mp4", "http://host\x00/", "javascript://x",
    ],
)  # fmt: skip
def test_what_is_no_address_gets_one_sentence(typed: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_address(typed)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text


@given(st.text(max_size=60) | st.text(min_size=300, max_size=320))
def test_any_text_is_an_address_or_a_sentence(text: str) -> None:
    try:
        source = parse_address(text)
    except InputError:
        return
    assert isinstance(source, Stream | VideoFile)


def test_a_password_is_not_shown() -> None:
    stream = Stream("rtsp://me:se%20cret@cam:554/live?token=abc")
    assert stream.name == "rtsp://cam:554/live"
    assert stream.login == ("me", "se cret")
    assert stream.without_login == "rtsp://cam:554/live?token=abc"
    assert Stream("http://cam/").login is None


def test_the_path_of_a_file_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a b.mp4"
    path.touch()
    assert parse_address(str(path)) == VideoFile(path)
    assert parse_address(f'"{path}"') == VideoFile(path)
    assert VideoFile(path).name == "a b.mp4"


def test_the_sample_is_offered_only_where_it_is(tmp_path: Path) -> None:
    assert sample_video(tmp_path / "none") is None
    (tmp_path / "photo.jpg").touch()
    assert sample_video(tmp_path) is None
    (tmp_path / "numbers.mp4").touch()
    sample = sample_video(tmp_path)
    assert sample is not None
    assert (sample.path.name, sample.name) == ("numbers.mp4", "Sample video")


# --- why a camera does not open ---------------------------------------------------------------------------


def error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (error(errno.EACCES), FaultKind.REFUSED),
        (error(errno.ENOENT), FaultKind.UNPLUGGED),
        (error(errno.EBUSY), FaultKind.IN_USE),
        (None, FaultKind.IN_USE),
    ],
)
def test_linux_says_why(refusal: OSError | None, kind: FaultKind) -> None:
    fault = why_not_opened(
        "C920",
        "/dev/video0",
        still_there=True,
        system="linux",
        access=lambda path: refusal,
        who_holds=lambda path: "cheese",
    )
    assert fault.kind is kind
    assert "C920" in fault.sentence
    assert fault.advice
    assert ("cheese" in fault.sentence) == (kind is FaultKind.IN_USE)


def test_other_systems_say_why() -> None:
    assert why_not_opened("C", None, still_there=False, system="win32").kind is FaultKind.UNPLUGGED
    in_use = why_not_opened("C", None, still_there=True, system="win32")
    assert in_use.kind is FaultKind.IN_USE
    assert "Privacy" in in_use.advice
    refused = why_not_opened("C", None, still_there=True, granted=False, system="darwin")
    assert refused.kind is FaultKind.REFUSED
    assert "System Settings" in refused.advice
    assert "usermod" in permission_advice("linux")


def test_the_device_file_is_really_asked(tmp_path: Path) -> None:
    busy = tmp_path / "video0"
    busy.touch()
    with busy.open() as held:
        assert why_not_opened("C", str(busy), still_there=True, system="linux").kind is FaultKind.IN_USE
        assert held.readable()
    gone = why_not_opened("C", str(tmp_path / "video1"), still_there=True, system="linux")
    assert gone.kind is FaultKind.UNPLUGGED


def test_a_camera_that_the_system_forbids_is_not_touched() -> None:
    def never(index: int, backend: int) -> Any:
        raise AssertionError("opened")

    camera = CameraDevice("C", 0, 0)
    for listed, granted, kind in (
        ([camera], False, FaultKind.REFUSED),
        ([], True, FaultKind.UNPLUGGED),
    ):
        with pytest.raises(FeedError) as caught:
            open_camera(camera, listed=partial(list, listed), granted=partial(bool, granted), capture=never)
        assert caught.value.fault.kind is kind


class FakeFramework:
    """AVFoundation as far as it is used."""

    AVMediaTypeVideo = "vide"

    def __init__(self, status: int, answer: bool | None = None) -> None:
        self.status, self.answer = status, answer
        self.AVCaptureDevice = self

    def authorizationStatusForMediaType_(self, kind: str) -> int:
        return self.status

    def requestAccessForMediaType_completionHandler_(self, kind: str, handler: Any) -> None:
        if self.answer is not None:
            handler(self.answer)


@pytest.mark.parametrize(
    ("status", "answer", "granted"),
    [
        *((3, None, True), (2, None, False), (1, None, False)),
        *((0, True, True), (0, False, False), (0, None, False)),
    ],
)
def test_macos_is_asked(status: int, answer: bool | None, granted: bool) -> None:
    framework = FakeFramework(status, answer)
    assert camera_access_granted(system="darwin", framework=framework, patience=0.05) is granted


def test_other_systems_need_not_be_asked() -> None:
    assert camera_access_granted(system="linux")
    assert camera_access_granted(system="win32")


# --- exposure and torch -----------------------------------------------------------------------------------


class FakeSettings:
    """A cv2.VideoCapture's settings."""

    def __init__(self, values: dict[int, float], *, refuses: bool = False) -> None:
        self.values, self.refuses = values, refuses

    def get(self, what: int) -> float:
        return self.values.get(what, -1.0 if not self.refuses else 0.0)

    def set(self, what: int, value: float) -> bool:
        if self.refuses:
            return False
        self.values[what] = value
        return True


def test_exposure_on_linux_is_a_time() -> None:
    settings = FakeSettings({cv2.CAP_PROP_EXPOSURE: 100})
    controls = CameraControls(settings, None, system="linux")
    assert controls.offered.exposure
    assert controls.step_exposure(1)
    assert settings.values[cv2.CAP_PROP_EXPOSURE] == 200
    assert settings.values[cv2.CAP_PROP_AUTO_EXPOSURE] == 1
    controls.step_exposure(-20)
    assert settings.values[cv2.CAP_PROP_EXPOSURE] == 1
    controls.automatic_exposure()
    assert settings.values[cv2.CAP_PROP_AUTO_EXPOSURE] == 3


def test_exposure_elsewhere_is_a_logarithm() -> None:
    settings = FakeSettings({cv2.CAP_PROP_EXPOSURE: -6})
    controls = CameraControls(settings, None, system="win32")
    assert controls.offered.exposure
    controls.step_exposure(-1)
    assert settings.values[cv2.CAP_PROP_EXPOSURE] == -7
    controls.automatic_exposure()
    assert settings.values[cv2.CAP_PROP_AUTO_EXPOSURE] == 1


def test_what_the_driver_lacks_is_not_offered() -> None:
    assert not CameraControls(FakeSettings({}), None, system="linux").offered
    controls = CameraControls(FakeSettings({}, refuses=True), None, system="win32")
    assert not controls.offered
    assert not controls.switch_torch(True)


def test_the_torch_of_a_linux_camera(tmp_path: Path) -> None:
    device = tmp_path / "video0"
    device.touch()
    calls: list[tuple[int, bytes]] = []
    highest, flags = 2, 0

    def ioctl(fd: int, request: int, argument: bytes) -> bytes:
        calls.append((request, argument))
        if len(argument) == 8:
            return argument
        assert len(argument) == 68  # sizeof(struct v4l2_queryctrl)
        maximum, state = struct.pack("i", highest), struct.pack("I", flags)
        return argument[:44] + maximum + argument[48:56] + state + bytes(8)

    torch = V4l2Torch(str(device), ioctl)
    assert torch.offered()
    controls = CameraControls(FakeSettings({}), str(device), system="linux", torch=torch)
    assert controls.offered.torch
    assert controls.switch_torch(True)
    assert calls[-1] == (0xC008561C, struct.pack("Ii", 0x009C0901, 2))
    assert controls.switch_torch(False)
    assert calls[-1][1] == struct.pack("Ii", 0x009C0901, 0)
    highest = 1
    assert not torch.offered()
    highest, flags = 2, 1
    assert not torch.offered()

    def refuses(fd: int, request: int, argument: bytes) -> bytes:
        raise OSError(errno.ENOTTY, "no such control")

    assert not V4l2Torch(str(device), refuses).offered()
    assert not V4l2Torch(str(device)).offered()
    assert not V4l2Torch(str(tmp_path / "gone")).switch(True)
