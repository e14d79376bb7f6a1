"""How the training window writes numbers, times and shares: never a bare float with ten digits."""

from __future__ import annotations

import math
import time

THIN = "\u202f"  # a narrow space that lines do not break at
MINUS = "−"
NONE = "–"


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


def chance(share: float) -> str:
    """A probability in whole per cents: 97%, never 100% for what is not certain nor 0% for what is not nil."""
    if not math.isfinite(share):
        return NONE
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def accuracy(share: float) -> str:
    """A fraction right, with a second digit where it is close to all: 93.4%, 99.62%, 100%."""
    if not math.isfinite(share):
        return NONE
    if share >= 1:
        return "100%"
    # 99.996% must not be rounded up to a perfect score.
    return f"{min(100 * share, 99.99):.2f}%" if share >= 0.99 else f"{100 * share:.1f}%"


def wrong(share_right: float) -> str:
    """The share that is wrong, beside `accuracy`, to the same digit: 6.6%, 0.38%, 0%."""
    if not math.isfinite(share_right):
        return NONE
    if share_right >= 1:
        return "0%"
    share = 100 * (1 - share_right)
    return f"{max(share, 0.01):.2f}%" if share_right >= 0.99 else f"{share:.1f}%"


def points(share: float) -> str:
    """A difference of two shares in percentage points, with digits as needed: 0.04, 0.5, 12."""
    if not math.isfinite(share):
        return NONE
    value = 100 * share
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.095 else f"{value:.2f}"


def interval(low: float, high: float) -> str:
    """A 95% interval of fractions: 99.4–99.7%."""
    return f"{100 * low:.1f}–{100 * high:.1f}%"


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
