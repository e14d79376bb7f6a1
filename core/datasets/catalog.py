"""Which sources there are, whether they are here, and on what terms: the windows show this.

`CATALOGUE` holds facts and the loaders' numpy side; `core.train.samples` gives the same as tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from core.base.errors import DataError
from core.base.paths import Places
from core.collection import digits as collected
from core.collection.split import held_in
from core.datasets import non_digits, synthetic_digits
from core.datasets.entry import Availability, CatalogEntry, Ingredients, empty_arrays
from core.datasets.finding import always, shipped_fonts, shipped_mnist, with_files, with_fonts
from core.datasets.number_entries import NUMBER_ENTRIES
from core.loaders import (
    background_photos,
    fonts,
    meters,
    mnist,
    pen_strokes,
    scanned_digits,
    svhn,
    svhn_extra,
)
from core.loaders.cache import Arrays, cached, content_key, stat_key
from core.loaders.digit_frame import SOURCE_SIZE
from core.loaders.folders import backgrounds_folder, data_folders
from core.loaders.font_files import font_files
from core.loaders.own import arrange
from core.loaders.own.digits import warnings_of
from core.loaders.own.find import SeveralSetsError, own_digits
from core.recipes.source_names import source_name


def _find_mnist(places: Places, _: Path | None) -> Path | None:
    for base in data_folders(places):
        if all(path.exists() for path in mnist.files(base / "mnist")):
            return base / "mnist"
    return shipped_mnist()


def _prepare_mnist(_: Places, where: Path, split: str) -> Ingredients:
    return Ingredients(content_key(mnist.files(where), mnist.VERSION), lambda: mnist.build(where, split))


def _find_svhn(places: Places, _: Path | None) -> Path | None:
    for base in data_folders(places):
        if svhn.files(base / "svhn", "train"):
            return base / "svhn"
    return None


def _prepare_svhn(_: Places, where: Path, split: str) -> Ingredients:
    found = svhn.files(where, split)
    if not found and split == "test":
        return Ingredients("absent", empty_arrays)
    return Ingredients(content_key(found, svhn.VERSION), lambda: svhn.build(where, split))


def _find_numbers(places: Places, _: Path | None) -> Path | None:
    for base in data_folders(places):
        where = base / "svhn_extra_numbers"
        if (where / "labels.csv").exists() and svhn_extra.BOXES.exists():
            return where
    return None


def _prepare_numbers(_: Places, where: Path, split: str) -> Ingredients:
    key = content_key([where / "labels.csv", *svhn_extra.TABLES], svhn_extra.VERSION)
    return Ingredients(key, lambda: svhn_extra.build(where, split))


def _chars74k(places: Places) -> Path | None:
    found = with_files(f"chars74k_fnt/{fonts.CHARS74K_FILE}")(places, None)
    return found / fonts.CHARS74K_FILE if found else None


def _find_fonts(places: Places, _: Path | None) -> Path | None:
    return _chars74k(places) or next(iter(font_files()), None) or shipped_fonts()


def _prepare_fonts(places: Places, _: Path, split: str) -> Ingredients:
    extra = _chars74k(places)
    return Ingredients(fonts.source_key(extra), lambda: fonts.build(places.cache, extra, split))


def _prepare_non_digits(places: Places, _: Path, split: str) -> Ingredients:
    folder = backgrounds_folder(places)
    found = background_photos.background_files(folder, split) if folder else []
    key = stat_key(found, non_digits.VERSION, fonts.source_key(None))
    return Ingredients(key, lambda: non_digits.build(places.cache, folder, split))


def _prepare_made_photos(places: Places, _: Path, split: str) -> Ingredients:
    folder = backgrounds_folder(places)
    # The last ones by name are for the evaluation alone; dev differs by its fonts.
    found = background_photos.background_files(folder, "train") if folder else []
    key = stat_key(found, synthetic_digits.VERSION, fonts.source_key(None))
    return Ingredients(key, lambda: synthetic_digits.build(places.cache, found, split))


def _find_corrections(places: Places, _: Path | None) -> Path | None:
    return places.corrections if collected.digit_files(places.corrections) else None


def _prepare_corrections(_: Places, where: Path, split: str) -> Ingredients:
    held = held_in(where)
    key = stat_key(collected.digit_files(where), collected.VERSION, sorted(held))
    return Ingredients(key, lambda: collected.build_digits(where, split, held))


def _find_folder(_: Places, folder: Path | None) -> Path | None:
    return folder


def _prepare_folder(_: Places, where: Path, split: str) -> Ingredients:
    found = own_digits(where)
    return Ingredients(found.key(arrange.VERSION), lambda: arrange.build(found, split))


def _look_into_folder(_: Places, where: Path) -> Availability:
    try:
        found = own_digits(where)
    except DataError as error:
        choices = tuple(map(str, error.choices)) if isinstance(error, SeveralSetsError) else ()
        return Availability(False, str(error), choices=choices)
    said = (f"{found.where}: {found.kind}.", *found.remarks, *warnings_of(found.labels))
    return Availability(True, str(found.where), found.counts(), exact=True, remarks=said)


def _one_file(
    name: str, title: str, terms: str, address: str, train: int, dev: int, file: str, version: int,
    build: Callable[[Path, str], Arrays], *, is_ink: bool = True,
) -> CatalogEntry:  # fmt: skip
    """A source that is one file. file: in a data folder. train, dev: images. build: of the file and a split."""

    def prepare(_: Places, where: Path, split: str) -> Ingredients:
        path = where / Path(file).name
        return Ingredients(content_key([path], version), lambda: build(path, split))

    return CatalogEntry(
        name, title, terms, address, {"train": train, "dev": dev}, is_ink=is_ink,
        absent=f"put {file} into the data folder.", find=with_files(file), prepare=prepare,
    )  # fmt: skip


_ENTRIES = (
    CatalogEntry(
        name="mnist",
        title="MNIST, handwritten digits",
        terms="CC BY-SA 3.0",
        address="http://yann.lecun.com/exdb/mnist/",
        expected={"train": 55_000, "dev": 5_000, "test": 10_000},
        is_ink=True,
        absent="“gnc data fetch mnist” downloads it (12 MB).",
        part={"train": 6_000, "dev": 1_000, "test": 1_000},
        find=_find_mnist,
        prepare=_prepare_mnist,
        fetchable=True,
    ),
    CatalogEntry(
        name="svhn",
        title="SVHN, digits of house numbers with boxes",
        terms="non-commercial use only",
        address="http://ufldl.stanford.edu/housenumbers/",
        expected={"train": 70_000, "dev": 3_700, "test": 26_032},
        is_ink=False,
        absent="“gnc data fetch svhn” downloads it (0.7 GB).",
        find=_find_svhn,
        prepare=_prepare_svhn,
        fetchable=True,
    ),
    CatalogEntry(
        name="svhn-numbers",
        title="SVHN extra, whole numbers",
        terms="non-commercial use only",
        address="http://ufldl.stanford.edu/housenumbers/",
        expected={"train": 7_700, "dev": 700},
        is_ink=False,
        absent="no digit boxes yet, or the folder svhn_extra_numbers is missing from the data folder.",
        find=_find_numbers,
        prepare=_prepare_numbers,
    ),
    CatalogEntry(
        name="fonts",
        title="Fonts: installed, shipped, and Chars74K's",
        terms="each font its own (the shipped ones are free); Chars74K: research",
        address="http://www.ee.surrey.ac.uk/CVSSP/demos/chars74k/",
        expected={"train": 0, "dev": 0},  # it depends on what is installed
        is_ink=True,
        absent="no fonts are installed; install some font packages.",
        find=_find_fonts,
        prepare=_prepare_fonts,
        made_of="made of the installed and the shipped fonts, and of chars74k_fnt in the data folder",
    ),
    _one_file(
        "strokes", "UNIPEN, pen strokes of digits", "CC BY 4.0 (older notice: research only)",
        "https://zenodo.org/",
        47_860, 2_417, f"unipen_strokes/{pen_strokes.UNIPEN}", pen_strokes.VERSION, pen_strokes.build,
    ),
    _one_file(
        "crohme", "CROHME, pen strokes of digits out of formulas", "CC BY-NC-SA 3.0",
        "https://zenodo.org/records/8428035",
        33_217, 5_316, f"crohme_strokes/{pen_strokes.CROHME}", pen_strokes.VERSION, pen_strokes.build,
    ),
    _one_file(
        "cvl", "CVL, digits written with a pen on forms", "non-commercial research",
        "https://cvl.tuwien.ac.at/research/cvl-databases/",
        11_638, 2_362, f"cvl_digits/{scanned_digits.CVL}", scanned_digits.VERSION, scanned_digits.build_cvl,
    ),
    _one_file(
        "dida", "DIDA, digits of Swedish church books", "research",
        "https://didadataset.github.io/DIDA/",
        7_200, 800, f"dida_digits/{scanned_digits.DIDA}", scanned_digits.VERSION, scanned_digits.build_dida,
        is_ink=False,
    ),
    _one_file(
        "meter", "Rotating counters, seen by cameras", "Apache-2.0",
        "https://github.com/jomjol/neural-network-digital-counter-readout",
        2_597, 296, f"meter/{meters.FILE}", meters.VERSION, meters.build, is_ink=False,
    ),
    _one_file(
        "meter-tenths", "Rotating counters, digits on their way to the next", "Apache-2.0",
        "https://github.com/jomjol/neural-network-digital-counter-readout",
        9_152, 1_178, f"meter_tenths/{meters.TENTHS}", meters.TENTHS_VERSION, meters.build_tenths, is_ink=False,
    ),
    CatalogEntry(
        name="folder",
        title="Your own folder",
        terms="your own",
        address="",
        expected={"train": 0, "dev": 0, "test": 0},
        is_ink=False,
        absent="none is chosen; name one with one subfolder per digit (--set data_folder=FOLDER).",
        find=_find_folder,
        prepare=_prepare_folder,
        look=_look_into_folder,
    ),
    CatalogEntry(
        name="corrections",
        title="Your corrections: digits you drew or labelled",
        terms="your own",
        address="",
        expected={"train": 0, "dev": 0},
        is_ink=True,
        absent="draw digits and click on the right one; they are collected.",
        find=_find_corrections,
        prepare=_prepare_corrections,
    ),
    CatalogEntry(
        name="made-photos",
        title="Digits of made number photos",
        terms="made here; photos: research",
        address="",
        expected=synthetic_digits.DIGITS,
        is_ink=False,
        absent="no fonts are installed; install some font packages.",
        find=with_fonts,
        prepare=_prepare_made_photos,
        made_of="made of the installed and the shipped fonts, and of backgrounds in the data folder",
    ),
    CatalogEntry(
        name="non-digits",
        title="Letters, signs, scribbles, what stands beside numbers, photos",
        terms="made here; photos: research",
        address="",
        expected={"train": 24_000, "dev": 2_400},
        is_ink=True,
        absent="",
        find=always,
        prepare=_prepare_non_digits,
        made_of="made of the installed and the shipped fonts, of random strokes, and of backgrounds in the data folder",
    ),
)  # fmt: skip

NON_DIGITS, CORRECTIONS = "non-digits", "corrections"

CATALOGUE: Mapping[str, CatalogEntry] = {entry.name: entry for entry in (*_ENTRIES, *NUMBER_ENTRIES)}


def entry_named(name: str) -> CatalogEntry:
    """Raises DataError, naming those there are, where there is no such source."""
    name = source_name(name)
    if name not in CATALOGUE:
        raise DataError(f"there is no source “{name}”; there are {', '.join(CATALOGUE)}.")
    return CATALOGUE[name]


def texture_arrays(places: Places, split: str) -> Arrays:
    """images uint8 (K,64,64): grey pieces of `backgrounds/`; K = 0 if that folder is missing."""
    folder = backgrounds_folder(places)
    if folder is None:
        return {"images": np.zeros((0, SOURCE_SIZE, SOURCE_SIZE), np.uint8)}
    key = stat_key(background_photos.background_files(folder, split), background_photos.TEXTURES_VERSION)
    return cached(
        places.cache, f"textures-{split}", key, lambda: background_photos.build_textures(folder, split)
    )
