"""The measured sets as tables of text: a row a set, why numbers were missed, and what confidences are worth."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.base.figures import accuracy
from core.evaluation.all_sets import DIGITS, DRAWINGS, SetResult, all_numbers
from core.evaluation.drawings import DrawingEvaluation
from core.evaluation.metrics import Evaluation, wilson
from core.evaluation.number_scoring import MISSES
from core.evaluation.numbers import NumberEvaluation
from core.evaluation.photo_sets import EMPTY, NUMBERS, SINGLE

_WIDE = 34
_NUMBER_COLUMNS = "     n   right             95%   found   false  nothing     ECE      ms"
HEADS = {
    NUMBERS: f"{'whole numbers':<{_WIDE}}{_NUMBER_COLUMNS}",
    EMPTY: f"{'images without numbers':<{_WIDE}}     n   clean             95%     false per 100              ms",
    SINGLE: f"{'one digit':<{_WIDE}}{_NUMBER_COLUMNS}",
    DIGITS: f"{'single digits':<{_WIDE}}     n   right             95%      called none      ECE",
    DRAWINGS: f"{'drawings':<{_WIDE}}     n   right             95%  wrong and sure     ECE      ms",
}
"""The first line of each kind's table."""


_REASONS = {
    "too few": "too few digits",
    "too many": "too many",
    "split": "split",
    "wrong digit": "a wrong digit",
    "not sure": "not reported",
    "another": "another surer",
    "nothing": "not found",
}
"""The heads of the columns of MISSES."""


def row(result: SetResult) -> list[str]:
    """The line of a set, and those of its kinds of pictures where it has some."""
    found = result.found
    if isinstance(found, Evaluation):
        return [_digits_row(result.title, found)]
    if isinstance(found, DrawingEvaluation):
        return _drawing_rows(result.title, found)
    if result.kind == EMPTY:
        return [_empty_row(result.title, found)]
    return [_numbers_row(result.title, found)] + [
        f"{'  ' + name:<{_WIDE}}{n:>6}{_percent(right, n)}" for name, n, right in found.groups
    ]


def _numbers_row(title: str, found: NumberEvaluation) -> str:
    return (
        f"{title:<{_WIDE}}{found.n:>6}{_percent(found.right, found.n)}{_interval(found.right, found.n)}"
        f"{_percent(found.numbers_found, found.n)}{found.false_numbers:>8}"
        f"{_percent(found.nothing_read, found.n, 9)}{_ece(found.calibration_error)}{found.milliseconds:>8.1f}"
    )


def _empty_row(title: str, found: NumberEvaluation) -> str:
    return (
        f"{title:<{_WIDE}}{found.n:>6}{_percent(found.right, found.n)}{_interval(found.right, found.n)}"
        f"{found.false_per_100:>18.1f}{found.milliseconds:>16.1f}"
    )


def _digits_row(title: str, found: Evaluation) -> str:
    right = round(found.accuracy * found.n)
    none = sum(line[10] for line in found.confusion)
    return (
        f"{title:<{_WIDE}}{found.n:>6}{accuracy(right / found.n if found.n else 0):>8}{_interval(right, found.n)}"
        f"{_percent(none, found.n, 16, 2)}{_ece(found.ece, 10)}"
    )


def _drawing_rows(title: str, found: DrawingEvaluation) -> list[str]:
    kinds = found.kinds.items()
    sure_wrong = sum(score.sure_wrong for _, score in kinds)
    return [
        f"{title:<{_WIDE}}{found.n:>6}{_percent(found.right, found.n)}{_interval(found.right, found.n)}"
        f"{sure_wrong:>16}{_ece(found.calibration_error)}{found.milliseconds:>8.1f}",
        *(
            f"{'  ' + name:<{_WIDE}}{s.n:>6}{_percent(s.right, s.n)}{'':16}{s.sure_wrong:>16}"
            for name, s in kinds
        ),
    ]


def reasons(results: Sequence[SetResult]) -> list[str]:
    """Why numbers were missed, a row a set: per cent of its photos."""
    rows = [
        (r.title, r.found)
        for r in results
        if r.kind in (NUMBERS, SINGLE) and isinstance(r.found, NumberEvaluation)
    ]
    if not rows:
        return []
    lines = [f"{'missed, % of the photos':<{_WIDE}}" + "".join(f"{_REASONS[name]:>15}" for name in MISSES)]
    for title, found in rows:
        missed = dict(found.missed)
        shares = "".join(f"{_share(missed.get(name, 0), found.n):>15}" for name in MISSES)
        lines.append(f"{title:<{_WIDE}}{shares}")
    return lines


def _share(count: int, n: int) -> str:
    return f"{100 * count / n:.1f}" if count else "–"


def reliability(results: Sequence[SetResult]) -> list[str]:
    """What the confidences of reported numbers are worth, over all sets of whole numbers together."""
    whole: Mapping[str, Any] = all_numbers(results)
    if not whole["reported"]:
        return []
    lines = [
        f"of {whole['reported']:,} numbers reported in all of these sets {whole['false_numbers']:,} are false; "
        f"calibration error {whole['ece']:.3f}",
        "  said   right       n",
    ]
    lines += [
        f"{_whole(b['confidence'])}{_whole(b['accuracy'])}{b['n']:>8,}"
        for b in whole["calibration"]
        if b["n"]
    ]
    return lines


def _whole(share: float | None) -> str:
    return f"{'–':>7}" if share is None else f"{share:>7.1%}"


def _percent(count: int, n: int, wide: int = 8, digits: int = 1) -> str:
    return f"{count / n if n else 0:>{wide}.{digits}%}"


def _interval(right: int, n: int) -> str:
    low, high = wilson(right, n)
    return f"{f'{100 * low:.1f} to {high:.1%}':>16}"


def _ece(value: float, wide: int = 8) -> str:
    return f"{'–':>{wide}}" if math.isnan(value) else f"{value:>{wide}.3f}"


def print_all(results: Sequence[SetResult], write: Callable[[str], None]) -> None:
    """The tables that follow the rows of the sets."""
    for lines in (reasons(results), reliability(results)):
        if lines:
            write("")
            for line in lines:
                write(line)
