"""Pictures that say how sure a number is: training pictures of every kind made a little worse, and made ones.

What the networks have learned from they read better than what they will meet. So real pictures are turned a little,
made smaller, blurred, and noisy; scenes and made pictures the line reader has never seen.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.base.errors import NAME_DATA, DataError
from core.base.opencv import cv2
from core.base.paths import Places
from core.datasets.detector_scenes import load_scene_assets
from core.evaluation.calibration_rows import made_rows
from core.evaluation.reader_calibration import held_up_pictures, larger_pictures
from core.loaders.background_photos import background_files, image_files, read_gray
from core.loaders.folders import data_folder
from core.loaders.font_files import Face, faces_of, font_files
from core.loaders.font_filter import looks_like_digits
from core.loaders.fonts import is_dev
from core.loaders.glyphs import draw_digits, open_face
from core.loaders.number_photos import NumberPhoto, held_back, number_photos
from core.reading.line_format import spelled
from core.reading.rows.written import numbers_in
from core.reading.types import Box, digits_of
from core.recipes.scenes import Scenes
from core.synthesis.lines.rows import Row

Gray = npt.NDArray[np.uint8]

COUNTS = {
    "wagon-numbers": 200, "cheques": 160, "iiit5k-numbers": 230, "iiit5k-words": 550, "icdar2015-numbers": 240,
    "speed-limit-signs": 160, "jersey-numbers": 220, "lcd-meters": 140, "svhn-numbers": 320, "svhn": 180,
}  # fmt: skip
"""Pictures of each set that are taken, at most."""
EMPTY_PHOTOS = ("backgrounds", "backgrounds_more", "icdar2015/scenes")
EMPTY_COUNT = 200
SINGLE_DIGITS = 260
SINGLE_WEIGHT = 3.0
"""Of a photo with one digit: people show the program more of them than the sets have."""
PAGES, GRIDS = 24, 24
FONTS = 60
ON_PHOTOS = 200
SEED = 42
WORSE = 0.8
"""Share of the real pictures that are made worse."""


@dataclass(frozen=True)
class Picture:
    """A grey picture and the numbers in it. unknown: digits of words, of which it is not known whether they are a
    number. within: only what is read in this box is known. weight: of each of its candidates."""

    kind: str
    gray: Gray
    numbers: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    within: Box | None = None
    weight: float = 1.0

    @property
    def is_empty(self) -> bool:
        return not self.numbers and not self.unknown

    def is_right(self, text: str, box: Box) -> bool | None:
        """Whether that is a number of the picture; None if that is unknown."""
        if self.within is not None and box.shared(self.within) < 0.3 * box.area:
            return None
        if text in self.numbers:
            return True
        return None if text in self.unknown else False


def calibration_pictures(places: Places, share: float = 1.0) -> list[Picture]:
    """What there is on this machine. share: of the pictures. Raises DataError where no set of numbers is here."""
    found: list[Picture] = []
    crops: list[tuple[Gray, str]] = []
    for name, count in COUNTS.items():
        own = _of_set(places, name, max(round(count * share), 1))
        found += own
        crops += [(p.gray, p.numbers[0]) for p in own if len(p.numbers) == 1 and p.within is None]
    if not found:
        raise DataError(f"There are no images of numbers to calibrate with; {NAME_DATA}.")
    empty = _empty_photos(places, share)
    found += empty
    grounds = [p.gray for p in empty if p.kind != "scenes"]
    rng = random.Random(SEED)
    faces = _faces()
    if grounds and faces:
        found += [single_digit(rng, rng.choice(grounds), faces) for _ in range(round(SINGLE_DIGITS * share))]
    if grounds and crops:
        found += [
            on_photo(rng, rng.choice(grounds), *rng.choice(crops)) for _ in range(round(ON_PHOTOS * share))
        ]
    if faces:
        found += [page(rng, faces) for _ in range(round(PAGES * share))]
        found += [grid(rng, faces) for _ in range(round(GRIDS * share))]
    found += [_picture_of_row(rng, row, gray) for row, gray in made_rows(rng, faces, grounds, share)]
    assets = load_scene_assets(Scenes(size=640, empty=1.0), places, "train")
    made = held_up_pictures(assets)
    found += [Picture("held up", gray, (n,)) for gray, n in made[: round(len(made) * share)]]
    if crops:
        larger = larger_pictures(crops, assets)
        found += [Picture("larger", g, (n,) if n else ()) for g, n in larger[: round(len(larger) * share)]]
    return found


def _of_set(places: Places, name: str, count: int) -> list[Picture]:
    try:
        parts = [number_photos(places, name, split) for split in ("dev", "train")]
    except DataError:
        return []
    rng = random.Random(f"{SEED}/{name}")
    for part in parts:
        rng.shuffle(part)
    # Those that no network has learned from come first.
    return [_picture_of(rng, photo) for photo in [*parts[0], *parts[1]][:count]]


def _picture_of(rng: random.Random, photo: NumberPhoto) -> Picture:
    gray = read_gray(photo.file)
    numbers: tuple[str, ...] = (photo.digits,) if photo.digits else ()
    unknown: tuple[str, ...] = ()
    if photo.is_whole:
        numbers, unknown = _said(spelled(photo.written))
    within = photo.box if photo.source == "lcd-meters" else None
    if within is None and rng.random() < WORSE:
        gray = worse(rng, gray)
    return Picture(photo.source, gray, numbers, unknown, within)


def _said(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The numbers of a text, and the digits of its words."""
    said = [(digits_of(text[n.start : n.end]), n.is_word) for n in numbers_in(text)]
    return tuple(d for d, is_word in said if not is_word), tuple(d for d, is_word in said if is_word)


def _picture_of_row(rng: random.Random, row: Row, gray: Gray) -> Picture:
    return Picture("made row", worse(rng, gray), *_said(row.text))


def worse(rng: random.Random, gray: Gray) -> Gray:
    """A picture turned a little, smaller, less sharp, of less contrast, noisy: each now and then."""
    h, w = gray.shape
    if rng.random() < 0.5:
        matrix = cv2.getRotationMatrix2D((w / 2, h / 2), rng.uniform(-7, 7), 1.0)
        gray = np.asarray(cv2.warpAffine(gray, matrix, (w, h), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    if rng.random() < 0.5:
        zoom = max(rng.uniform(0.55, 1.0), 18 / min(h, w))
        if zoom < 1:
            gray = np.asarray(
                cv2.resize(gray, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), np.uint8
            )
    if rng.random() < 0.4:
        gray = np.asarray(
            cv2.GaussianBlur(gray, (0, 0), rng.uniform(0.4, 0.025 * min(gray.shape) + 0.41)), np.uint8
        )
    values = gray.astype(np.float32)
    if rng.random() < 0.4:
        values = values.mean() + rng.uniform(0.35, 1.0) * (values - values.mean())
    if rng.random() < 0.5:
        values += np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(2, 14), values.shape)
    return np.clip(values, 0, 255).astype(np.uint8)


def _empty_photos(places: Places, share: float) -> list[Picture]:
    """Photos without digits that are not kept out of training."""
    found = []
    for name in EMPTY_PHOTOS:
        root, _, below = name.partition("/")
        try:
            folder = data_folder(places, root) / below
        except DataError:
            continue
        if root == "backgrounds":
            files = background_files(folder, "train")
        else:
            files = [p for p in image_files(folder) if not held_back(p.name, 0.2)]
        random.Random(SEED).shuffle(files)
        kind = below or root
        found += [Picture(kind, read_gray(f)) for f in files[: round(EMPTY_COUNT * share)]]
    return found


def _faces() -> list[Face]:
    """Some of this machine's fonts whose digits look like digits, of those that may be trained on."""
    files = font_files()
    random.Random(SEED).shuffle(files)
    found: list[Face] = []
    for path in files:
        faces = [face for face in faces_of(path) if not is_dev(face.family)][:1]
        for face in faces:
            digits = draw_digits(face, size=48)
            if digits is not None and looks_like_digits(digits):
                found.append(face)
        if len(found) >= FONTS:
            break
    return found


def single_digit(rng: random.Random, ground: Gray, faces: Sequence[Face]) -> Picture:
    """One printed digit, 3 to 40% of the height, somewhere on a photo."""
    digit = str(rng.randrange(10))
    tall = min(480 * 0.03 * 13 ** rng.random(), 0.8 * min(ground.shape))
    canvas = ground.astype(np.float32)
    _print(rng, canvas, digit, tall, faces)
    return Picture("single digit", _taken(rng, canvas), (digit,), weight=SINGLE_WEIGHT)


def on_photo(rng: random.Random, ground: Gray, crop: Gray, number: str) -> Picture:
    """A crop with a number, small, somewhere on a photo."""
    h, w = ground.shape
    zoom = min(14 * 8 ** rng.random() / crop.shape[0], 0.9 * w / crop.shape[1], 0.9 * h / crop.shape[0])
    how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    small = np.asarray(cv2.resize(crop, None, fx=zoom, fy=zoom, interpolation=how), np.uint8)
    canvas = ground.copy()
    y, x = (rng.randint(0, big - side) for big, side in zip(ground.shape, small.shape, strict=True))
    canvas[y : y + small.shape[0], x : x + small.shape[1]] = small
    return Picture("on a photo", canvas, (number,))


def page(rng: random.Random, faces: Sequence[Face]) -> Picture:
    """A sheet with many small numbers in columns."""
    tall = rng.uniform(11, 30)
    rows, columns = rng.randint(4, 14), rng.randint(2, 6)
    pitch = tall * rng.uniform(1.6, 2.6)
    cell = tall * rng.uniform(5.0, 7.0)
    canvas = np.full((round(rows * pitch + 2 * tall), round(columns * cell + 2 * tall)), 235.0, np.float32)
    face = [rng.choice(list(faces))]
    numbers = []
    for row in range(rows):
        for column in range(columns):
            number = "".join(rng.choices("0123456789", k=rng.randint(1, 4)))
            place = round(tall + column * cell), round(tall + row * pitch)
            if _print(rng, canvas, number, tall, face, place=place, grey=25.0):
                numbers.append(number)
    return Picture("page", _taken(rng, canvas), tuple(numbers), weight=0.2)


def grid(rng: random.Random, faces: Sequence[Face]) -> Picture:
    """A sheet ruled into cells, some with a digit, as number puzzles are; seen by a hand-held camera."""
    cells = rng.choice((9, 9, 9, 6, 4))
    cell = 440 / cells * rng.uniform(0.7, 1.0)
    left, top = (640 - cells * cell) / 2, (480 - cells * cell) / 2
    dark, thick = rng.uniform(10.0, 90.0), rng.choice((1, 1, 2, 3))
    canvas = np.full((480, 640), rng.uniform(150.0, 240.0), np.float32)
    for k in range(cells + 1):
        at, width = round(k * cell), thick + rng.choice((1, 2)) * (k % 3 == 0 and cells % 3 == 0)
        tone = dark if width > 1 else dark + rng.uniform(0.0, 70.0)
        first, last = (round(left), round(top)), (round(left + cells * cell), round(top + cells * cell))
        cv2.line(canvas, (first[0] + at, first[1]), (first[0] + at, last[1]), tone, width)
        cv2.line(canvas, (first[0], first[1] + at), (last[0], first[1] + at), tone, width)
    tall, filled, face = cell * rng.uniform(0.4, 0.65), rng.uniform(0.25, 0.6), [rng.choice(list(faces))]
    numbers = []
    for place in range(cells * cells):
        digit = rng.choice("123456789")
        mask = _mask(digit, tall, face[0]) if rng.random() < filled else None
        if mask is None:
            continue
        x = round(left + (place % cells + 0.5) * cell - mask.shape[1] / 2)
        y = round(top + (place // cells + 0.5) * cell - mask.shape[0] / 2)
        if _print(rng, canvas, digit, tall, face, place=(x, y), grey=dark):
            numbers.append(digit)
    return Picture("grid", _taken(rng, _held(rng, canvas)), tuple(numbers), weight=0.2)


def _held(rng: random.Random, canvas: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A sheet from a little aside, in uneven light, and often not sharp."""
    h, w = canvas.shape
    corners = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
    moved = corners + np.array([[rng.uniform(-0.04, 0.04) * side for side in (w, h)] for _ in range(4)])
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    seen = cv2.warpPerspective(canvas, matrix, (w, h), borderMode=cv2.BORDER_REPLICATE)
    across, down = (np.linspace(rng.uniform(0.6, 1.0), rng.uniform(0.6, 1.0), side) for side in (w, h))
    light = (down[:, None] * across[None]).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.3, 2.6)) * light, np.float32)


def _print(
    rng: random.Random,
    canvas: npt.NDArray[np.float32],
    text: str,
    tall: float,
    faces: Sequence[Face],
    *,
    place: tuple[int, int] | None = None,
    grey: float | None = None,
) -> bool:
    """Print a text on the canvas, somewhere where none is said; False where it doesn't fit."""
    mask = _mask(text, tall, rng.choice(list(faces)))
    if mask is None:
        return False
    h, w = mask.shape
    room_y, room_x = canvas.shape[0] - h, canvas.shape[1] - w
    if room_x < 2 or room_y < 2:
        return False
    x, y = place or (rng.randint(1, room_x - 1), rng.randint(1, room_y - 1))
    part = canvas[y : y + h, x : x + w]
    if part.shape != mask.shape:
        return False
    behind = float(part.mean())
    if grey is None:
        away = rng.uniform(60, 200)
        grey = (
            behind - away
            if behind - away >= 0 and (rng.random() < 0.5 or behind + away > 255)
            else behind + away
        )
    part += mask * (min(max(grey, 0.0), 255.0) - part)
    return True


def _mask(text: str, tall: float, face: Face) -> npt.NDArray[np.float32] | None:
    """The ink of a printed text, 0–1, cut to its box; None for a face that can't print it."""
    try:
        font = open_face(face, max(round(1.4 * tall), 6))
        drawn = font.getmask(text, mode="L")
    except (OSError, ValueError):
        return None
    ink = np.array(drawn, np.uint8).reshape(drawn.size[1], drawn.size[0])
    if ink.size == 0 or ink.max(initial=0) < 100:
        return None
    ys, xs = np.nonzero(ink > 60)
    return ink[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] * np.float32(1 / 255)


def _taken(rng: random.Random, canvas: npt.NDArray[np.float32]) -> Gray:
    """As a camera takes it: a little blurred and noisy."""
    blurred = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.4, 1.1))
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(1, 7), canvas.shape)
    return np.clip(blurred + noise, 0, 255).astype(np.uint8)
