"""`load_image` and `to_gray`: every kind of picture file, and every kind of broken one."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

from core.base.errors import InputError
from core.reading.images import MAX_PIXELS, load_image, pages_of, to_gray


def picture() -> NDArray[np.uint8]:
    """A white L on black, not symmetric in any way."""
    image = np.zeros((20, 30), np.uint8)
    image[4:16, 5:8] = image[13:16, 5:20] = 255
    return image


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "tif", "webp", "ppm"])
def test_formats_keep_their_pixels(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x.{suffix}"
    Image.fromarray(picture()).save(path, lossless=True)  # WebP alone heeds it
    assert np.array_equal(to_gray(load_image(path)), picture())


def test_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    Image.fromarray(picture()).save(path, quality=95)
    assert np.abs(load_image(path).astype(int) - picture()).max() < 40


def test_exif_orientation_is_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # shown a quarter turn clockwise
    Image.fromarray(picture()).save(path, quality=98, exif=exif)
    shown = load_image(path)
    assert shown.shape == (30, 20)
    assert np.abs(shown.astype(int) - np.rot90(picture(), -1)).max() < 60


@pytest.mark.parametrize("top", [255, 1023, 4095, 65535])
def test_sixteen_bits(tmp_path: Path, top: int) -> None:
    path = tmp_path / "deep.png"
    Image.fromarray((picture().astype(np.uint32) * top // 255).astype(np.uint16)).save(path)
    assert np.array_equal(load_image(path), picture())


def test_float_tiff(tmp_path: Path) -> None:
    path = tmp_path / "float.tif"
    Image.fromarray(picture().astype(np.float32) / 255).save(path)
    assert np.array_equal(load_image(path), picture())


def test_cmyk(tmp_path: Path) -> None:
    path = tmp_path / "print.tif"
    Image.fromarray(picture()).convert("CMYK").save(path)
    image = load_image(path)
    assert image.shape == (20, 30, 3)
    assert np.array_equal(to_gray(image), picture())


def test_palette_and_one_bit(tmp_path: Path) -> None:
    Image.fromarray(picture()).convert("P").save(tmp_path / "p.png")
    Image.fromarray(picture()).convert("1").save(tmp_path / "1.png")
    assert np.array_equal(to_gray(load_image(tmp_path / "p.png")), picture())
    assert np.array_equal(to_gray(load_image(tmp_path / "1.png")), picture())


@pytest.mark.parametrize("ink", [0, 255])
def test_transparent_ground_contrasts_with_the_ink(tmp_path: Path, ink: int) -> None:
    pixels = np.full((20, 30, 4), ink, np.uint8)
    pixels[..., 3] = picture()
    Image.fromarray(pixels).save(tmp_path / "alpha.png")
    gray = to_gray(load_image(tmp_path / "alpha.png"))
    assert np.array_equal(gray, picture() if ink else 255 - picture())


def test_holes_in_an_opaque_picture_do_not_stand_out(tmp_path: Path) -> None:
    pixels = np.full((40, 40, 4), 90, np.uint8)
    pixels[..., 3] = 255
    pixels[:4, :4, 3] = 0
    pixels[15:25, 18:22, :3] = 240
    Image.fromarray(pixels).save(tmp_path / "rounded.png")
    gray = to_gray(load_image(tmp_path / "rounded.png"))
    assert set(np.unique(gray)) == {90, 240}


def test_first_frame_of_an_animation(tmp_path: Path) -> None:
    frames = [Image.fromarray(picture()), Image.fromarray(255 - picture())]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert np.array_equal(to_gray(load_image(tmp_path / "a.gif")), picture())


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (10_000, 3), (3, 10_000)])
def test_extreme_sizes(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("L", size, 7).save(tmp_path / "x.png")
    assert load_image(tmp_path / "x.png").shape == size[::-1]


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is so large and holds nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


def broken_files(folder: Path) -> dict[str, Path]:
    whole = folder / "whole.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64), dtype=np.uint8)).save(whole)
    jpeg = folder / "whole.jpg"
    Image.open(whole).save(jpeg)
    content = {
        "empty.png": b"",
        "text.png": b"this is no picture at all, whatever its name says\n" * 20,
        "cut.png": whole.read_bytes()[:900],
        "cut.jpg": jpeg.read_bytes()[: jpeg.stat().st_size // 2],
        "flipped.png": whole.read_bytes()[:100] + b"\0" * 400 + whole.read_bytes()[500:],
        "hollow.png": png_header(20, 20),
        "bomb.png": png_header(100_000, 100_000),
        "large.png": png_header(MAX_PIXELS // 10_000 + 1, 10_000),
        "program.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n",
    }
    for name, data in content.items():
        (folder / name).write_bytes(data)
    return {name: folder / name for name in content}


def test_broken_files_are_refused_in_one_sentence_that_names_them(tmp_path: Path) -> None:
    files = broken_files(tmp_path) | {"missing.png": tmp_path / "missing.png", "folder": tmp_path}
    for name, path in files.items():
        with pytest.raises(InputError) as caught:
            load_image(path)
        sentence = str(caught.value)
        assert str(path) in sentence, name
        assert "\n" not in sentence, name
        assert sentence.endswith("."), name


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("bomb.png", "too large"), ("large.png", "too large"), ("text.png", "not an image"),
        ("cut.png", "cut off"), ("empty.png", "empty"), ("program.eps", "not an image"),
    ],
)  # fmt: skip
def test_the_sentence_says_why(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        load_image(broken_files(tmp_path)[name])


def colours(ink: tuple[int, int, int], ground: tuple[int, int, int]) -> NDArray[np.uint8]:
    image = np.empty((20, 30, 3), np.uint8)
    image[:] = ground
    image[picture() > 0] = ink
    return image


def test_gray_is_luma_where_luma_tells_them_apart() -> None:
    image = colours((255, 0, 0), (255, 255, 255))
    gray = to_gray(image)
    assert set(np.unique(gray)) == {76, 255}
    assert np.array_equal(to_gray(np.repeat(picture()[..., None], 3, axis=2)), picture())


@pytest.mark.parametrize(
    ("ink", "ground", "darker"),
    [
        ((255, 255, 0), (255, 255, 255), True),
        ((230, 0, 0), (0, 117, 0), None),
        ((0, 0, 255), (60, 0, 0), False),
        ((120, 200, 255), (255, 0, 255), False),
    ],
)
def test_colour_is_used_where_luma_is_blind(
    ink: tuple[int, int, int], ground: tuple[int, int, int], darker: bool | None
) -> None:
    gray = to_gray(colours(ink, ground)).astype(int)
    on, off = gray[picture() > 0], gray[picture() == 0]
    assert abs(on.mean() - off.mean()) > 50
    if darker is not None:
        assert (on.mean() < off.mean()) == darker


def test_arrays_that_are_no_pictures() -> None:
    shapes = [(5,), (0, 4), (4, 4, 2), (2, 2, 3, 1)]
    for bad in [*map(np.zeros, shapes), np.full((3, 3), np.nan), np.array([["a"]])]:
        with pytest.raises(InputError):
            to_gray(bad)


def test_sixteen_bit_float_and_bool_arrays() -> None:
    assert np.array_equal(to_gray(picture() > 0), picture())
    assert np.array_equal(to_gray(picture() / 255.0), picture())
    assert np.array_equal(to_gray(picture().astype(np.uint16) * 257), picture())
    assert np.array_equal(to_gray(picture()[..., None]), picture())


@settings(max_examples=40, deadline=None)
@given(
    hnp.arrays(
        st.sampled_from([np.uint8, np.uint16, np.int32, np.float32, np.bool_]),
        st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(
            lambda s: st.sampled_from([s, (*s, 1), (*s, 3), (*s, 4)])
        ),
    )
)
def test_any_array_becomes_a_grey_picture_or_is_refused(values: NDArray[np.uint8]) -> None:
    try:
        gray = to_gray(values)
    except InputError:
        assert values.dtype.kind == "f"
        assert not np.isfinite(values).all()
        return
    assert gray.dtype == np.uint8
    assert gray.shape == values.shape[:2]
    assert gray.flags.c_contiguous


HEIC = Path(__file__).parent / "picture.heic"
"""Of our own making: gray, with a digit-like L, 64 x 48."""


def test_heic_is_read() -> None:
    image = to_gray(load_image(HEIC))
    assert image.shape == (48, 64)
    assert image[20, 12] > 200
    assert image[10, 50] < 50


def test_heic_without_a_decoder_names_the_format_and_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)
    with pytest.raises(InputError, match=r"HEIC image.*Most Compatible"):
        load_image(HEIC)


@pytest.mark.parametrize(("name", "word"), [("a.pdf", "PDF"), ("a.cr3", "raw"), ("a.txt", "HEIC, WebP")])
def test_what_is_no_picture_is_called_by_its_name(tmp_path: Path, name: str, word: str) -> None:
    (tmp_path / name).write_bytes(b"%PDF-1.7 and more")
    with pytest.raises(InputError, match=word):
        load_image(tmp_path / name)


def test_pages_are_read_one_by_one(tmp_path: Path) -> None:
    pages = [Image.new("L", (20 + i, 30), 100 * i) for i in range(3)]
    small = Image.new("L", (5, 5))
    small.encoderinfo = {"tiffinfo": {254: 1}}  # a smaller copy for previews
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=[pages[1], small, pages[2]])
    found = pages_of(tmp_path / "a.tif")
    assert found.indices == (0, 1, 3)
    assert found.numbered == [(0, 1), (1, 2), (3, 3)]
    assert [load_image(tmp_path / "a.tif", i).shape[1] for i in found.indices] == [20, 21, 22]
    assert load_image(tmp_path / "a.tif", 3).max() == 200


def test_a_damaged_second_page_leaves_the_first(tmp_path: Path) -> None:
    pages = [Image.new("L", (20, 30), 90), Image.new("L", (20, 30), 90)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    whole = (tmp_path / "a.tif").read_bytes()
    start = struct.unpack_from("<I", whole, 4)[0]
    entries = struct.unpack_from("<H", whole, start)[0]
    at = start + 2 + 12 * entries
    (tmp_path / "a.tif").write_bytes(whole[:at] + struct.pack("<I", len(whole) + 99) + whole[at + 4 :])
    found = pages_of(tmp_path / "a.tif")
    assert found.indices == (0,)
    assert load_image(tmp_path / "a.tif").shape == (30, 20)


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_of_an_animation_the_first_frame_is_read_and_said_so(tmp_path: Path, suffix: str) -> None:
    frames = [Image.new("L", (20, 30), 100 * i) for i in range(3)]
    path = tmp_path / f"a.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert "first of its 3 frames" in pages_of(path).note
    frames[0].save(path)
    assert pages_of(path).note == ""
