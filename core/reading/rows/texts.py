"""The texts that a row may hold: what the line reader says, and what detector and classifier would have there.

Each becomes numbers (`core/reading/rows/candidates.py`), and what speaks for and against each is weighed there: none
of the networks is believed before the others were heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.reading.ctc import Place, greedy_places
from core.reading.line_format import DIGITS, encode
from core.reading.line_reader import LineReading
from core.reading.rows.matching import FindsInRow, FoundCharacters, explained, matched
from core.reading.rows.proposals import Proposal
from core.reading.rows.strips import Row
from core.reading.types import Box

EXPLAINED = 0.35
"""Weight of the detector's finds where several texts of a row are likely."""
ALTERNATIVES = 4
HOPELESS = 5.0
"""By how much smaller the logarithm of a text's probability may be than that of the likeliest one."""
SECOND_MOST = 8.0
"""Largest difference to another text that counts."""
JOINED = 1.0
"""Digits with a gap that may be a word's are one number where that text is hardly less likely than with a space: by
this difference of logarithms at most."""
RIVALS = 2
"""Further texts of a row that are weighed beside the likeliest one."""


@dataclass(frozen=True)
class GroupedNumber:
    """What detector and classifier read by themselves: the digits, where they are, and how sure they are."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True)
class RowText:
    """One text of a row. matches: of each place its find, as `matched` gives them.

    second: how much likelier it is than the next text with other digits, as a difference of logarithms. behind: how
    much less likely it is for the line reader than the row's first text; behind_found: how much better it explains
    the finds than that one. Both are 0 for the first text itself (`is_first`).
    """

    text: str
    places: Sequence[Place]
    matches: Sequence[int]
    second: float = SECOND_MOST
    behind: float = 0.0
    behind_found: float = 0.0
    is_first: bool = True


def texts_of(
    proposal: Proposal,
    reading: LineReading,
    found: FoundCharacters,
    near: FindsInRow,
    grouped: Sequence[GroupedNumber],
) -> list[RowText]:
    """The texts of a row, the likeliest first; empty if it holds no digits. grouped: those in the row."""
    if not reading.may_hold_digits:
        return []
    first, *rivals = _alternatives(proposal, reading, found, near)
    texts = [first, *rivals[:RIVALS]]
    base = explained(first.places, first.matches, near, found)
    said: float | None = None
    for text in _with_groups(first, proposal.row, len(reading.log_probs), grouped):
        if any(text == other.text for other in texts):
            continue
        places = reading.places(text)
        if len(places) != len(text):
            continue
        if said is None:
            said = reading.log_prob(first.text)
        matches = matched(proposal, places, near, found, len(reading.log_probs))
        behind = _bounded(reading.log_prob(text) - said)
        behind_found = _bounded(explained(places, matches, near, found) - base)
        second = _bounded(behind + EXPLAINED * behind_found)
        texts.append(RowText(text, places, matches, second, behind, behind_found, is_first=False))
    return texts


def _bounded(difference: float) -> float:
    return min(max(difference, -SECOND_MOST), SECOND_MOST)


@dataclass(frozen=True)
class _Scored:
    """A text with how likely it is for the line reader, and how well it explains the finds."""

    text: str
    places: list[Place]
    matches: list[int]
    log_prob: float
    explained: float

    @property
    def score(self) -> float:
        return self.log_prob + EXPLAINED * self.explained


def _alternatives(
    proposal: Proposal, reading: LineReading, found: FoundCharacters, near: FindsInRow
) -> list[RowText]:
    """The line reader's own texts: the likeliest, and those of other digits."""
    steps = len(reading.log_probs)
    text, places = greedy_places(reading.log_probs)
    alternatives = reading.texts[:ALTERNATIVES]
    scored: list[_Scored] = []
    for alternative in alternatives if len(alternatives) > 1 else ():
        if alternative.log_prob < alternatives[0].log_prob - HOPELESS:
            break
        own = _places_of(alternative.text, text, places, reading)
        if len(own) == len(alternative.text):
            matches = matched(proposal, own, near, found, steps)
            explains = explained(own, matches, near, found)
            scored.append(_Scored(alternative.text, own, matches, alternative.log_prob, explains))
    if not scored:
        return [RowText(text, places, matched(proposal, places, near, found, steps))]
    scored.sort(key=lambda one: -one.score)
    first = scored[0]
    joined = "".join(first.text.split())
    if joined.isdecimal():
        first = next((s for s in scored if s.text == joined and s.score >= first.score - JOINED), first)
    others = [s for s in scored if _digits(s.text) != _digits(first.text)]
    second = min(max(first.score - others[0].score, -1.0), SECOND_MOST) if others else SECOND_MOST
    return [RowText(first.text, first.places, first.matches, second)] + [
        RowText(
            s.text, s.places, s.matches,
            second=min(max(s.score - first.score, -SECOND_MOST), SECOND_MOST),
            behind=_bounded(s.log_prob - first.log_prob),
            behind_found=_bounded(s.explained - first.explained),
            is_first=False,
        )
        for s in others
    ]  # fmt: skip


def _with_groups(first: RowText, row: Row, steps: int, grouped: Sequence[GroupedNumber]) -> list[str]:
    """The row's text with what detector and classifier read in place of what stands there, and that number without
    the digits that the line reader sees directly beside it."""
    texts: list[str] = []
    middles = [(place.start + place.end) / 2 for place in first.places]
    for group in grouped:
        left, right = (
            (row.offset(x, group.box.center[1])[0] / row.w + 0.5) * steps
            for x in (group.box.x, group.box.x + group.box.w)
        )
        before = "".join(c for c, at in zip(first.text, middles, strict=True) if at <= left)
        behind = "".join(c for c, at in zip(first.text, middles, strict=True) if at >= right)
        texts.append((before + group.text + behind).strip())
        texts.append((before.rstrip(DIGITS) + group.text + behind.lstrip(DIGITS)).strip())
    return [text for text in dict.fromkeys(texts) if text != first.text]


def _places_of(text: str, greedy: str, places: list[Place], reading: LineReading) -> list[Place]:
    """Where the characters of a text stand; those of one as long as the greedy text stand where its own do."""
    if text == greedy:
        return places
    if len(text) != len(greedy):
        return reading.places(text)
    classes = encode(text)
    return [
        place
        if place.character == c
        else replace(place, character=c, log_prob=float(reading.log_probs[place.peak, k]))
        for place, c, k in zip(places, text, classes, strict=True)
    ]


def _digits(text: str) -> str:
    return "".join(c if c in DIGITS else " " for c in text).strip()
