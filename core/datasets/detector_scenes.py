"""What the detector trains on: where it comes from, and any scene of it by its index."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.base.errors import NAME_DATA, DataError
from core.base.opencv import cv2
from core.base.paths import Places
from core.datasets import labelled_numbers
from core.datasets.catalog import CATALOGUE
from core.loaders import svhn, svhn_extra
from core.loaders.background_photos import background_files, read_gray
from core.loaders.cache import cached, content_key, stat_key
from core.loaders.folders import backgrounds_folder
from core.loaders.number_photos import NumberPhoto, number_photos
from core.reading.types import Box
from core.recipes.scenes import IGNORED, Scenes
from core.recipes.source_names import LABELLED_EMPTY, LABELLED_NUMBERS
from core.synthesis.backgrounds import PhotoPool
from core.synthesis.glyphs import Handwriting, font_glyphs, no_glyphs
from core.synthesis.photo_collage import (
    LabelledPhoto,
    LabelledPool,
    counter_strips,
    make_empty_scene,
    make_photo_scene,
)
from core.synthesis.scene import Scene, SceneAssets, make_scene, scene_random

BOXED = ("wagon-numbers", "cheques", "iiit5k-numbers", "lcd-meters")
"""Sets of `core.loaders.number_photos` with a box for each digit."""
WORDS = "words"
EMPTY = "no-numbers"
SOURCES = ("scenes", "svhn", "svhn-numbers", "meter", *BOXED, WORDS, EMPTY, LABELLED_NUMBERS, LABELLED_EMPTY)
"""What a recipe of the detector may name. scenes: made ones; words, no-numbers: photos of words, and of rooms and
streets, without digits; corrections-numbers, corrections-empty: what people labelled, numbers and photos without any;
the others: photos with a box for each digit."""

VERSION = 2
_STRIPS = 1500
_LARGEST_PHOTO = 640
"""Longer side of a labelled photo, pixels; larger ones are scaled down."""


class SceneArrays(NamedTuple):
    """A batch of scenes. images: uint8 (B,S,S). owner: int64 (M,), the scene of each box. labels: int64 (M,).
    boxes: float32 (M,4). letters_known: bool (B,)."""

    images: npt.NDArray[np.uint8]
    owner: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.float32]
    letters_known: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SceneData:
    """One split. shares: of each source in what is drawn. counts: photos of each; of made scenes the fonts.
    notes: a sentence for every source that is left out."""

    config: Scenes
    assets: SceneAssets
    pools: Mapping[str, LabelledPool]
    shares: Mapping[str, float]
    counts: Mapping[str, int]
    notes: tuple[str, ...]

    def scene(self, seed: int, index: int, source: str | None = None) -> Scene:
        """Scene `index` of a seed, always the same; source: one of `shares` instead of a drawn one."""
        rng = scene_random(seed, index)
        drawn = self._drawn(rng)  # drawn in any case: a named source gives the same scene
        source = source or drawn
        if source == "scenes":
            return make_scene(rng, self.config, self.assets)
        if source in (EMPTY, LABELLED_EMPTY):
            return make_empty_scene(rng, self.config, self.pools[source].photos)
        return make_photo_scene(rng, self.config, self.pools[source], self.assets.backgrounds)

    def source_of(self, seed: int, index: int) -> str:
        """Which source scene `index` of a seed is drawn from."""
        return self._drawn(scene_random(seed, index))

    def _drawn(self, rng: Random) -> str:
        return rng.choices(tuple(self.shares), tuple(self.shares.values()))[0]

    def batch(self, seed: int, first: int, count: int, source: str | None = None) -> SceneArrays:
        """Scenes first … first + count - 1 of a seed."""
        return join_scenes([self.scene(seed, first + i, source) for i in range(count)])


def join_scenes(scenes: Sequence[Scene]) -> SceneArrays:
    """Scenes of one size as one batch."""
    return SceneArrays(
        np.stack([s.image for s in scenes]),
        np.repeat(np.arange(len(scenes)), [len(s.labels) for s in scenes]),
        np.concatenate([s.labels for s in scenes]),
        np.concatenate([s.boxes for s in scenes]),
        np.array([s.letters_known for s in scenes], bool),
    )


def load_scene_data(shares: Mapping[str, float], config: Scenes, places: Places, split: str) -> SceneData:
    """What `shares` names, as far as it is here, through the cache. split: train or dev.

    Raises DataError for unknown sources, damaged files, and where nothing of it is here.
    """
    unknown = [name for name in shares if name not in SOURCES]
    if unknown:
        raise DataError(
            f"there is no source “{unknown[0]}” for the detector; there are {', '.join(SOURCES)}."
        )
    wanted = {name: share for name, share in shares.items() if share > 0}
    notes: list[str] = []
    pools: dict[str, LabelledPool] = {}
    counts: dict[str, int] = {}
    assets = load_scene_assets(config, places, split, write="scenes" in wanted)
    if "scenes" in wanted:
        if len(assets.glyphs):
            counts["scenes"] = len(assets.glyphs)
        else:
            notes.append("Made scenes are left out: no fonts are installed.")
    for name in (n for n in wanted if n != "scenes"):
        pool = _labelled_pool(name, places, split)
        if pool is not None and len(pool):
            pools[name] = pool
            counts[name] = len(pool)
        else:
            notes.append(f"The source “{name}” is left out: {_absent(name)}")
    if not counts:
        raise DataError(f"None of the detector's data is here: install fonts, or {NAME_DATA}.")
    kept = {name: share for name, share in wanted.items() if name in counts}
    return SceneData(config, assets, pools, kept, counts, tuple(notes))


def load_scene_assets(config: Scenes, places: Places, split: str, *, write: bool = True) -> SceneAssets:
    """Fonts, handwriting and backgrounds, each where it is here. write: False leaves out all but the last."""
    backgrounds = background_pool(places, split)
    if not write:
        return SceneAssets(no_glyphs(), (), backgrounds)
    limit = config.fonts if split == "train" else max(1, config.fonts // 8)
    glyphs = font_glyphs(places.cache, split, limit=limit)
    images, labels = [], []
    for name in ("mnist", "strokes"):
        if CATALOGUE[name].find(places, None) is not None:
            arrays = CATALOGUE[name].load_arrays(split, places)
            images.append(arrays["images"])
            labels.append(arrays["labels"])
    hands = tuple(
        Handwriting.of(i, n) for i, n in zip(images, labels, strict=True) if len(np.unique(n)) == 10
    )
    return SceneAssets(glyphs, hands, backgrounds)


def background_pool(places: Places, split: str) -> PhotoPool:
    """The grey photos of `backgrounds/` but for the last 74 by name, which only the evaluation uses; may be empty.
    For train those that are not held back, for dev those that are."""
    folder = backgrounds_folder(places)
    if folder is None:
        return PhotoPool.of([])
    files = [p for p in background_files(folder, "train") if svhn_extra.is_held(p.name) == (split == "dev")]

    def build() -> dict[str, npt.NDArray[np.uint8] | npt.NDArray[np.int64]]:
        pool = PhotoPool.of([_fitting(read_gray(path))[0] for path in files])
        return {"pixels": pool.pixels, "facts": pool.facts}

    return PhotoPool(**cached(places.cache, f"background-photos-{split}", stat_key(files, VERSION), build))


def _absent(name: str) -> str:
    if name in CATALOGUE:
        return CATALOGUE[name].absent
    return "its photos are not in the data folder."


def _labelled_pool(name: str, places: Places, split: str) -> LabelledPool | None:
    if name in (*BOXED, WORDS, EMPTY):
        return _photo_pool(name, places, split)
    if name in (LABELLED_NUMBERS, LABELLED_EMPTY):
        return _pool_of_labelled(name, places, split)
    where = CATALOGUE[name].find(places, None)
    if where is None:
        return None
    if name == "meter":
        arrays = CATALOGUE[name].load_arrays(split, places)
        return LabelledPool.of(counter_strips(arrays["images"], arrays["labels"], _STRIPS, seed=1))
    if name == "svhn":
        struct = where / "train" / "digitStruct.mat"
        if not struct.exists():
            return None  # the 32x32 crops have no surroundings to find a digit in
        key = content_key([struct, svhn.UNLABELLED], VERSION, split)
    else:
        key = content_key([where / "labels.csv", *svhn_extra.TABLES], VERSION, split)

    def build() -> dict[str, npt.NDArray[np.generic]]:
        photos = _boxed_svhn(where, split) if name == "svhn" else _boxed_numbers(where, split)
        return _flat(LabelledPool.of(photos))

    return _pool(cached(places.cache, f"{name}-photos-{split}", key, build))


def _photo_pool(name: str, places: Places, split: str) -> LabelledPool | None:
    """Photos of a set of `core.loaders.number_photos`, as far as it is here; dev is its validation part."""
    part = "train" if split == "train" else "validation"
    sets = {WORDS: ("iiit5k-words",), EMPTY: ("icdar2015-scenes", "backgrounds-more")}.get(name, (name,))
    photos: list[NumberPhoto] = []
    for one in sets:
        with contextlib.suppress(DataError):  # it is not here
            photos += number_photos(places, one, part)
    if name in BOXED:
        photos = [photo for photo in photos if photo.digit_boxes]
    if not photos:
        return None

    def build() -> dict[str, npt.NDArray[np.generic]]:
        return _flat(LabelledPool.of([_boxed_photo(photo) for photo in photos]))

    key = stat_key([photo.file for photo in photos], VERSION)
    return _pool(cached(places.cache, f"{name}-photos-{split}", key, build))


SURROUNDINGS = 0.5
"""Of a photo that may show other numbers than those with boxes so much is kept around them, in heights."""


def _boxed_photo(photo: NumberPhoto) -> LabelledPhoto:
    around = photo.box if photo.source == "lcd-meters" else None
    return _labelled_photo(read_gray(photo.file), photo.digit_boxes, around)


def _labelled_photo(
    gray: npt.NDArray[np.uint8], digits: Sequence[tuple[int, Box]], around: Box | None
) -> LabelledPhoto:
    """A photo with its digits, or the piece around a box; scaled down where it is large."""
    left, top = 0, 0
    if around is not None:
        room = SURROUNDINGS * around.h
        left, top = max(0, round(around.x - room)), max(0, round(around.y - room))
        gray = gray[top : round(around.y + around.h + room), left : round(around.x + around.w + room)]
    image, scale = _fitting(gray)
    boxes = tuple(_zoomed(Box(b.x - left, b.y - top, b.w, b.h), scale) for _, b in digits)
    return LabelledPhoto(np.ascontiguousarray(image), tuple(d for d, _ in digits), boxes)


def _pool_of_labelled(name: str, places: Places, split: str) -> LabelledPool | None:
    """What people labelled: pieces of photos around numbers and around what is none, or whole photos without any."""
    entries = labelled_numbers.labelled(places, split)
    if name == LABELLED_EMPTY:
        entries = [entry for entry in entries if entry.whole and entry.box is None and not entry.has_number]
    if not entries:
        return None

    def build() -> dict[str, npt.NDArray[np.generic]]:
        if name == LABELLED_EMPTY:
            found = labelled_numbers.readable(entries)
            return _flat(LabelledPool.of([_labelled_photo(picture, (), None) for _, picture in found]))
        places_of = labelled_numbers.DigitPlaces()
        photos = []
        for one in labelled_numbers.placed(places, entries):
            digits = places_of.boxes(one.picture, one.row, one.written) if one.written else ()
            if digits or not one.written:
                photos.append(_labelled_photo(one.picture, digits, one.row))
        return _flat(LabelledPool.of(photos))

    key = content_key([], VERSION, labelled_numbers.VERSION, [entry.id for entry in entries])
    return _pool(cached(places.cache, f"{name}-photos-{split}", key, build))


def _flat(pool: LabelledPool) -> dict[str, npt.NDArray[np.generic]]:
    return {
        "pixels": pool.photos.pixels, "facts": pool.photos.facts, "first": pool.first,
        "digits": pool.digits, "boxes": pool.boxes,
    }  # fmt: skip


def _pool(arrays: Mapping[str, npt.NDArray[Any]]) -> LabelledPool:
    photos = PhotoPool(arrays["pixels"], arrays["facts"])
    return LabelledPool(photos, arrays["first"], arrays["digits"], arrays["boxes"])


def _boxed_svhn(where: Path, split: str) -> list[LabelledPhoto]:
    photos = []
    unlabelled = svhn.read_unlabelled() if split == "train" else {}
    for photo in svhn.boxed_photos(where, split):
        image, scale = _fitting(read_gray(photo.path))
        for box in photo.boxes:
            svhn.check_box(photo.path, box, (round(image.shape[0] / scale), round(image.shape[1] / scale)))
        others = unlabelled.get(photo.path.name, [])
        digits = [svhn.tight(box) for box in photo.boxes]
        boxes = tuple(_zoomed(box, scale) for box in (*digits, *others))
        photos.append(LabelledPhoto(image, photo.digits + (IGNORED,) * len(others), boxes))
    return photos


def _boxed_numbers(where: Path, split: str) -> list[LabelledPhoto]:
    placed = svhn_extra.read_boxes()
    photos = []
    for path, number in svhn_extra.load_numbers(where, "train"):
        if svhn_extra.is_held(path.name) != (split == "dev"):
            continue
        digits = placed.get(path.name, [])
        if digits and "".join(str(d) for d, _ in digits) == number:
            image, scale = _fitting(read_gray(path))
            boxes = tuple(_zoomed(b, scale) for _, b in digits)
            photos.append(LabelledPhoto(image, tuple(d for d, _ in digits), boxes))
    return photos


def _zoomed(box: Box, scale: float) -> Box:
    return Box(box.x * scale, box.y * scale, box.w * scale, box.h * scale)


def _fitting(gray: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], float]:
    """The photo, scaled down where its longer side exceeds _LARGEST_PHOTO, and by how much."""
    scale = min(1.0, _LARGEST_PHOTO / max(gray.shape))
    if scale == 1.0:
        return gray, 1.0
    size = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA)), scale
