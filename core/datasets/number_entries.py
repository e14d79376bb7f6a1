"""The catalogue's sources of whole rows and scenes: what the line reader and the detector learn from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.base.errors import DataError
from core.base.paths import Places
from core.collection.numbers import NumberStore
from core.datasets.entry import CatalogEntry
from core.loaders import starter
from core.loaders.folders import data_folder
from core.loaders.font_files import font_files
from core.recipes.source_names import LABELLED_EMPTY, LABELLED_NUMBERS

Find = Callable[[Places, Path | None], Path | None]

_NO_FONTS = "no fonts are installed; install some font packages."


def _in(*folders: str) -> Find:
    """Finds the first of these folders of the data folder that is here."""

    def find(places: Places, _: Path | None) -> Path | None:
        for name in folders:
            try:
                return data_folder(places, name)
            except DataError:
                continue
        return None

    return find


def _always(places: Places, _: Path | None) -> Path | None:
    return places.cache


def _with_fonts(places: Places, _: Path | None) -> Path | None:
    return places.cache if font_files() or starter.GLYPHS.exists() else None


def _with_hands(places: Places, folder: Path | None) -> Path | None:
    shipped = starter.MNIST_PART if starter.MNIST_PART.exists() else None
    return _in(*_HANDS)(places, folder) or shipped


def _photos(
    name: str, title: str, terms: str, train: int, dev: int, folder: str, address: str = ""
) -> CatalogEntry:
    """A set of real pictures in a folder of the data folder. train, dev: how many it has."""
    return CatalogEntry(
        name=name,
        title=title,
        terms=terms,
        address=address,
        expected={"train": train, "dev": dev},
        is_ink=False,
        absent=f"put the folder {folder} into the data folder.",
        find=_in(folder),
        prepare=None,
    )


def _made(
    name: str, title: str, train: int, made_of: str, find: Find, *, absent: str = "", terms: str = "made here",
    dev: int = 250,
) -> CatalogEntry:  # fmt: skip
    """A source that is made here. train, dev: rows, or 0 where they never end."""
    return CatalogEntry(
        name=name,
        title=title,
        terms=terms,
        address="",
        expected={"train": train, "dev": dev},
        is_ink=True,
        absent=absent,
        find=find,
        prepare=None,
        made_of=made_of,
    )


def _labelled(places: Places, _: Path | None) -> Path | None:
    store = NumberStore.within(places.corrections)
    return store.folder if store.count() else None


def _yours(name: str, title: str, absent: str) -> CatalogEntry:
    """What a person collected."""
    return CatalogEntry(
        name=name,
        title=title,
        terms="your own",
        address="",
        expected={"train": 0, "dev": 0},
        is_ink=False,
        absent=absent,
        find=_labelled,
        prepare=None,
    )


_HANDS = ("mnist", "unipen_strokes", "crohme_strokes", "cvl_digits", "dida_digits")

NUMBER_ENTRIES = (
    _photos(
        "wagon-numbers", "Numbers on railway wagons", "AGPL-3.0 repository; photos: none stated",
        4_000, 400, "wagon_numbers",
    ),
    _photos(
        "cheques", "ORAND-CAR, amounts on cheques", "research", 965, 115, "orand_car",
        "https://www.orand.cl/icfhr2014-hdsr/",
    ),
    _photos(
        "iiit5k-numbers", "IIIT 5K, words of photos with digits", "research", 192, 57, "iiit5k",
        "https://cvit.iiit.ac.in/research/projects/cvit-projects/the-iiit-5k-word-dataset",
    ),
    _photos(
        "iiit5k-words", "IIIT 5K, words of photos without digits", "research", 2_346, 254, "iiit5k",
        "https://cvit.iiit.ac.in/research/projects/cvit-projects/the-iiit-5k-word-dataset",
    ),
    _photos(
        "icdar2015-numbers", "ICDAR 2015, numbers of streets and malls", "CC BY 4.0", 228, 61, "icdar2015",
        "https://rrc.cvc.uab.es/?ch=4",
    ),
    _photos("speed-limit-signs", "Speed limit signs", "research", 306, 87, "speed_limit_signs"),
    _photos(
        "jersey-numbers", "Numbers on shirts, seen on television", "non-commercial research", 1_931, 217,
        "jersey_numbers",
    ),
    _photos("lcd-meters", "Electricity meters with LCD", "none stated", 129, 33, "lcd_meters"),
    _made(
        "line-fonts", "Made rows: fonts", 26_000, "made of the installed and the shipped fonts", _with_fonts,
        absent=_NO_FONTS,
    ),
    _made(
        "line-pens", "Made rows: handwriting", 13_000, "made of the sets of single written digits that are here",
        _with_hands, absent="fetch mnist, or put sets of written digits into the data folder.",
        terms="made here; handwriting: that of its sets",
    ),
    _made("line-painted", "Made rows: painted", 4_000, "made of lines of our own", _always),
    _made("line-segments", "Made rows: seven segments", 8_000, "made of segments of our own", _always),
    _made("line-dots", "Made rows: dot matrix", 3_000, "made of dots of our own", _always),
    _made(
        "line-counters", "Made rows: rotating counters", 5_000,
        "made of the installed and the shipped fonts and the counters here", _always,
        terms="made here; counters: Apache-2.0",
    ),
    _made(
        "line-empty", "Made rows without digits", 3_000,
        "made of the installed and the shipped fonts, and of backgrounds", _always,
        terms="made here; photos: research",
    ),
    _made(
        "scenes", "Made photos of numbers", 0,
        "made of the installed and the shipped fonts, of MNIST and UNIPEN, and of backgrounds, each where it is here",
        _with_fonts, absent=_NO_FONTS, terms="made here; photos: research", dev=0,
    ),
    CatalogEntry(
        name="words",
        title="Words of photos, without digits",
        terms="research",
        address="https://cvit.iiit.ac.in/research/projects/cvit-projects/the-iiit-5k-word-dataset",
        expected={"train": 2_346, "dev": 254},
        is_ink=False,
        absent="put the folder iiit5k into the data folder.",
        find=_in("iiit5k"),
        prepare=None,
    ),
    CatalogEntry(
        name="no-numbers",
        title="Photos of streets, malls and rooms without digits",
        terms="streets and malls: CC BY 4.0; rooms: research",
        address="https://rrc.cvc.uab.es/?ch=4",
        expected={"train": 406, "dev": 105},
        is_ink=False,
        absent="put the folders icdar2015 and backgrounds_more into the data folder.",
        find=_in("icdar2015", "backgrounds_more"),
        prepare=None,
    ),
    _yours(
        LABELLED_NUMBERS, "Your corrections: numbers you labelled",
        "label numbers in photos or drawings; they are collected.",
    ),
    _yours(
        LABELLED_EMPTY, "Your corrections: photos without a number",
        "say of photos that they show no number; they are collected.",
    ),
)  # fmt: skip
"""As `core.loaders.number_photos`, `core.datasets.line_rows` and `core.datasets.detector_scenes` load them."""
