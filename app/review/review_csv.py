"""What was reviewed, as comma-separated values."""

from __future__ import annotations

from collections.abc import Iterator

from app.review.session import Outcome, ReviewSession
from core.base.files import csv_text

_HEADER = (
    "file", "page", "number", "outcome", "read_as", "proposed", "confidence", "x", "y", "width", "height", "problems",
)  # fmt: skip


def as_csv(session: ReviewSession) -> str:
    """A line an item, in the set's order. Boxes in pixels of the upright picture; page counts from 1.

    number: as a person said it; for what is left, as the expected format leaves it. problems: what still breaks it.
    """
    return csv_text(_HEADER, _rows(session))


def _rows(session: ReviewSession) -> Iterator[list[object]]:
    said = {answer.item: answer for answer in session.answers}
    for item in session.items:
        one, answer, outcome = session.judged_item(item.id), said.get(item.id), session.outcome(item.id)
        number = answer.written if answer is not None else one.proposed
        box = item.box or (answer.box if answer is not None else None)
        problems = session.problems(number) if outcome is not Outcome.LEFT else one.problems
        yield [
            item.file, item.page + 1, number, outcome.value, item.read, one.proposed if one.is_chosen else "",
            f"{item.confidence:.4f}" if item.number is not None else "",
            *(box.as_list() if box is not None else [""] * 4),
            "; ".join(problems) if outcome is not Outcome.NO_NUMBER else "",
        ]  # fmt: skip
