"""Any image → grayscale → what the classifier sees. One path, used by training and by the live program.

`load_image` → `to_gray` → `frame_digit` (the picture shows one digit) or `crop_box` (a digit in a photo, by
its box). Nothing here inverts or stretches grey values: the network has learned both polarities and weak
contrast.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import InputError
from core.base.opencv import cv2
from core.reading.crops import crop_box, frame_digit
from core.reading.types import INK_SHARE, INPUT_SIZE

if TYPE_CHECKING:
    from PIL import Image

__all__ = [
    "INK_SHARE", "INPUT_SIZE", "MAX_PIXELS", "PICTURES", "Pages", "crop_box", "frame_digit", "from_rgba", "load_image",
    "pages_of", "to_gray",
]  # fmt: skip

PICTURES = (
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm",
    ".pbm", ".pnm", ".jp2", ".avif", ".heic", ".heif", ".hif", ".mpo", ".ico", ".tga", ".pcx", ".sgi", ".qoi",
)  # fmt: skip
"""Names of files in a folder that are taken for pictures; a file named by itself is read whatever its name."""

MAX_PIXELS = 150_000_000
"""Larger pictures are refused: 10,000 x 10,000 passes, a decompression bomb does not."""

_MILLIONS = MAX_PIXELS // 10**6

# Formats that Pillow decodes by itself. EPS is left out: it would start Ghostscript on the user's file.
_FORMATS = (
    "PNG", "JPEG", "MPO", "BMP", "DIB", "GIF", "TIFF", "WEBP", "PPM", "JPEG2000", "AVIF", "ICO", "PCX", "SGI",
    "QOI", "TGA",
)  # fmt: skip

_ANIMATED = ("GIF", "WEBP", "PNG", "AVIF")
_NEW_SUBFILE_TYPE = 254  # TIFF 6.0, section 8

_OTHER_KINDS = {
    "a PDF document": (".pdf",),
    "a drawing of lines": (".svg", ".svgz", ".eps", ".ai"),
    "a Photoshop file": (".psd", ".psb"),
    "a camera's raw file": (".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw"),
    "a JPEG XL image": (".jxl",),
    "a video": (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v"),
}
"""What people take for pictures and this program does not read."""

_LUMA = np.array([0.299, 0.587, 0.114])
_COLOUR_GAIN = 2.0  # colour must carry this many times the contrast of luma before it is preferred
_COLOUR_FLOOR = 6.0  # grey levels of spread; below, colour is JPEG noise
_COVERED = 0.6  # share of opaque pixels from which a transparent picture is a picture with holes


@dataclass(frozen=True)
class Pages:
    """What a picture file holds.

    indices: for `load_image`, one a page; one for all but scans of several pages.
    note: a sentence where a part of the file is not read, or "".
    """

    indices: tuple[int, ...] = (0,)
    note: str = ""

    @property
    def numbered(self) -> list[tuple[int, int | None]]:
        """(index, the page's number from 1 on; None where the file has only this one)."""
        several = len(self.indices) > 1
        return [(index, number if several else None) for number, index in enumerate(self.indices, start=1)]


def pages_of(path: str | Path) -> Pages:
    """The pages of a TIFF; of an animation the first frame, and a word that there are more. Fast.

    Previews and masks that a TIFF keeps beside its pages, and the second picture of a stereo JPEG, are no pages.

    Raises:
        InputError: as `load_image`.
    """
    with _opened(Path(path)) as image:
        try:
            count = int(getattr(image, "n_frames", 1))
            if count > 1 and image.format == "TIFF":
                return Pages(tuple(i for i in range(count) if _is_page(image, i)) or (0,))
        except Exception:  # noqa: BLE001  (Pillow raises anything on a damaged file; its first page may be whole)
            return Pages(note=f"{path} is damaged: only its first page is read.")
        if count > 1 and image.format in _ANIMATED:
            return Pages(note=f"{path}: only the first of its {count:,} frames is read.")
    return Pages()


def load_image(path: str | Path, page: int = 0) -> NDArray[np.uint8]:
    """The picture in a file: uint8, (H, W) gray or (H, W, 3) RGB, upright.

    EXIF orientation is obeyed, 16-bit and float values are scaled, CMYK and palettes converted; what is
    transparent is laid on a ground that contrasts with what is not. page: one of `pages_of`.

    Raises:
        InputError: the file is missing, empty, damaged, no picture, or too large. The message names it.
    """
    from PIL import ImageOps

    path = Path(path)
    with _opened(path) as opened:
        if page:
            opened.seek(page)
        w, h = opened.size
        if w < 1 or h < 1:
            raise InputError(f"{path} holds an image without pixels.")
        if w * h > MAX_PIXELS:
            raise InputError(f"{path} is too large: {w} x {h} pixels; at most {_MILLIONS} million are read.")
        opened.load()
        return _as_array(ImageOps.exif_transpose(opened))


def from_rgba(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels that come from another program, uint8 (H, W, 4) RGBA, as `load_image` gives those of a file."""
    from PIL import Image

    return _composited(Image.fromarray(pixels))


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """The file open in Pillow; whatever goes wrong with it inside the block becomes an error of one sentence."""
    from PIL import Image, UnidentifiedImageError

    try:
        if not path.exists():
            raise InputError(f"{path}: there is no such file.")
        if path.is_dir():
            raise InputError(f"{path} is a folder, not an image.")
        if not path.is_file():
            raise InputError(f"{path} is not a file.")
        if path.stat().st_size == 0:
            raise InputError(f"{path} is empty.")
        formats = _formats()
        if _is_heif(path):
            formats = (*formats, *_heif_formats(path))
        with warnings.catch_warnings():
            # Pillow warns of sizes that we check ourselves, and of odd metadata that is not used.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=formats) as opened:
                yield opened
    except InputError:
        raise
    except UnidentifiedImageError as error:
        raise InputError(f"{path} is not an image this program can read{_way_out(path)}.") from error
    except Image.DecompressionBombError as error:
        raise InputError(f"{path} is too large: at most {_MILLIONS} million pixels are read.") from error
    except MemoryError as error:
        raise InputError(f"{path} is too large for this machine's memory.") from error
    except OSError as error:
        # A system error has a number and a text; Pillow's own (a file cut off) has not.
        why = error.strerror if error.errno is not None and error.strerror else "damaged or cut off"
        raise InputError(f"{path} can't be read: {why}.") from error
    except Exception as error:  # Pillow's decoders raise anything on a damaged file
        raise InputError(f"{path} can't be read: damaged or cut off.") from error


def _is_page(image: Image.Image, index: int) -> bool:
    """Whether a TIFF's directory is a page: neither a smaller copy (bit 0 of NewSubfileType) nor a mask (bit 2)."""
    image.seek(index)
    tags: Any = getattr(image, "tag_v2", {})
    return not int(tags.get(_NEW_SUBFILE_TYPE, 0)) & 0b101


def _is_heif(path: Path) -> bool:
    """Whether it is of the ISO base media kind that HEIC and AVIF share: its first box is called `ftyp`."""
    with path.open("rb") as file:
        return file.read(8)[4:] == b"ftyp"


def _heif_formats(path: Path) -> tuple[str, ...]:
    try:
        import pi_heif
    except ImportError as error:
        if path.suffix.lower() not in (".heic", ".heif", ".hif"):
            return ()
        raise InputError(
            f"{path} is a HEIC image, and no decoder for it is installed (pi-heif). Save it as JPEG or PNG; "
            "an iPhone does so with Settings, Camera, Formats, Most Compatible."
        ) from error
    pi_heif.register_heif_opener(thumbnails=False)
    return ("HEIF",)


def _way_out(path: Path) -> str:
    suffix = path.suffix.lower()
    kind = next((kind for kind, suffixes in _OTHER_KINDS.items() if suffix in suffixes), None)
    return f": it is {kind}. Save it as PNG or JPEG" if kind else " (PNG, JPEG, HEIC, WebP …)"


def _as_array(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode.startswith(("I", "F")):
        return _deep(np.asarray(image))
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        return _composited(image.convert("RGBA"))
    if image.mode in ("1", "L"):
        return np.array(image.convert("L"))
    if image.mode == "P" and image.palette is not None and image.palette.mode == "L":
        return np.array(image.convert("L"))
    return np.array(image.convert("RGB"))


@functools.cache
def _formats() -> tuple[str, ...]:
    """Those of the formats that this build of Pillow has; it fails on the others instead of passing them by."""
    from PIL import Image

    Image.init()
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _deep(values: NDArray[Any]) -> NDArray[np.uint8]:
    """16-bit, 32-bit and float pixels as uint8. The largest value decides between 10, 12 and 16 bits."""
    if values.dtype.kind == "f":
        finite = np.isfinite(values)
        values = np.where(finite, values, values[finite].min() if finite.any() else 0)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and values.dtype.kind != "f":
        top = next((top for top in (255, 1023, 4095, 65535) if high <= top), None)
        if top is not None:
            return np.rint(values * (255 / top)).astype(np.uint8)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low >= 0 and high <= 255:
        low, high = 0.0, 255.0
    if high <= low:
        return np.zeros(values.shape, np.uint8)
    return np.rint((values - low) * (255 / (high - low))).astype(np.uint8)


def _composited(image: Image.Image) -> NDArray[np.uint8]:
    """An RGBA picture on a ground that its opaque part stands out from; (H, W, 3) uint8."""
    from PIL import Image

    alpha = np.asarray(image.getchannel("A"))
    if alpha.min() == 255:
        return np.array(image.convert("RGB"))
    opaque = alpha > 127
    luma = np.asarray(image.convert("RGB").convert("L"))
    if not opaque.any():
        ground = (255, 255, 255)
    elif opaque.mean() > _COVERED:
        # A picture with transparent corners or holes: they take the grey of what is around them.
        grey = int(np.median(luma[opaque]))
        ground = (grey, grey, grey)
    else:
        ground = (0, 0, 0) if luma[opaque].mean() >= 128 else (255, 255, 255)
    under = Image.new("RGBA", image.size, (*ground, 255))
    under.alpha_composite(image)
    return np.array(under.convert("RGB"))


def to_gray(image: Any) -> NDArray[np.uint8]:
    """A picture as gray: (H, W) uint8. `image`: (H, W), (H, W, 1), (H, W, 3) RGB or (H, W, 4) RGBA.

    Values: uint8; 16-bit, float and bool ones are scaled. Luma (BT.601), unless colour carries over twice
    its contrast (yellow on white, red on green): then the first principal component, signed as luma.

    Raises:
        InputError: no pixels, another shape, or values that are no numbers.
    """
    values = np.asarray(image)
    shape_is_right = values.ndim == 2 or (values.ndim == 3 and values.shape[2] in (1, 3, 4))
    if not shape_is_right or values.size == 0:
        raise InputError(f"Not an image: an array of shape {values.shape}; (H, W) or (H, W, 3) is needed.")
    if values.dtype == np.bool_:
        values = values.astype(np.uint8) * np.uint8(255)
    elif values.dtype != np.uint8:
        if values.dtype.kind not in "uif" or not np.isfinite(values).all():
            raise InputError("Not an image: its values are not all numbers.")
        values = _deep(values)
    if values.ndim == 2:
        return np.ascontiguousarray(values)
    if values.shape[2] == 1:
        return np.ascontiguousarray(values[:, :, 0])
    if values.shape[2] == 4:
        return _from_rgb(from_rgba(np.ascontiguousarray(values)))
    return _from_rgb(np.ascontiguousarray(values))


def _from_rgb(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    h, w = rgb.shape[:2]
    step = max(h // 64, w // 64, 1)
    sample = rgb[::step, ::step].reshape(-1, 3).astype(np.float64)
    mean = sample.mean(axis=0)
    centred = sample - mean
    covariance = centred.T @ centred / len(sample)
    luma_spread = float(np.sqrt(max(_LUMA @ covariance @ _LUMA, 0.0)))
    # A grey picture has variance 3σ² along (1, 1, 1): divided by 3 both are in grey levels.
    power, axes = np.linalg.eigh(covariance / 3)
    spread = float(np.sqrt(max(power[-1], 0.0)))
    if spread < max(_COLOUR_GAIN * luma_spread, _COLOUR_FLOOR):
        return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
    axis = axes[:, -1]
    lean = float(_LUMA @ covariance @ axis)
    if abs(lean) < 1e-9:
        lean = float(axis[np.argmax(np.abs(axis))])
    axis = (axis if lean > 0 else -axis) / np.sqrt(3)
    plane = cv2.transform(rgb.astype(np.float32), np.asarray(axis, np.float32)[None]).reshape(h, w)
    low, high = float(plane.min()), float(plane.max())
    scale = min(1.0, 255 / max(high - low, 1e-6))
    centre = float(_LUMA @ mean) - scale * (float(axis @ mean) - low)
    start = min(max(centre, 0.0), 255 - scale * (high - low))
    return np.asarray(np.clip(np.rint((plane - low) * scale + start), 0, 255), np.uint8)
