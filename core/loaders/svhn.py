"""SVHN (Netzer et al. 2011): digits of house numbers in photos.

Format 1: `train/`, `test/` with photos and `digitStruct.mat` (MATLAB v7.3, which is HDF5). Format 2:
`train_32x32.mat`, `test_32x32.mat` (MATLAB v5). Format 1 is used where both are there: it has real
surroundings. Kept out of training are photos 201 to 256, and of the full set every 20th beyond them. A format 2
file does not say which photo a crop is from: of it the last twentieth is dev.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.base.errors import DataError
from core.loaders.background_photos import read_gray
from core.loaders.cache import Arrays
from core.loaders.digit_frame import SOURCE_SIZE, cut_digit
from core.loaders.formats import BOX_COLUMNS, box_of, read_table
from core.reading.images import to_gray
from core.reading.types import Box

VERSION = 3

LOOSE = 1.2
"""How much taller than the digits SVHN's boxes are taken to be. Cut without this, digits are too small in the frame:
of the values tried, an earlier classifier made fewest errors with it on the dev split, photos 201 to 256."""


UNLABELLED = Path(__file__).parent / "svhn_unlabelled.csv"
"""Digits of the training photos that have no box there: `core.tools.locate_digits`, --unlabelled."""


@dataclass(frozen=True)
class BoxedPhoto:
    """One photo with its digits, left to right. boxes: in pixels of the photo."""

    path: Path
    digits: tuple[int, ...]
    boxes: tuple[Box, ...]


def is_dev(photo_number: int) -> bool:
    """Whether a photo of the training folder is kept out of training."""
    return 201 <= photo_number <= 256 or (photo_number > 256 and photo_number % 20 == 0)


def split_parts(split: str) -> str:
    """The official part that a split is taken from."""
    return "test" if split == "test" else "train"


def files(folder: Path, split: str) -> list[Path]:
    """The files a split is read from; empty where neither format is there."""
    part = split_parts(split)
    struct = folder / part / "digitStruct.mat"
    if struct.exists():
        return [struct]
    crops = folder / f"{part}_32x32.mat"
    return [crops] if crops.exists() else []


def build(folder: Path, split: str) -> Arrays:
    """images uint8 (N,64,64), labels int64 (N,). Raises DataError, naming the file at fault."""
    found = files(folder, split)
    if not found:
        raise DataError(
            f"{folder}: there is no SVHN {split_parts(split)} set; “gnc data fetch svhn” fetches it."
        )
    if found[0].name == "digitStruct.mat":
        return _build_photos(found[0], split)
    return _build_crops(found[0], split)


def boxed_photos(folder: Path, split: str) -> list[BoxedPhoto]:
    """The photos of a split in format 1, with boxes. Raises DataError, naming the file at fault."""
    photos = read_digit_struct(folder / split_parts(split) / "digitStruct.mat")
    if split == "test":
        return photos
    return [p for p in photos if is_dev(_number(p.path)) == (split == "dev")]


def read_unlabelled(path: Path = UNLABELLED) -> dict[str, list[Box]]:
    """Per file name of a training photo the digits in it that have no box (pixels). Raises DataError."""
    found: dict[str, list[Box]] = {}
    for row in read_table(path, ("file", *BOX_COLUMNS)):
        found.setdefault(row["file"], []).append(box_of(path, row))
    return found


def _number(path: Path) -> int:
    return int(path.stem) if path.stem.isdigit() else 0


def read_digit_struct(path: Path) -> list[BoxedPhoto]:
    """Names, boxes and digits of a `digitStruct.mat`. Raises DataError, naming the file, where it is none."""
    import h5py

    photos = []
    try:
        with h5py.File(path, "r") as file:
            names, boxes = file["digitStruct/name"], file["digitStruct/bbox"]
            if names.shape != boxes.shape:
                raise DataError(f"{path} is damaged: it has {len(names)} names for {len(boxes)} photos.")
            for name_ref, box_ref in zip(names[:, 0], boxes[:, 0], strict=True):
                name = "".join(map(chr, file[name_ref][:].ravel()))
                group = file[box_ref]
                fields = [_numbers(file, group[key]) for key in ("label", "left", "top", "width", "height")]
                photos.append(_photo(path, name, fields))
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file.") from None
    except (OSError, RuntimeError) as error:
        raise DataError(f"{path} is damaged or not an HDF5 file; fetch it again.") from error
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} is not laid out as SVHN's digitStruct.mat.") from error
    return photos


def _numbers(file: object, data: object) -> list[float]:
    # One digit is stored as the number itself, several as references to one number each.
    values = data[:].ravel()  # type: ignore[index]
    if values.dtype == object:
        return [float(file[ref][0, 0]) for ref in values]  # type: ignore[index]
    return [float(v) for v in values]


def _photo(path: Path, name: str, fields: list[list[float]]) -> BoxedPhoto:
    labels, lefts, tops, widths, heights = fields
    if not name or Path(name).name != name:
        raise DataError(f"{path} names a photo “{name}”, which is not a plain file name.")
    if len({len(f) for f in fields}) != 1:
        raise DataError(f"{path}: the boxes of {name} are damaged: a value is missing.")
    if any(not 1 <= label <= 10 or label != int(label) for label in labels):
        raise DataError(f"{path}: {name} has a label other than 1 to 10.")
    digits = tuple(int(label) % 10 for label in labels)
    boxes = tuple(Box(x, y, w, h) for x, y, w, h in zip(lefts, tops, widths, heights, strict=True))
    return BoxedPhoto(path.parent / name, digits, boxes)


def tight(box: Box) -> Box:
    """The digit in one of SVHN's boxes: they are loose above and below, hardly at the sides."""
    height = box.h / LOOSE
    return Box(box.x, box.y + (box.h - height) / 2, box.w, height)


def _build_photos(struct: Path, split: str) -> Arrays:
    images, labels = [], []
    for photo in boxed_photos(struct.parent.parent, split):
        gray = read_gray(photo.path)
        for digit, box in zip(photo.digits, photo.boxes, strict=True):
            check_box(photo.path, box, gray.shape)
            images.append(cut_digit(gray, tight(box)))
            labels.append(digit)
    stacked = np.stack(images) if images else np.zeros((0, SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    return {"images": stacked, "labels": np.array(labels, np.int64)}


def check_box(path: Path, box: Box, shape: tuple[int, ...]) -> None:
    """Raises DataError where a box has no size or its middle is outside the photo (a few pixels are common)."""
    middle_x, middle_y = box.x + box.w / 2, box.y + box.h / 2
    if not (box.w >= 1 and box.h >= 1 and 0 <= middle_x <= shape[1] and 0 <= middle_y <= shape[0]):
        raise DataError(
            f"{path}: a digit's box ({box.x:g}, {box.y:g}, {box.w:g} x {box.h:g}) is not inside the photo "
            f"of {shape[1]} x {shape[0]} pixels."
        )


def _build_crops(path: Path, split: str) -> Arrays:
    from scipy.io import loadmat

    try:
        content = loadmat(path)
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file.") from None
    except Exception as error:  # scipy raises whatever its parser stumbles over
        raise DataError(f"{path} is damaged or not a MATLAB file; fetch it again.") from error
    if "X" not in content or "y" not in content:
        raise DataError(f"{path} is not SVHN's format 2: it lacks X or y.")
    crops, labels = content["X"], content["y"].ravel()
    if crops.ndim != 4 or crops.shape[:3] != (32, 32, 3) or crops.dtype != np.uint8:
        raise DataError(
            f"{path}: X is {crops.dtype} of {'x'.join(map(str, crops.shape))}, not bytes of 32x32x3xN."
        )
    if crops.shape[3] != len(labels):
        raise DataError(f"{path} has {len(labels):,} labels for {crops.shape[3]:,} images.")
    if labels.size and not (labels.min() >= 1 and labels.max() <= 10):
        raise DataError(f"{path} has a label other than 1 to 10.")
    kept = np.arange(len(labels))
    if split != "test":
        first_dev = len(labels) - len(labels) // 20
        kept = kept[:first_dev] if split == "train" else kept[first_dev:]
    images = np.empty((len(kept), SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    digit = tight(
        Box(8, 0, 16, 32)
    )  # its box fills the height; the crop was made square with what is beside it
    for i, k in enumerate(kept):
        gray = to_gray(np.ascontiguousarray(crops[:, :, :, k]))
        images[i] = cut_digit(gray, digit)
    return {"images": images, "labels": labels[kept].astype(np.int64) % 10}
