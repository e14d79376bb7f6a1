"""How the training window writes numbers, times and shares: never a bare float with ten digits."""

from __future__ import annotations

import math
import re
import time

from core.base.errors import NAME_DATA
from core.base.figures import NONE, accuracy, chance, interval, wrong

__all__ = [
    "NONE", "accuracy", "chance", "clock", "cost", "count", "counted", "duration", "in_window", "interval",
    "milliseconds", "percent", "points", "rate", "remaining", "setting", "size", "wrong",
]  # fmt: skip

THIN = "\u202f"  # a narrow space that lines do not break at
MINUS = "−"


_DATA_PAGE = "on the page Data of a new run"
_NAME_DATA = rf"(?:{re.escape(NAME_DATA)}|say where it is with --data-dir or GNC_DATA)"
_IN_WINDOW = (
    (rf"[Ff]etch (\w+) \(gnc data fetch [\w -]+\), or {_NAME_DATA}",
     rf"download \1, or choose the data folder, {_DATA_PAGE}"),
    (_NAME_DATA, f"choose the data folder {_DATA_PAGE}"),
    (r"name one with one subfolder per digit \(--set data_folder=FOLDER\)", f"choose one {_DATA_PAGE}"),
)  # fmt: skip
"""What the sentences of a child process say, as regular expressions, and what a window says in their place."""


def in_window(sentence: str) -> str:
    """A sentence of a child process for a window: its pages in place of options and commands."""
    for words, instead in _IN_WINDOW:
        sentence = re.sub(words, instead, sentence)
    return re.sub(r"\. d(?=ownload )", ". D", sentence)


def count(value: float) -> str:
    """A whole number in groups of three: 73 257."""
    if not math.isfinite(value):
        return NONE
    text = f"{abs(round(value)):,}".replace(",", THIN)
    return MINUS + text if round(value) < 0 else text


def counted(value: int, singular: str, plural: str = "") -> str:
    """A count with its noun: “1 image”, “1 310 images”."""
    return f"{count(value)} {singular if value == 1 else plural or singular + 's'}"


def cost(value: float) -> str:
    """A cost with three significant digits: 2.31, 0.412, 0.0413."""
    if not math.isfinite(value):
        return NONE
    if value >= 1:
        return f"{value:.2f}"
    return f"{value:.3f}" if value >= 0.1 else f"{value:.4f}"


def percent(share: float, *, digits: int = 1) -> str:
    """A fraction as a percentage: 99.6%."""
    return NONE if not math.isfinite(share) else f"{100 * share:.{digits}f}%"


def points(share: float) -> str:
    """A difference of two shares in percentage points, with digits as needed: 0.04, 0.5, 12."""
    if not math.isfinite(share):
        return NONE
    value = 100 * share
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.095 else f"{value:.2f}"


def rate(value: float) -> str:
    """A setting's number, short: 0.003, 1e−05, 30."""
    if not math.isfinite(value):
        return NONE
    return f"{value:.3g}".replace("e-0", "e-").replace("-", MINUS)


def setting(value: object) -> str:
    """A value as it stands in an editor, where it can be typed again: 0.003, 256, 1e-07."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def duration(seconds: float) -> str:
    """A time span with its two largest units: “45 s”, “3 min”, “1 h 20 min”, “2 days 3 h”."""
    if not math.isfinite(seconds):
        return NONE
    seconds = max(0.0, seconds)
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    name = "day" if days == 1 else "days"
    return f"{days} {name} {hours} h" if hours else f"{days} {name}"


def milliseconds(value: float) -> str:
    """A short time: 1.2 ms, 38 ms, 1.4 s."""
    if not math.isfinite(value):
        return NONE
    if value >= 999.5:
        return f"{value / 1000:.1f} s"
    return f"{value:.1f} ms" if value < 9.95 else f"{value:.0f} ms"


def remaining(seconds: float) -> str:
    """What is left to wait: “32 min left”."""
    if not math.isfinite(seconds):
        return ""
    return "a few seconds left" if seconds < 10 else f"{duration(seconds)} left"


def clock(moment: float, *, now: float | None = None) -> str:
    """A moment (seconds since the epoch): “14:03” today, else “12 Nov 14:03”, with the year if another."""
    then, today = time.localtime(moment), time.localtime(now)
    hour = time.strftime("%H:%M", then)
    if then[:3] == today[:3]:
        return hour
    day = f"{then.tm_mday} {time.strftime('%b', then)}"
    return f"{day} {hour}" if then.tm_year == today.tm_year else f"{day} {then.tm_year} {hour}"


def size(mebibytes: float) -> str:
    """An amount of memory or disk: 412 MiB, 3.1 GiB."""
    if not math.isfinite(mebibytes):
        return NONE
    if mebibytes >= 1024:
        return f"{mebibytes / 1024:.1f} GiB"
    return f"{mebibytes:.0f} MiB" if mebibytes >= 10 else f"{mebibytes:.1f} MiB"
