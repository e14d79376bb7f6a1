"""Live: a drawing → Reading. Strokes are grouped into digits; where geometry is in doubt, the classifier decides.

Whole photos are read by `core.reading.photo_reader`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.reading.classifier import Classification, Classifier
from core.reading.crops import Gray, frame_ink
from core.reading.images import to_gray
from core.reading.ink_mask import InkMask, Pieces, ink_mask, ink_pieces, soft_box
from core.reading.stroke_cutting import CutPlace, Segment, cut_places, segments, several_odds
from core.reading.stroke_grouping import StrokeGroup, cut, is_slash, join_strokes, rows_of
from core.reading.strokes import Stroke, rasterise
from core.reading.types import INK_SHARE, Box, Digit, Number, Reading

Floats = npt.NDArray[np.float64]

_SURE = 6.0
"""Log-odds from which a join of strokes is not put to the classifier, unless they stand side by side."""
_SAY = 4.0
"""Largest log-odds that geometry is given against the classifier: it can't tell touching neighbours apart."""
_JOINED = 0.85
"""Share of digits of joined strokes that are read right (training writers): the lines between them mislead."""
_MOST = 96
"""Crops that are tried for one drawing; a page full of scribbles is grouped by geometry alone."""
_REFUSED = 0.15
"""What a crop that shows no digit is worth beside one that shows a digit for certain, when groupings compete."""
_FILLS = 0.5
"""Share of a picture's height from which a lone digit in it is what the picture is of."""
_SMALL = 0.25
"""Share of its row's height below which a mark is a stray one, which does not end the number it stands in."""


@dataclass(frozen=True)
class ScoredGroup:
    """A group, its crop, and the classifier's prediction. certainty: that these strokes are one digit."""

    group: StrokeGroup
    box: Box
    crop: Gray
    prediction: Classification
    certainty: float = 1.0


@dataclass(frozen=True)
class JoinedDigits:
    """One stroke as several digits. odds: log-odds that it is these, not one digit."""

    odds: float
    parts: tuple[ScoredGroup, ...]


class DrawingReader:
    """Reads what is drawn: one number a row, several digits side by side."""

    def __init__(
        self, classifier: Classifier, read_photo: Callable[[npt.NDArray[np.uint8]], Reading] | None = None
    ) -> None:
        """read_photo: finds numbers anywhere in a picture; asked of all but clean ink on a plain ground."""
        self.classifier = classifier
        self.read_photo = read_photo

    def read(self, strokes: Sequence[Stroke]) -> Reading:
        """The reading of pen strokes; boxes in their pixels. No strokes: nothing. Scribbles are rejected."""
        start = time.perf_counter()
        paths = [np.asarray(s.points, np.float64) for s in strokes]
        forest = join_strokes(paths)
        groups = _candidates(forest)
        crops = [rasterise([strokes[i] for i in g.strokes], self._size) for g in groups]
        boxes = [_pen_box([strokes[i] for i in g.strokes], g) for g in groups]
        cuts = _cut_strokes(strokes, groups)
        for cut_stroke in cuts:
            for segment in cut_stroke.segments:
                piece = Stroke(tuple(map(tuple, segment.path.tolist())), cut_stroke.width)
                crops.append(rasterise([piece], self._size))
        return self._reading(forest, groups, crops, boxes, start, paths, cuts)

    def read_image(self, image: npt.NDArray[np.uint8]) -> Reading:
        """The reading of a picture laid on the canvas: uint8 (H, W) or (H, W, 3); boxes in its pixels.

        Ink on a plain ground is parted into digits as strokes are. Any other picture is a photo with numbers in
        it, or taken to show one digit, as `gnc classify` does.

        Raises:
            InputError: `image` is no picture. What `read_photo` raises.
        """
        start = time.perf_counter()
        gray = to_gray(image)
        mask = ink_mask(gray)
        drawn = self._ink(gray, mask, start)
        if self.read_photo is None or (mask is not None and mask.plain_border and drawn.numbers):
            return drawn
        found = self.read_photo(image)
        if not _is_better(found, drawn, gray.shape[0], is_ink=mask is not None):
            return drawn
        return replace(found, milliseconds=1e3 * (time.perf_counter() - start))

    @property
    def _size(self) -> int:
        return self.classifier.info.input_size

    def _ink(self, gray: npt.NDArray[np.uint8], mask: InkMask | None, start: float) -> Reading:
        """A picture of ink on a plain ground; any other as one digit."""
        pieces = ink_pieces(mask) if mask is not None else None
        if mask is None or pieces is None:
            return self._whole(gray, start)
        forest = join_strokes(_outlines(pieces))
        if len(cut(forest)) == 1:
            return self._whole(gray, start)
        groups = _candidates(forest)
        found = [_cut_out(gray, mask, pieces, g, self._size) for g in groups]
        return self._reading(forest, groups, [crop for crop, _ in found], [box for _, box in found], start)

    def _whole(self, gray: npt.NDArray[np.uint8], start: float) -> Reading:
        """A picture of one digit."""
        _, crop = self.classifier.classify_picture(gray)
        box = Box(0, 0, gray.shape[1], gray.shape[0])
        group = StrokeGroup((0,), (0.0, 0.0, box.w, box.h))
        return self._reading([group], [group], [crop], [box], start)

    def _reading(
        self, forest: Sequence[StrokeGroup], groups: Sequence[StrokeGroup], crops: list[npt.NDArray[np.uint8]],
        boxes: list[Box], start: float, paths: Sequence[Floats] = (), cuts: Sequence[CutStroke] = (),
    ) -> Reading:  # fmt: skip
        """crops: of the groups, then of the cut strokes' segments. paths: of the strokes; none for outlines."""
        if not groups:
            return Reading(milliseconds=1e3 * (time.perf_counter() - start))
        predictions = self.classifier.classify(np.stack(crops))
        scored = {
            g.strokes: ScoredGroup(g, box, crop, prediction)
            for g, box, crop, prediction in zip(groups, boxes, crops, predictions, strict=False)
        }
        joined: dict[tuple[int, ...], JoinedDigits] = {}
        first = len(groups)
        for stroke in cuts:
            stop = first + len(stroke.segments)
            digits = _joined_digits(
                stroke, scored[stroke.strokes], crops[first:stop], predictions[first:stop]
            )
            if digits is not None:
                joined[stroke.strokes] = digits
            first = stop
        chosen = [g for tree in forest for g in _best(tree, scored, joined)[1]]
        numbers, rejected = _numbers(chosen, paths)
        return Reading(numbers, rejected, 1e3 * (time.perf_counter() - start))


def _is_better(photo: Reading, drawn: Reading, height: int, *, is_ink: bool) -> bool:
    """Whether numbers found in a photo say more than the picture taken as ink, or as one digit that fills it.

    height: of the picture, pixels. is_ink: there is ink on a ground that is plain more or less.
    """
    if not photo.numbers or not drawn.numbers:
        return bool(photo.numbers)
    if is_ink:
        return photo.numbers[0].confidence > drawn.numbers[0].confidence
    digits = [d for number in photo.numbers for d in number.digits]
    return len(digits) > 1 or digits[0].box.h < _FILLS * height


def _candidates(forest: Sequence[StrokeGroup]) -> list[StrokeGroup]:
    """The groups worth a look: those of which geometry is not sure that they are, or are not, one digit."""
    found: list[StrokeGroup] = []
    todo = list(forest)
    while todo:
        group = todo.pop()
        found.append(group)
        if _in_doubt(group):
            todo.extend(group.parts)
        if len(found) > _MOST:
            return cut(forest)
    return found


@dataclass(frozen=True)
class CutStroke:
    """A stroke that may be several digits. strokes: of the group that it is alone. path: in even steps."""

    strokes: tuple[int, ...]
    path: Floats
    width: float
    places: tuple[CutPlace, ...]
    segments: tuple[Segment, ...]


def _cut_strokes(strokes: Sequence[Stroke], groups: Sequence[StrokeGroup]) -> list[CutStroke]:
    """The strokes that may be several digits each, with at most _MOST segments to look at in all."""
    found: list[CutStroke] = []
    left = _MOST - len(groups)
    for group in groups:
        if len(group.strokes) != 1:
            continue
        stroke = strokes[group.strokes[0]]
        path, places = cut_places(np.asarray(stroke.points, np.float64))
        pieces = segments(path, places) if places else []
        if pieces and len(pieces) <= left:
            found.append(CutStroke(group.strokes, path, stroke.width, tuple(places), tuple(pieces)))
            left -= len(pieces)
    return found


def _joined_digits(
    stroke: CutStroke, whole: ScoredGroup, crops: Sequence[Gray], predictions: Sequence[Classification]
) -> JoinedDigits | None:
    """The likeliest way to read a stroke as two digits or more; None where no cut leaves digits alone."""
    # Per place the best way to get there: its log-probability and the segments.
    ways: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    end = len(stroke.places) + 1
    for stop in range(1, end + 1):
        for k, segment in enumerate(stroke.segments):
            if segment.stop == stop and segment.start in ways and predictions[k].is_digit:
                before, parts = ways[segment.start]
                value = before + math.log(max(predictions[k].confidence, 1e-6))
                if stop not in ways or value > ways[stop][0]:
                    ways[stop] = (value, (*parts, k))
    if end not in ways:
        return None
    parts = ways[end][1]
    overlap = max(stroke.places[stroke.segments[k].start - 1].overlap for k in parts[1:])
    weakest = math.log(max(min(predictions[k].confidence for k in parts), 1e-6))
    odds = several_odds(stroke.path, overlap, _digit_value(whole.prediction), weakest)
    digits = []
    for k in parts:
        (left, top), (right, bottom) = (f(stroke.segments[k].path, axis=0).tolist() for f in (np.min, np.max))
        group = StrokeGroup(stroke.strokes, (left, top, right, bottom))
        digits.append(ScoredGroup(group, _around(group.box, stroke.width), crops[k], predictions[k]))
    return JoinedDigits(odds, tuple(digits))


def _best(
    group: StrokeGroup,
    scored: dict[tuple[int, ...], ScoredGroup],
    joined: dict[tuple[int, ...], JoinedDigits],
) -> tuple[float, list[ScoredGroup]]:
    """The likeliest way to read a tree of groups: its log-probability, and what is one digit each."""
    whole = scored.get(group.strokes)
    apart_value, apart = -math.inf, []
    if whole is None or (group.parts and all(part.strokes in scored for part in group.parts)):
        assert group.parts, "a stroke that was not classified"
        ways = [_best(part, scored, joined) for part in group.parts]
        apart_value = _log_sigmoid(-_odds(group)) + sum(value for value, _ in ways)
        apart = [g for _, groups in ways for g in groups]
    if whole is None:
        return apart_value, apart
    value = _digit_value(whole.prediction) + _joined(group)
    several = joined.get(group.strokes)
    if several is not None:
        value += _log_sigmoid(-several.odds)
        if several.odds > 0:
            parts = sum(_digit_value(part.prediction) for part in several.parts)
            certainty = _log_sigmoid(several.odds) + len(several.parts) * math.log(_JOINED)
            return parts + _log_sigmoid(several.odds), _certain(several.parts, certainty)
        return value, _certain([whole], _log_sigmoid(-several.odds))
    if value >= apart_value:
        return value, _certain([whole], _log_sigmoid(value - apart_value))
    return apart_value, _certain(apart, _log_sigmoid(apart_value - value))


def _digit_value(prediction: Classification) -> float:
    """Log-probability that a crop is the digit it is read as; "no digit" is worth little, but not nothing."""
    none = 1 - sum(prediction.probabilities)
    return math.log(max(prediction.confidence + _REFUSED * none, 1e-6))


def _certain(groups: Sequence[ScoredGroup], log_certainty: float) -> list[ScoredGroup]:
    """The groups, all of which are right with this log-probability."""
    share = math.exp(log_certainty / max(len(groups), 1))
    return [replace(g, certainty=g.certainty * share) for g in groups]


def _joined(group: StrokeGroup) -> float:
    """Log-probability, by geometry, that all strokes of a group are one digit."""
    if not group.parts:
        return 0.0
    return _log_sigmoid(_odds(group)) + sum(_joined(part) for part in group.parts)


def _odds(group: StrokeGroup) -> float:
    return min(max(group.join, -_SAY), _SAY)


def _in_doubt(group: StrokeGroup) -> bool:
    """Whether the parts of a group may be digits of their own."""
    if not group.parts:
        return False
    if group.join < _SURE:
        return True
    (al, at, ar, ab), (bl, bt, br, bb) = (part.box for part in group.parts)
    common = min(ar, br) - max(al, bl)
    height = max(ab, bb) - min(at, bt)
    return common < 0.3 * min(ar - al, br - bl) and min(ab - at, bb - bt) > 0.5 * height


def _log_sigmoid(x: float) -> float:
    return -math.log1p(math.exp(-x)) if x > -500 else x


def _numbers(
    groups: Sequence[ScoredGroup], paths: Sequence[npt.NDArray[np.float64]]
) -> tuple[tuple[Number, ...], tuple[Digit, ...]]:
    """Numbers, best first, and what is no digit. A mark of some size between two digits parts two numbers:
    the dash of “12-34”, the slash of “12/3”."""
    numbers: list[Number] = []
    rejected: list[Digit] = []
    rows = rows_of([(k.box.x, k.box.y, k.box.x + k.box.w, k.box.y + k.box.h) for k in groups])
    for row in rows:
        height = max(groups[i].box.h for i in row)
        digits: list[Digit] = []
        certainty = 1.0
        for place, i in enumerate(row):
            digit = _digit(groups[i])
            if digit.is_digit and not _is_slash(groups, row, place, paths):
                digits.append(digit)
                certainty *= groups[i].certainty
                continue
            digit = replace(digit, is_digit=False)
            rejected.append(digit)
            if max(digit.box.w, digit.box.h) >= _SMALL * height:
                numbers += _number(digits, certainty)
                digits, certainty = [], 1.0
        numbers += _number(digits, certainty)
    numbers.sort(key=lambda number: -number.confidence)
    return tuple(numbers), tuple(rejected)


def _is_slash(
    groups: Sequence[ScoredGroup], row: Sequence[int], place: int, paths: Sequence[npt.NDArray[np.float64]]
) -> bool:
    """Whether what stands at this place of a row parts numbers, though the classifier takes it for a 1."""
    strokes = groups[row[place]].group.strokes
    if not paths or len(strokes) != 1 or not 0 < place < len(row) - 1:
        return False
    before, after = (groups[row[k]].group.box for k in (place - 1, place + 1))
    return is_slash(paths[strokes[0]], before, after)


def _number(digits: Sequence[Digit], certainty: float) -> Iterable[Number]:
    """One number, or none without digits. certainty: the probability that the strokes were split correctly."""
    if digits:
        confidence = certainty * math.prod(d.confidence for d in digits)
        yield Number(tuple(digits), confidence, Box.around([d.box for d in digits]))


def _digit(group: ScoredGroup) -> Digit:
    prediction = group.prediction
    return Digit(
        prediction.digit,
        prediction.confidence,
        group.box,
        prediction.is_digit,
        prediction.probabilities,
        prediction.votes,
        group.crop,
    )


def _pen_box(strokes: Sequence[Stroke], group: StrokeGroup) -> Box:
    """Around the ink, the pen's width included."""
    return _around(group.box, max(s.width for s in strokes))


def _around(bounds: tuple[float, float, float, float], pen: float) -> Box:
    """The box of a path with these bounds (left, top, right, bottom) once a pen has drawn it."""
    left, top, right, bottom = bounds
    return Box(left - pen / 2, top - pen / 2, right - left + pen, bottom - top + pen)


def _outlines(pieces: Pieces) -> list[npt.NDArray[np.float64]]:
    """The outer outline of each piece, (n, 2) points."""
    outlines = []
    for number, (x, y, w, h) in zip(pieces.index, pieces.boxes, strict=True):
        part = (pieces.labels[y : y + h, x : x + w] == number).view(np.uint8)
        found, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = np.asarray(max(found, key=len)).reshape(-1, 2)
        outlines.append(outline.astype(np.float64) + np.array([x, y]))
    return outlines


def _cut_out(
    gray: npt.NDArray[np.uint8], mask: InkMask, pieces: Pieces, group: StrokeGroup, size: int
) -> tuple[npt.NDArray[np.uint8], Box]:
    """The crop of a group of pieces without the ink of the others, and its box in the picture."""
    mine = np.isin(pieces.labels, pieces.index[list(group.strokes)])
    left, top, right, bottom = (round(v) for v in group.box)
    box = soft_box(
        InkMask(
            mask.ink & mine, mask.soft_edge & _near(mine), mask.ground, mask.plain_border, mask.uniform, mask.scale
        ),
        left, top, right + 1, bottom + 1,
    )  # fmt: skip
    side = max(box.w, box.h) / INK_SHARE
    x0, y0 = max(int(box.x + box.w / 2 - side / 2) - 2, 0), max(int(box.y + box.h / 2 - side / 2) - 2, 0)
    x1, y1 = int(box.x + box.w / 2 + side / 2) + 3, int(box.y + box.h / 2 + side / 2) + 3
    part = gray[y0:y1, x0:x1].copy()
    # What the others left behind takes the grey of the paper around.
    others = (mask.soft_edge & _near(mask.ink & ~mine) & ~_near(mine)).view(np.uint8)
    matrix = np.array(
        [[1 / mask.scale[0], 0, x0 / mask.scale[0]], [0, 1 / mask.scale[1], y0 / mask.scale[1]]]
    )
    hidden = cv2.warpAffine(
        others, matrix, (part.shape[1], part.shape[0]), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    )
    paper = round(mask.ground)
    part[np.asarray(hidden) > 0] = paper
    crop = frame_ink(part, box.x + box.w / 2 - x0, box.y + box.h / 2 - y0, side, size, paper)
    return crop, box


def _near(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The ink and two pixels around it, which its soft edge lies in."""
    return np.asarray(cv2.dilate(ink.astype(np.uint8), np.ones((5, 5), np.uint8))).view(bool)
