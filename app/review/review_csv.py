"""What was reviewed, as comma-separated values."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from app.review.session import Outcome, ReviewSession
from core.base.files import written_aside

_HEADER = (
    "file", "page", "number", "outcome", "read_as", "proposed", "confidence", "x", "y", "width", "height", "problems",
)  # fmt: skip


def as_csv(session: ReviewSession) -> str:
    """A line an item, in the set's order. Boxes in pixels of the upright picture; page counts from 1.

    number: as a person said it; for what is left, as the expected format leaves it. problems: what still breaks it.
    """
    said = {answer.item: answer for answer in session.answers}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    for item in session.items:
        one, answer, outcome = session.judged_item(item.id), said.get(item.id), session.outcome(item.id)
        number = answer.written if answer is not None else one.proposed
        box = item.box or (answer.box if answer is not None else None)
        problems = session.problems(number) if outcome is not Outcome.LEFT else one.problems
        writer.writerow([
            item.file, item.page + 1, number, outcome.value, item.read, one.proposed if one.is_chosen else "",
            f"{item.confidence:.4f}" if item.number is not None else "",
            *(box.as_list() if box is not None else [""] * 4),
            "; ".join(problems) if outcome is not Outcome.NO_NUMBER else "",
        ])  # fmt: skip
    return text.getvalue()


def write_csv(text: str, path: Path) -> Path:
    """Write it aside, then rename. Raises OSError."""
    with written_aside(path) as file:
        file.write(text.encode())
    return path
