"""The catalogue's sources of whole rows and scenes: what the line reader and the detector learn from."""

from __future__ import annotations

from pathlib import Path

from core.base.paths import Places
from core.collection.numbers import NumberStore
from core.datasets.entry import CatalogEntry
from core.datasets.finding import Find, always, in_folders, shipped_mnist, with_fonts
from core.recipes.source_names import LABELLED_EMPTY, LABELLED_NUMBERS

MADE_ROWS = {
    "line-fonts": 40_000, "line-pens": 13_000, "line-painted": 4_000, "line-segments": 10_000, "line-dots": 3_000,
    "line-counters": 5_000, "line-empty": 3_000,
}  # fmt: skip
"""How many rows of each kind are made to train on."""
DEV_ROWS = 250
"""Of each made kind, of fonts, writers and counters that training doesn't see."""
_NO_FONTS = "no fonts are installed; install some font packages."


def _with_hands(places: Places, folder: Path | None) -> Path | None:
    return in_folders(*_HANDS)(places, folder) or shipped_mnist()


def _photos(
    name: str, title: str, terms: str, train: int, dev: int, *folders: str, address: str = ""
) -> CatalogEntry:
    """A set of real pictures in one or several folders of the data folder. train, dev: how many it has."""
    named = " and ".join(folders)
    return CatalogEntry(
        name, title, terms, address, {"train": train, "dev": dev}, is_ink=False, find=in_folders(*folders),
        absent=f"put the folder{'s' if len(folders) > 1 else ''} {named} into the data folder.",
    )  # fmt: skip


def _made(
    name: str, title: str, made_of: str, find: Find, *, absent: str = "", terms: str = "made here"
) -> CatalogEntry:
    """A source that is made here: rows, or scenes, which never end."""
    rows = {"train": MADE_ROWS[name], "dev": DEV_ROWS} if name in MADE_ROWS else {"train": 0, "dev": 0}
    return CatalogEntry(
        name, title, terms, "", rows, is_ink=True, absent=absent, find=find, made_of=made_of
    )  # fmt: skip


def _labelled(places: Places, _: Path | None) -> Path | None:
    store = NumberStore.within(places.corrections)
    return store.folder if store.count() else None


def _yours(name: str, title: str, absent: str) -> CatalogEntry:
    """What a person collected."""
    return CatalogEntry(
        name, title, "your own", "", {"train": 0, "dev": 0}, is_ink=False, absent=absent, find=_labelled
    )


_IIIT5K = "https://cvit.iiit.ac.in/research/projects/cvit-projects/the-iiit-5k-word-dataset"
_ICDAR2015 = "https://rrc.cvc.uab.es/?ch=4"
_HANDS = ("mnist", "unipen_strokes", "crohme_strokes", "cvl_digits", "dida_digits")

NUMBER_ENTRIES = (
    _photos(
        "wagon-numbers", "Numbers on railway wagons", "AGPL-3.0 repository; photos: none stated", 4_000, 400,
        "wagon_numbers",
    ),
    _photos(
        "cheques", "ORAND-CAR, amounts on cheques", "research", 965, 115, "orand_car",
        address="https://www.orand.cl/icfhr2014-hdsr/",
    ),
    _photos(
        "iiit5k-numbers", "IIIT 5K, words of photos with digits", "research", 192, 57, "iiit5k", address=_IIIT5K,
    ),
    _photos(
        "iiit5k-words", "IIIT 5K, words of photos without digits", "research", 2_346, 254, "iiit5k", address=_IIIT5K,
    ),
    _photos(
        "icdar2015-numbers", "ICDAR 2015, numbers of streets and malls", "CC BY 4.0", 228, 61, "icdar2015",
        address=_ICDAR2015,
    ),
    _photos("speed-limit-signs", "Speed limit signs", "research", 306, 87, "speed_limit_signs"),
    _photos(
        "jersey-numbers", "Numbers on shirts, seen on television", "non-commercial research", 1_931, 217,
        "jersey_numbers",
    ),
    _photos("lcd-meters", "Electricity meters with LCD", "none stated", 129, 33, "lcd_meters"),
    _made(
        "line-fonts", "Made rows: fonts", "made of the installed and the shipped fonts", with_fonts,
        absent=_NO_FONTS,
    ),
    _made(
        "line-pens", "Made rows: handwriting", "made of the sets of single written digits that are here",
        _with_hands, absent="fetch mnist, or put sets of written digits into the data folder.",
        terms="made here; handwriting: that of its sets",
    ),
    _made("line-painted", "Made rows: painted", "made of lines of our own", always),
    _made("line-segments", "Made rows: seven segments", "made of segments of our own", always),
    _made("line-dots", "Made rows: dot matrix", "made of dots of our own", always),
    _made(
        "line-counters", "Made rows: rotating counters",
        "made of the installed and the shipped fonts and the counters here", always,
        terms="made here; counters: Apache-2.0",
    ),
    _made(
        "line-empty", "Made rows without digits",
        "made of the installed and the shipped fonts, and of backgrounds", always,
        terms="made here; photos: research",
    ),
    _made(
        "scenes", "Made photos of numbers",
        "made of the installed and the shipped fonts, of MNIST and UNIPEN, and of backgrounds, each where it is here",
        with_fonts, absent=_NO_FONTS, terms="made here; photos: research",
    ),
    _photos("words", "Words of photos, without digits", "research", 2_346, 254, "iiit5k", address=_IIIT5K),
    _photos(
        "no-numbers", "Photos of streets, malls and rooms without digits",
        "streets and malls: CC BY 4.0; rooms: research", 406, 105, "icdar2015", "backgrounds_more", address=_ICDAR2015,
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
