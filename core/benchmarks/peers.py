"""`gnc bench peers`: the sets of whole numbers read by other programs too, where they are installed, side by side.

RapidOCR (with the models that its package holds) and Tesseract. Neither is needed to run anything else: the
dependency group “peers” names them. Of a line of text that a peer reads the digits count, whatever else is in it.
Milliseconds are processor time a picture, all on one thread, so that other work on the machine does not count.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assets import MODELS
from core.base.errors import NAME_DATA, DataError
from core.base.paths import Places
from core.evaluation.number_scoring import NumberReader
from core.evaluation.photo_sets import NUMBERS, PHOTO_SETS
from core.loaders.number_photos import digits_in
from core.reading.api import shipped_reader
from core.reading.images import to_gray
from core.reading.types import Box, Digit, Number, Reading

WORDS = "iiit5k-words"
"""The set without numbers in which false ones are counted."""
OURS = "gnc"
_SPARSE = "--psm 11"  # Tesseract: text anywhere in the picture; it takes crops for pages otherwise


@dataclass(frozen=True)
class Contender:
    """One reader of the comparison. megabytes: of its model files."""

    name: str
    megabytes: float
    reader: NumberReader


@dataclass(frozen=True)
class TextLine:
    """What a peer read in one place. confidence: 0 to 1."""

    text: str
    confidence: float
    box: Box


class LineReader:
    """A peer that reads lines of text, as a reader of numbers: those lines that hold digits."""

    def __init__(self, lines: Callable[[npt.NDArray[np.uint8]], Iterable[TextLine]]) -> None:
        self._lines = lines

    def read(self, image: Any, *, threshold: float | None = None) -> Reading:
        """The numbers in the lines, surest first; a peer has no threshold of its own."""
        numbers = [number_of(line) for line in self._lines(to_gray(image)) if digits_in(line.text)]
        return Reading(tuple(sorted(numbers, key=lambda n: -n.confidence)))


def number_of(line: TextLine) -> Number:
    """The digits of a line as one number."""
    digits = tuple(Digit(int(c), line.confidence, line.box) for c in digits_in(line.text))
    return Number(digits, line.confidence, line.box, line.text)


def ours() -> Contender:
    """The shipped files."""
    files = [MODELS / f"{kind}.onnx" for kind in ("detector", "classifier", "line")]
    return Contender(OURS, _megabytes(files), shipped_reader(threads=1))


def rapidocr() -> Contender | str:
    """RapidOCR, or what is missing, in a sentence."""
    if importlib.util.find_spec("rapidocr") is None:
        return "RapidOCR is not installed (pip install rapidocr, best into an environment of its own)."
    import rapidocr as package

    engine = package.RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )

    def lines(gray: npt.NDArray[np.uint8]) -> list[TextLine]:
        found = engine(np.ascontiguousarray(np.repeat(gray[:, :, None], 3, 2)))
        if found.txts is None or found.boxes is None:
            return []
        return [
            TextLine(text, float(score), _around(np.asarray(corners)))
            for text, score, corners in zip(found.txts, found.scores, found.boxes, strict=True)
        ]

    files = Path(str(package.__file__)).parent.rglob("*.onnx")
    return Contender("RapidOCR", _megabytes(files), LineReader(lines))


def tesseract() -> Contender | str:
    """Tesseract, or what is missing, in a sentence."""
    if shutil.which("tesseract") is None:
        return "Tesseract is not installed (the program “tesseract”, by the system's package manager)."
    if importlib.util.find_spec("pytesseract") is None:
        return "pytesseract is not installed (pip install pytesseract)."
    import pytesseract

    os.environ["OMP_THREAD_LIMIT"] = "1"

    def lines(gray: npt.NDArray[np.uint8]) -> list[TextLine]:
        table = pytesseract.image_to_data(gray, config=_SPARSE, output_type=pytesseract.Output.DICT)
        return lines_of_words(table)

    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False).stdout
    folder = listed.partition('"')[2].partition('"')[0]
    return Contender("Tesseract", _megabytes([Path(folder) / "eng.traineddata"]), LineReader(lines))


def lines_of_words(table: Mapping[str, Sequence[Any]]) -> list[TextLine]:
    """Tesseract's table of words, a list a column, as lines of text; a line is as sure as its least sure word."""
    rows: dict[tuple[int, ...], list[int]] = {}
    for i, text in enumerate(table["text"]):
        if str(text).strip() and float(table["conf"][i]) >= 0:
            place = tuple(int(table[key][i]) for key in ("block_num", "par_num", "line_num"))
            rows.setdefault(place, []).append(i)
    return [
        TextLine(
            " ".join(str(table["text"][i]) for i in words),
            min(float(table["conf"][i]) for i in words) / 100,
            Box.around(
                [Box(*(float(table[k][i]) for k in ("left", "top", "width", "height"))) for i in words]
            ),
        )
        for words in rows.values()
    ]


def _around(corners: npt.NDArray[np.floating[Any]]) -> Box:
    left, top = corners.min(0).tolist()
    right, bottom = corners.max(0).tolist()
    return Box(left, top, right - left, bottom - top)


def _megabytes(files: Iterable[Path]) -> float:
    return sum(file.stat().st_size for file in files if file.exists()) / 1e6


def find_contenders(on_absent: Callable[[str], None]) -> list[Contender]:
    """Ours, and the peers that are installed; of the others it says what is missing."""
    found = [ours()]
    for find in (rapidocr, tesseract):
        peer = find()
        if isinstance(peer, str):
            on_absent(peer)
        else:
            found.append(peer)
    return found


def benchmark(
    *,
    places: Places | None = None,
    limit: int | None = None,
    contenders: Sequence[Contender] | None = None,
    on_row: Callable[[str], None] = lambda _: None,
    on_absent: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Read every set that is here by each. limit: so many pictures a set. on_row: called with each line of the table,
    in Markdown; on_absent: with what is missing. Raises DataError where no set is here."""
    places = places or Places.find()
    contenders = list(contenders) if contenders is not None else find_contenders(on_absent)
    heads = "".join(f" {c.name}, right | false | ms |" for c in contenders)
    on_row(f"| numbers | n |{heads}")
    on_row("|---|---:|" + "---:|---:|---:|" * len(contenders))
    rows: list[dict[str, Any]] = []
    for photos in (one for one in PHOTO_SETS if one.kind == NUMBERS or one.name == WORDS):
        row: dict[str, Any] = {"data": photos.name}
        shown = ""
        try:
            for contender in contenders:
                began = _processor_seconds()
                found = photos.evaluate(contender.reader, places, limit=limit)
                spent = _processor_seconds() - began
                row["n"] = found.n
                row[contender.name] = {
                    "accuracy": found.right / found.n,
                    "false_numbers": found.false_numbers,
                    "milliseconds": 1000 * spent / found.n,
                }
                shown += (
                    f" {found.right / found.n:.1%} | {found.false_numbers} | {1000 * spent / found.n:.0f} |"
                )
        except DataError as error:
            on_absent(str(error))
            continue
        rows.append(row)
        on_row(f"| {photos.title} | {row['n']} |{shown}")
    if not rows:
        raise DataError(f"None of the sets is here; {NAME_DATA}.")
    sizes = {c.name: c.megabytes for c in contenders}
    on_row("| model files, MB | |" + "".join(f" {size:.1f} | | |" for size in sizes.values()))
    return {"megabytes": sizes, "sets": rows}


def _processor_seconds() -> float:
    """Of this process and the children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
