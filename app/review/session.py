"""A review that goes on: which item is next, what was said, how many are left. It knows no widgets and no files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from app.review.items import Judged, ReviewItem, judged, queue_of
from app.review.number_format import NumberFormat
from core.reading.types import Box


class Outcome(Enum):
    """What became of an item; the value is the word in exports."""

    LEFT = "left"
    CONFIRMED = "confirmed"
    CHANGED = "changed"
    NO_NUMBER = "no number"


@dataclass(frozen=True)
class Answer:
    """What a person said of an item.

    written: the number, "" for no number. box: where it is, for one that was missed. number_id: of the labelled number
    that was kept; "" while it is not. time: seconds since the epoch.
    """

    item: int
    written: str
    time: float
    box: Box | None = None
    number_id: str = ""


@dataclass(frozen=True)
class Progress:
    """How many of each outcome there are."""

    confirmed: int
    changed: int
    no_number: int
    total: int

    @property
    def done(self) -> int:
        return self.confirmed + self.changed + self.no_number

    @property
    def left(self) -> int:
        return self.total - self.done


class ReviewSession:
    """Goes through items, open ones in their order; one can go back through those that were answered."""

    def __init__(
        self,
        items: Sequence[ReviewItem],
        expected: NumberFormat | None = None,
        answers: Iterable[Answer] = (),
    ) -> None:
        """answers: given before, in the order in which they were; the last one of an item holds."""
        self.items = tuple(items)
        self._answers = {answer.item: answer for answer in answers if 0 <= answer.item < len(self.items)}
        self._visited = sorted(self._answers, key=lambda item: self._answers[item].time)
        self._skipped: list[int] = []
        self._here: int | None = None
        self._expected = expected or NumberFormat()
        self._judge()
        self._here = self._next()

    @property
    def expected(self) -> NumberFormat:
        """The format that the set's numbers have."""
        return self._expected

    def set_expected(self, expected: NumberFormat) -> None:
        """Judge and order anew what is not answered."""
        self._expected = expected
        self._skipped = []
        self._judge()
        self._here = self._next()

    @property
    def current(self) -> Judged | None:
        """What is asked; None once all is answered."""
        return self._judged[self._here] if self._here is not None else None

    @property
    def answer(self) -> Answer | None:
        """What was said of the current item before."""
        return self._answers.get(self._here) if self._here is not None else None

    @property
    def answers(self) -> list[Answer]:
        """All that was said, in the set's order."""
        return [self._answers[item] for item in sorted(self._answers)]

    def upcoming(self, count: int) -> list[ReviewItem]:
        """The items that will be asked next, the current one first."""
        ids = [item for item in self._queue if item not in self._answers and item != self._here]
        ids = [item for item in ids if item not in self._skipped] + self._skipped
        here = [self._here] if self._here is not None else []
        return [self.items[item] for item in (*here, *ids)[:count]]

    def say(self, written: str, *, time: float, box: Box | None = None) -> Answer:
        """The current item is written like this, "" for no number; go on to the next open one."""
        assert self._here is not None, "nothing is asked"
        answer = self._answers[self._here] = Answer(self._here, written, time, box)
        self._leave()
        self._here = self._next()
        return answer

    def take_back(self, item: int) -> None:
        """An answer could not be kept: the item is asked again."""
        self._answers.pop(item, None)
        if item in self._visited:
            self._visited.remove(item)
        if self._here is None:
            self._here = self._next()

    def skip(self) -> None:
        """Ask the current item again once all others are answered."""
        if self._here is None:
            return
        if self._here not in self._answers:
            self._skipped = [item for item in self._skipped if item != self._here] + [self._here]
        self._here = self._next()

    def back(self) -> bool:
        """Go back to the item that was answered before; whether there is one."""
        place = self._visited.index(self._here) if self._here in self._visited else len(self._visited)
        if not place:
            return False
        self._here = self._visited[place - 1]
        return True

    def problems(self, written: str) -> tuple[str, ...]:
        """What in a text breaks the format."""
        return self._expected.problems(written)

    def outcome(self, item: int) -> Outcome:
        """What became of an item."""
        answer = self._answers.get(item)
        if answer is None:
            return Outcome.LEFT
        if not answer.written:
            return Outcome.NO_NUMBER
        return Outcome.CONFIRMED if answer.written == self.items[item].read else Outcome.CHANGED

    def judged_item(self, item: int) -> Judged:
        """An item as the format leaves it."""
        return self._judged[item]

    @property
    def progress(self) -> Progress:
        outcomes = [self.outcome(item) for item in self._answers]
        return Progress(
            outcomes.count(Outcome.CONFIRMED),
            outcomes.count(Outcome.CHANGED),
            outcomes.count(Outcome.NO_NUMBER),
            len(self.items),
        )

    def _judge(self) -> None:
        known = {answer.item: answer.written for answer in self._answers.values() if answer.written}
        self._judged = judged(self.items, self._expected, known)
        self._queue = queue_of(self._judged)

    def _leave(self) -> None:
        """The current item is the one that was answered last."""
        if self._here is None:
            return
        if self._here not in self._visited:
            self._visited.append(self._here)
        if self._here in self._skipped:
            self._skipped.remove(self._here)

    def _next(self) -> int | None:
        """The first open one; those that were skipped come last."""
        open_ones = (item for item in self._queue if item not in self._answers and item not in self._skipped)
        later = (item for item in self._skipped if item not in self._answers and item != self._here)
        alone = (item for item in self._skipped if item not in self._answers)
        return next(open_ones, next(later, next(alone, None)))
