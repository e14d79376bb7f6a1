"""Makes `assets/starter`: a balanced part of MNIST, and characters of the fonts that `starter_fonts.csv` names.

    python -m core.tools.make_starter_set --fonts FOLDER --data-dir DATA

FOLDER holds Debian's packages of these fonts, unpacked below any names (`apt-get download PACKAGE`, `dpkg-deb -x`);
DATA the full MNIST. The seed is fixed: the same fonts and digits give the same files.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from fontTools.ttLib import TTFont

from assets import STARTER
from core.base.errors import DataError, InputError
from core.base.files import written_aside
from core.base.paths import Places
from core.loaders import mnist
from core.loaders.font_files import Face, faces_of
from core.loaders.formats import read_table
from core.loaders.starter import GLYPHS, MNIST_PART, SPLITS
from core.synthesis.glyphs import Glyph, draw_face

FONTS = Path(__file__).parent / "starter_fonts.csv"
CHARACTERS = (
    "0123456789" + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" + "-/.,:;#°%$€£()&'+=*!?<>@_~"
)
PER_DIGIT = {"train": 600, "dev": 100, "test": 100}
SEED = 1
LEVELS = 16
"""Levels of grey that inks are kept in: finer ones double the file and change no shape."""
_SUFFIXES = (".ttf", ".otf", ".ttc")
_BOLD_TOO = 3
"""Of every so many families one has its bold face instead, so that weights differ."""


def balanced(labels: npt.NDArray[np.int64], per_digit: int, seed: int) -> npt.NDArray[np.int64]:
    """Places of `per_digit` of each digit, in a random order. Raises DataError where there are too few."""
    rng = np.random.default_rng(seed)
    chosen = []
    for digit in range(10):
        places = np.flatnonzero(labels == digit)
        if len(places) < per_digit:
            raise DataError(f"there are only {len(places):,} images of a {digit}.")
        chosen.append(rng.permutation(places)[:per_digit])
    return rng.permutation(np.concatenate(chosen))


def make_mnist_part(folder: Path, out: Path) -> int:
    """The part of MNIST: train of its train split, dev of its dev split, test of its test split. How many."""
    images, labels, splits = [], [], []
    for place, split in enumerate(SPLITS):
        pictures, digits = mnist.read_split(folder, split)
        kept = balanced(digits, PER_DIGIT[split], SEED + place)
        images.append(pictures[kept])
        labels.append(digits[kept].astype(np.uint8))
        splits.append(np.full(len(kept), place, np.uint8))
    _save(out, images=np.concatenate(images), labels=np.concatenate(labels), split=np.concatenate(splits))
    return sum(map(len, labels))


def make_glyphs(folder: Path, wanted: Sequence[Mapping[str, str]], out: Path) -> list[dict[str, str]]:
    """The characters of one face of every wanted family; what they are and on what terms, a row a font.

    Raises InputError, naming the families whose files are not below `folder`.
    """
    faces = _faces_below(folder)
    rows: list[dict[str, str]] = []
    inks: list[npt.NDArray[np.uint8]] = []
    facts = np.zeros((len(wanted), len(CHARACTERS), 6), np.int32)
    missing, start = [], 0
    for row in wanted:
        found = faces.get(row["family"], [])
        bold = len(rows) % _BOLD_TOO == _BOLD_TOO - 1
        ordered = sorted(found, key=lambda face: (_rank(face.style, bold=bold), face.style, face.path.name))
        face, drawn = next(
            ((face, glyphs) for face in ordered if (glyphs := draw_face(face, CHARACTERS)) is not None),
            (None, {}),
        )
        if face is None:
            missing.append(row["family"])
            continue
        for character, glyph in drawn.items():
            facts[len(rows), CHARACTERS.index(character)] = _placed(glyph, start)
            inks.append(_coarse(glyph.ink).ravel())
            start += glyph.ink.size
        rows.append(
            {"family": face.family, "style": face.style, "licence": row["licence"], "package": row["package"],
             "copyright": _copyright(face)}
        )  # fmt: skip
    if missing:
        raise InputError(f"{folder} holds no usable {', '.join(missing)}.")
    _save(
        out, characters=np.array(CHARACTERS), families=np.array([row["family"] for row in rows]),
        styles=np.array([row["style"] for row in rows]), pixels=np.concatenate(inks), facts=facts,
    )  # fmt: skip
    return rows


def _faces_below(folder: Path) -> dict[str, list[Face]]:
    faces: dict[str, list[Face]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in _SUFFIXES and not path.is_symlink():
            for face in faces_of(path):
                faces.setdefault(face.family, []).append(face)
    return faces


def _rank(style: str, *, bold: bool) -> int:
    order = ("bold", "regular") if bold else ("regular", "medium", "book", "roman", "bold")
    low = style.lower()
    return order.index(low) if low in order else len(order)


def _placed(glyph: Glyph, start: int) -> tuple[int, ...]:
    return start, *glyph.ink.shape, glyph.left, glyph.top, glyph.advance


def _coarse(ink: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    step = 255 / (LEVELS - 1)
    return np.rint(np.rint(ink / step) * step).astype(np.uint8)


def _copyright(face: Face) -> str:
    with face.path.open("rb") as file:
        font = TTFont(file, lazy=True, fontNumber=face.index if face.path.suffix.lower() == ".ttc" else -1)
        said = font["name"].getDebugName(0) or ""
    return " ".join(said.split())[:200]


def _save(path: Path, **arrays: npt.NDArray[np.generic]) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    with written_aside(path) as file:
        file.write(buffer.getvalue())


def _write_table(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with written_aside(path) as file:
        file.write(text.getvalue().encode())


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="core.tools.make_starter_set", description=__doc__)
    parser.add_argument("--fonts", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--data-dir", type=Path, metavar="DATA")
    parser.add_argument("--out", type=Path, default=STARTER, metavar="FOLDER")
    args = parser.parse_args(argv)
    places = Places.find(data_dir=args.data_dir)
    try:
        rows = make_glyphs(
            args.fonts, read_table(FONTS, ("package", "family", "licence")), args.out / GLYPHS.name
        )
        _write_table(args.out / "fonts.csv", rows)
        count = make_mnist_part(places.data / "mnist", args.out / MNIST_PART.name)
    except InputError as error:
        print(f"core.tools.make_starter_set: {error}", file=sys.stderr)
        return 2
    print(f"{args.out}: {len(rows)} fonts, {count:,} digits of MNIST.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
