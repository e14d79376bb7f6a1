"""Finds the installed fonts that have digits, and tells their families apart."""

from __future__ import annotations

import logging
import os
import re
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError

_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
_DIGITS = range(ord("0"), ord("9") + 1)

_NOT_LETTERING = re.compile(
    r"symbol|dingbat|icon|emoji|braille|barcode|bar code|code ?39|code ?128|\bean\b|music|chess|awesome|"
    r"wingding|webding|marlett|bravura|feta|emmentaler|fallback|last ?resort|keycap|math extension|"
    r"noto sans (sign|maya)|blank|redacted|adobe blank|esint|cmex|cmsy|cmmi|msam|msbm|rsfs|wasy|stmary|openmoji|"
    r"powerline|musi|runes|hiero|ornament|pictogram|domino|dice|\btile|"
    # Seen on the sheets: faces, pipes, dotted copybook lines, blots.
    r"7seggchan|konector|abecedario|quill experimental|zurklez|zoidal|weather|nucleus brk",
    re.IGNORECASE,
)
"""Families whose digits, if they have any, are not lettering."""


@dataclass(frozen=True)
class Face:
    """One face of a font file. index: its place in a collection. weights: of a variable font, else empty."""

    path: Path
    index: int
    family: str
    style: str
    weights: tuple[float, ...] = ()


def font_folders() -> list[Path]:
    """The standard places of fonts on this system, those that exist."""
    home = Path.home()
    if sys.platform == "win32":
        candidates = [
            Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "Fonts",
            Path(os.environ.get("LOCALAPPDATA", home / "AppData/Local")) / "Microsoft/Windows/Fonts",
        ]
    elif sys.platform == "darwin":
        candidates = [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    else:
        shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        own = os.environ.get("XDG_DATA_HOME") or str(home / ".local/share")
        candidates = [Path(p) / "fonts" for p in [*shared.split(":"), own] if p] + [home / ".fonts"]
    return [p for p in dict.fromkeys(candidates) if p.is_dir()]


def font_files() -> list[Path]:
    """Every font file below the standard folders, by path."""
    found: set[Path] = set()
    for folder in font_folders():
        for root, _, names in os.walk(folder, followlinks=True):
            found.update(Path(root) / n for n in names if os.path.splitext(n)[1].lower() in _SUFFIXES)
    return sorted(found)


def faces_of(path: Path) -> list[Face]:
    """The faces of a file that give all ten digits glyphs of their own; none for symbols and broken files."""
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    try:
        with path.open("rb") as file:
            head = file.read(12)
        count = int.from_bytes(head[8:12], "big") if head[:4] == b"ttcf" else 1
        faces = []
        for index in range(min(count, 64)):
            # Opened here: fontTools forgets to close files that turn out to be broken.
            with path.open("rb") as file:
                face = _face(path, index, TTFont(file, lazy=True, fontNumber=index if count > 1 else -1))
            if face is not None:
                faces.append(face)
    except (
        TTLibError,
        OSError,
        KeyError,
        ValueError,
        struct.error,
        AssertionError,
        IndexError,
        AttributeError,
    ):
        # Installed fonts are not ours to complain about: a broken one is not used.
        return []
    return faces


def _face(path: Path, index: int, font: TTFont) -> Face | None:
    names = font["name"]
    family = (names.getBestFamilyName() or path.stem).strip()
    style = (names.getBestSubFamilyName() or "").strip()
    if _NOT_LETTERING.search(family) or _NOT_LETTERING.search(path.stem):
        return None
    glyphs = _digit_glyphs(font.reader["cmap"])
    if glyphs is None or len(set(glyphs)) != 10 or 0 in glyphs:
        return None
    weights: tuple[float, ...] = ()
    if "fvar" in font:
        axes = {axis.axisTag: axis for axis in font["fvar"].axes}
        if "wght" in axes:
            axis = axes["wght"]
            weights = tuple(sorted({axis.minValue, axis.defaultValue, axis.maxValue}))
    return Face(path, index, family, style, weights)


def _digit_glyphs(cmap: bytes) -> list[int] | None:
    """Glyph numbers of 0–9 from the Unicode subtables of a `cmap` table; None where it has none.

    Read by hand: fontTools would decode all the tens of thousands of characters of large fonts.
    Formats 4, 6 and 12 of the OpenType specification.
    """
    (count,) = struct.unpack_from(">H", cmap, 2)
    for i in range(count):
        platform, encoding, offset = struct.unpack_from(">HHL", cmap, 4 + 8 * i)
        if not (platform == 0 or (platform == 3 and encoding in (1, 10))):
            continue
        (kind,) = struct.unpack_from(">H", cmap, offset)
        lookup = {4: _lookup_4, 6: _lookup_6, 12: _lookup_12}.get(kind)
        if lookup is not None:
            return [lookup(cmap, offset, code) for code in _DIGITS]
    return None


def _lookup_4(cmap: bytes, offset: int, code: int) -> int:
    (double,) = struct.unpack_from(">H", cmap, offset + 6)
    ends, starts = offset + 14, offset + 16 + double
    deltas, ranges = starts + double, starts + 2 * double
    for at in range(0, double, 2):
        if struct.unpack_from(">H", cmap, ends + at)[0] < code:
            continue
        (start,) = struct.unpack_from(">H", cmap, starts + at)
        if start > code:
            return 0
        (delta,) = struct.unpack_from(">H", cmap, deltas + at)
        (distance,) = struct.unpack_from(">H", cmap, ranges + at)
        if distance == 0:
            return int(code + delta) & 0xFFFF
        (glyph,) = struct.unpack_from(">H", cmap, ranges + at + distance + 2 * (code - start))
        return int(glyph + delta) & 0xFFFF if glyph else 0
    return 0


def _lookup_6(cmap: bytes, offset: int, code: int) -> int:
    first, count = struct.unpack_from(">HH", cmap, offset + 6)
    if not first <= code < first + count:
        return 0
    return int(struct.unpack_from(">H", cmap, offset + 10 + 2 * (code - first))[0])


def _lookup_12(cmap: bytes, offset: int, code: int) -> int:
    (groups,) = struct.unpack_from(">L", cmap, offset + 12)
    for i in range(groups):
        start, end, glyph = struct.unpack_from(">LLL", cmap, offset + 16 + 12 * i)
        if start <= code <= end:
            return int(glyph + code - start)
    return 0
