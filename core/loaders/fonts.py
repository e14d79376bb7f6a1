"""Digits of installed fonts, of those that ship with the program, and of Chars74K's computer fonts.

A family belongs wholly to train or to dev; of Chars74K every tenth font is dev.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.errors import DataError
from core.loaders import starter
from core.loaders.cache import Arrays, cached, content_key, stat_key
from core.loaders.digit_frame import SOURCE_SIZE, Image, frame_ink
from core.loaders.font_files import Face, faces_of, font_files
from core.loaders.font_filter import framed_signatures, looks_like_digits
from core.loaders.formats import read_npz
from core.loaders.glyphs import draw_digits, small_size

VERSION = 2
CHARS74K_FILE = "chars74k_fnt_digits_64.npz"
PARTS = 4
"""Installed fonts are drawn in so many parts, so that as many processes can work on them."""
PART_NAME = "installed-fonts-{}"
_SAME_SHAPE = 0.985
"""Correlation from which ten glyphs of two families are the same drawing."""


def is_dev(family: str) -> bool:
    """Whether a family is kept out of training: one in ten."""
    return zlib.crc32(family.lower().encode()) % 10 == 0


def render_installed(cache_folder: Path) -> Arrays:
    """All usable faces, through the cache. F drawings, often several of one face (weights, sizes).

    images: uint8 (F,10,64,64) ink. families, paths: str (F,). indices: int64 (F,), in a collection.
    """
    parts = [render_part(cache_folder, part) for part in range(PARTS)]
    # Copies of a face under other names, or in other formats, would weigh too much.
    marks = [hash(digits.tobytes()) for part in parts for digits in part["images"]]
    first = {mark: i for i, mark in reversed(list(enumerate(marks)))}
    kept = np.array(sorted(first.values()), np.int64)
    return {name: np.concatenate([part[name] for part in parts])[kept] for name in parts[0]}


def render_part(cache_folder: Path, part: int) -> Arrays:
    """`render_installed` of one of PARTS runs of the font files, copies not left out."""
    found = font_files()
    first, last = (len(found) * p // PARTS for p in (part, part + 1))
    key = stat_key(found, VERSION)
    return cached(cache_folder, PART_NAME.format(part), key, lambda: _render(found[first:last]))


def families(cache_folder: Path) -> list[str]:
    """The installed families used for training and dev, sorted, each once."""
    return sorted(set(map(str, render_installed(cache_folder)["families"])))


def _render(found: list[Path]) -> Arrays:
    drawn: list[Image] = []
    of: list[Face] = []
    for face in (face for path in found for face in faces_of(path)):
        for digits in _draw(face):
            drawn.append(digits)
            of.append(face)
    return {
        "images": np.stack(drawn) if drawn else np.zeros((0, 10, SOURCE_SIZE, SOURCE_SIZE), np.uint8),
        "families": np.array([face.family for face in of], dtype=np.str_),
        "paths": np.array([str(face.path) for face in of], dtype=np.str_),
        "indices": np.array([face.index for face in of], dtype=np.int64),
    }


def _draw(face: Face) -> list[Image]:
    drawn = []
    for weight in face.weights or (None,):
        large = draw_digits(face, weight=weight)
        if large is None or not looks_like_digits(large):
            continue
        drawn.append(large)
        small = draw_digits(face, size=small_size(face), weight=weight)
        if small is not None:
            drawn.append(small)
    return drawn


def source_key(chars74k: Path | None) -> str:
    """Of what `build` makes: changes with the installed fonts, the shipped ones and Chars74K."""
    others = [path for path in (chars74k, starter.GLYPHS) if path is not None and path.exists()]
    return stat_key(font_files(), VERSION, content_key(others))


def shipped_digits(installed: Iterable[str]) -> tuple[Image, list[str]]:
    """Drawings uint8 (F,10,64,64) of the shipped fonts whose families are not installed, and their families."""
    shipped = starter.read_fonts()
    drawn, names = [starter.no_digits()], list[str]()
    for i in shipped.beside(installed):
        sheets = starter.framed_digits(shipped, i)
        drawn += [sheet[None] for sheet in sheets]
        names += [shipped.families[i]] * len(sheets)
    return np.concatenate(drawn), names


def build(cache_folder: Path, chars74k: Path | None, split: str) -> Arrays:
    """images uint8 (N,64,64) ink 255 on 0, labels int64 (N,), families str (N,).

    A dev family with a face of the same shape as one of training (renamed copies are common) is left out.
    """
    installed = render_installed(cache_folder)
    own = [str(name) for name in installed["families"]]
    shipped, shipped_names = shipped_digits(set(own))
    names = np.array([*own, *shipped_names], dtype=np.str_)
    dev = np.array([is_dev(str(name)) for name in names], bool)
    images = np.concatenate([installed["images"], shipped])
    if split == "dev":
        known = set(names[dev][_is_known(images[dev], images[~dev])].tolist())
        kept = dev & np.array([str(name) not in known for name in names], bool)
    else:
        kept = ~dev
    images, names = images[kept], names[kept]
    labels = np.tile(np.arange(10, dtype=np.int64), len(images))
    images, names = images.reshape(-1, SOURCE_SIZE, SOURCE_SIZE), np.repeat(names, 10)
    if chars74k is not None:
        extra = build_chars74k(chars74k, split)
        images = np.concatenate([images, extra["images"]])
        labels = np.concatenate([labels, extra["labels"]])
        names = np.concatenate([names, np.full(len(extra["labels"]), "Chars74K")])
    return {"images": images, "labels": labels, "families": names}


def _is_known(images: Image, others: Image) -> NDArray[np.bool_]:
    """Which of the faces (F,10,64,64) have the shape of one of the others, bool (F,)."""
    if not len(images) or not len(others):
        return np.zeros(len(images), bool)
    nearest = (_face_signatures(images) @ _face_signatures(others).T).max(axis=1) / 10
    return np.asarray(nearest >= _SAME_SHAPE)


def _face_signatures(images: Image) -> NDArray[np.float32]:
    return framed_signatures(images.reshape(-1, SOURCE_SIZE, SOURCE_SIZE)).reshape(len(images), -1)


def build_chars74k(path: Path, split: str) -> Arrays:
    """Chars74K's fonts (de Campos et al. 2009) as framed ink. Raises DataError, naming the file.

    The file holds all fonts' 0, then all fonts' 1, and so on, each time in the same order.
    """
    content = read_npz(path, "images", "labels")
    images, labels = content["images"], content["labels"]
    count = len(images) // 10
    if (
        images.ndim != 3
        or images.dtype != np.uint8
        or not np.array_equal(labels, np.repeat(np.arange(10), count))
    ):
        raise DataError(f"{path} is not laid out as ten digits of the same fonts, one digit after the other.")
    font = np.arange(len(images)) % count
    kept = np.flatnonzero((font % 10 == 9) == (split == "dev"))
    framed = np.empty((len(kept), SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    for i, k in enumerate(kept):
        framed[i] = frame_ink(255 - images[k])
    return {"images": framed, "labels": labels[kept].astype(np.int64)}
