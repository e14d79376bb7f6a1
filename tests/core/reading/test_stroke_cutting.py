"""Where one stroke that writes several digits can be cut."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.reading.stroke_cutting import cut_places, resampled, segments, several_odds

ONE = [(10.0, 0.0), (10.0, 100.0)]
ZERO = [(30 + 30 * float(np.sin(t)), 50 - 50 * float(np.cos(t))) for t in np.linspace(0, -2 * np.pi, 40)]


def joined(*digits: list[tuple[float, float]], step: float = 80.0) -> NDArray[np.float64]:
    return np.array([(x + k * step, y) for k, digit in enumerate(digits) for x, y in digit], np.float64)


def test_a_stroke_is_resampled_in_even_steps() -> None:
    path = resampled(np.array([(0.0, 0.0), (1.0, 0.0), (10.0, 0.0)]), 11)
    assert path[:, 0].tolist() == pytest.approx(list(range(11)))
    assert resampled(np.array([(3.0, 4.0)]), 5).tolist() == [[3.0, 4.0]] * 5


@pytest.mark.parametrize("count", [2, 3])
def test_joined_digits_are_cut_between_them(count: int) -> None:
    path, places = cut_places(joined(*[ZERO] * count))
    assert len(places) >= count - 1
    middles = [float(path[place.middle, 0]) for place in places]
    for k in range(1, count):
        assert min(abs(x - (80 * k - 10)) for x in middles) < 25
    assert all(place.first <= place.middle < place.last for place in places)


def test_narrow_strokes_dots_and_lines_are_not_cut() -> None:
    for path in (ONE, [(0.0, 0.0)], [(0.0, 0.0), (90.0, 0.0)], [(0.0, 0.0), (60.0, 0.0), (20.0, 100.0)]):
        assert cut_places(np.array(path))[1] == []


def test_segments_lie_between_cuts_and_none_is_the_whole() -> None:
    path, places = cut_places(joined(ONE, ZERO, ONE))
    found = segments(path, places)
    end = len(places) + 1
    assert all(0 <= s.start < s.stop <= end and (s.start, s.stop) != (0, end) for s in found)
    assert {s.start for s in found} == set(range(end))
    assert all(len(s.path) > 2 for s in found)


def test_wide_strokes_with_gaps_and_likely_parts_are_several() -> None:
    wide, narrow = np.array([(0.0, 0.0), (200.0, 100.0)]), np.array([(0.0, 0.0), (60.0, 100.0)])
    assert several_odds(wide, -0.03, -0.1, -0.02) > 0 > several_odds(narrow, -0.03, -0.01, -0.02)
    assert several_odds(wide, -0.03, -2, -0.02) > several_odds(wide, -0.03, -0.1, -0.02)
    assert several_odds(wide, 0.25, -0.1, -0.02) < several_odds(wide, -0.03, -0.1, -0.02)
    assert several_odds(wide, -0.03, -0.1, -3) < several_odds(wide, -0.03, -0.1, -0.02)
