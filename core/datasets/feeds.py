"""Which sources each network can learn from, and what their terms allow."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from core.datasets.catalog import CATALOGUE
from core.datasets.detector_scenes import SOURCES as SCENES
from core.datasets.line_rows import NAMES as ROWS
from core.recipes.source_names import LABELLED_EMPTY, LABELLED_NUMBERS, source_name


class Use(StrEnum):
    """What the terms of a source allow."""

    ANY = "any use"
    RESEARCH = "research and other non-commercial use only"
    UNSTATED = "no terms are stated"


_ANY = ("mnist", "meter", "meter-tenths", "icdar2015-numbers", "line-fonts", "line-painted",
        "line-segments", "line-dots", "line-counters")  # fmt: skip
_UNSTATED = ("wagon-numbers", "lcd-meters")
_YOURS = ("folder", "corrections", LABELLED_NUMBERS, LABELLED_EMPTY)


def sources_of(network: str) -> tuple[str, ...]:
    """The sources that a recipe of this network may name."""
    if network == "detector":
        return SCENES
    if network == "line":
        return ROWS
    return tuple(name for name, entry in CATALOGUE.items() if entry.has_digits)


def networks_of(source: str) -> tuple[str, ...]:
    """The networks whose recipes may name this source."""
    return tuple(
        network for network in ("seed", "general", "detector", "line") if source in sources_of(network)
    )


def allowed_use(source: str) -> Use | None:
    """What the terms of a source allow; None where they are the user's own. Unknown sources count as unstated."""
    name = source_name(source)
    if name in _YOURS:
        return None
    if name in _ANY:
        return Use.ANY
    return Use.UNSTATED if name in _UNSTATED or name not in CATALOGUE else Use.RESEARCH


def strictest_use(sources: Iterable[str]) -> Use:
    """What all of the sources together allow; for one's own, any use."""
    found = {allowed_use(name) for name in sources}
    return next((use for use in (Use.RESEARCH, Use.UNSTATED) if use in found), Use.ANY)
