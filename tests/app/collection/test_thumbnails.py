from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QRect, QSize
from pytestqt.qtbot import QtBot

from app.collection.details import origin_lines
from app.collection.thumbnails import Thumbnails, fitted_rect, load_part
from core.collection.items import Item, key_of
from core.collection.numbers import NumberStore
from core.loaders.user_digits import DigitOrigin, UserDigitStore
from core.reading.images import load_image
from core.reading.types import Box

SMALL = QSize(80, 60)


def photo_with_a_red_sign(folder: Path, *, turned: bool) -> Item:
    """A large grey photo with a red sign at (600, 300), 200 x 80, upright; its file may be turned by a quarter."""
    image = np.full((900, 1200, 3), 128, np.uint8)
    image[300:380, 600:800] = (255, 0, 0)
    path, exif = folder / "photo.jpg", Image.Exif()
    if turned:
        exif[0x0112] = 6  # to be turned to the right
        image = np.ascontiguousarray(np.rot90(image))
    Image.fromarray(image).save(path, "JPEG", exif=exif, quality=95)
    upright = load_image(path)
    assert upright.shape == (900, 1200, 3)
    store = NumberStore(folder / "numbers")
    return Item.of(store.add(upright, "7", box=Box(600, 300, 200, 80), whole=True, photo=path))


def share_of_red(item: Item) -> float:
    image = load_part(item, SMALL)
    reds = [
        image.pixelColor(x, y).red() - image.pixelColor(x, y).green() > 100
        for x in range(image.width())
        for y in range(image.height())
    ]
    return sum(reds) / len(reds)


def test_a_numbers_place_is_shown_whatever_way_the_file_stands(tmp_path: Path) -> None:
    for turned in (False, True):
        folder = tmp_path / str(turned)
        folder.mkdir()
        item = photo_with_a_red_sign(folder, turned=turned)
        # 200 x 80 in 248 x 128, three tenths of its height around it.
        assert abs(share_of_red(item) - 200 * 80 / (248 * 128)) < 0.06
        part = load_part(item, SMALL)
        assert part.width() < 200
        assert abs(part.width() / part.height() - 248 / 128) < 0.1
        whole = load_part(item, SMALL, whole=True)
        assert abs(whole.width() / whole.height() - 4 / 3) < 0.05


def test_a_digit_is_shown_pixel_by_pixel(tmp_path: Path) -> None:
    image = np.arange(32 * 32, dtype=np.uint32).reshape(32, 32).astype(np.uint8)
    item = Item.of(UserDigitStore(tmp_path).add((), image, 7))
    shown = load_part(item, SMALL)
    assert (shown.width(), shown.height()) == (32, 32)
    assert shown.pixelColor(5, 3).red() == image[3, 5]


def test_what_cannot_be_read_has_an_empty_thumbnail(qtbot: QtBot, tmp_path: Path) -> None:
    item = Item.of(UserDigitStore(tmp_path).add((), np.zeros((32, 32), np.uint8), 7))
    item.picture.write_bytes(b"no picture")
    thumbnails = Thumbnails(SMALL)
    with qtbot.waitSignal(thumbnails.ready, timeout=10_000) as ready:
        assert thumbnails.get(item) is None
    assert ready.args == [key_of(item)]
    image = thumbnails.get(item)
    assert image is not None
    assert image.isNull()
    thumbnails.shut_down()


def test_pictures_fill_their_place() -> None:
    assert fitted_rect(QSize(100, 50), QRect(0, 0, 60, 60)) == QRect(0, 15, 60, 30)


def test_where_an_item_comes_from(tmp_path: Path) -> None:
    origin = DigitOrigin("1", "general 12 Nov 14:03", source_file="/photos/door.jpg")
    digit = UserDigitStore(tmp_path).add((), np.zeros((32, 32), np.uint8), 7, kind="photo", origin=origin)
    read, when, file = origin_lines(Item.of(digit))
    assert read == "Was read as 1 by general 12 Nov 14:03."
    assert when.startswith("Photo, ")
    assert file == "door.jpg"
