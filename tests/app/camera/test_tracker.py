"""Steady numbers out of unsteady readings."""

from __future__ import annotations

import random

import pytest

from app.camera.tracker import Sighting, Tracked, Tracker, TrackerSettings, text_probability
from core.reading.types import Box, Digit, Number, Reading


def digit(value: int, x: float, confidence: float = 0.95, second: int | None = None) -> Digit:
    """A digit 10 wide, 20 high at `x`; what `confidence` leaves goes to `second` or evenly to the others."""
    rest = 1 - confidence
    p = [rest / 9] * 10
    if second is not None:
        p = [0.0] * 10
        p[second] = rest
    p[value] = confidence
    return Digit(value, confidence, Box(x, 50, 10, 20), probabilities=tuple(p))


def number(text: str, x: float = 100, confidence: float | None = None) -> Number:
    digits = tuple(digit(int(c), x + 12 * i) for i, c in enumerate(text))
    if confidence is None:
        confidence = 0.95 ** len(text)
    return Number(digits, confidence, Box.around([d.box for d in digits]))


def reading(*texts: str, x: float = 100) -> Reading:
    return Reading(tuple(number(t, x + 200 * i) for i, t in enumerate(texts)))


def run(
    tracker: Tracker, readings: list[Reading], fps: float = 30, start: float = 0.0
) -> tuple[list[tuple[Tracked, ...]], list[Sighting], list[float]]:
    views: list[tuple[Tracked, ...]] = []
    news: list[Sighting] = []
    times: list[float] = []
    for i, r in enumerate(readings):
        view, sightings = tracker.update(r, start + i / fps)
        views.append(view)
        news += sightings
        times += [start + i / fps] * len(sightings)
    return views, news, times


@pytest.mark.parametrize("fps", [5, 15, 30, 60, 120])
def test_a_number_is_steady_soon_at_every_frame_rate(fps: float) -> None:
    views, news, times = run(Tracker(), [reading("1824")] * int(2 * fps), fps)
    assert [s.tracked.number.text for s in news] == ["1824"]
    assert times[0] <= 0.45
    assert news[0].seconds == pytest.approx(times[0])
    assert not views[0][0].steady
    assert views[-1][0].steady
    assert views[-1][0].number.confidence > 0.7


def test_misread_frames_do_not_flicker() -> None:
    rng = random.Random(5)
    good, bad = reading("1824"), [reading("1829"), reading("182"), reading("7"), Reading()]
    readings = [good] * 20 + [rng.choice(bad) if rng.random() < 0.3 else good for _ in range(300)]
    views, news, _ = run(Tracker(), readings)
    shown = {next(t.number.text for t in view if t.steady) for view in views[20:]}
    assert shown == {"1824"}
    assert [s.tracked.number.text for s in news] == ["1824"]


def test_what_is_seen_only_now_and_then_never_becomes_steady() -> None:
    readings = [reading("55") if i % 4 == 0 else Reading() for i in range(200)]
    views, news, _ = run(Tracker(), readings)
    assert news == []
    assert not any(t.steady for view in views for t in view)


def test_two_texts_that_take_turns_are_not_steady() -> None:
    _, news, _ = run(Tracker(), [reading("17"), reading("11")] * 60)
    assert news == []


def test_readings_with_one_wrong_digit_each_make_a_right_number() -> None:
    def sloppy(wrong: int) -> Reading:
        digits = [digit(v, 100 + 12 * i) for i, v in enumerate((4, 5, 6))]
        right = digits[wrong].digit
        digits[wrong] = digit((right + 1) % 10, 100 + 12 * wrong, 0.55, second=right)
        return Reading((Number(tuple(digits), 0.5, Box.around([d.box for d in digits])),))

    views, news, _ = run(Tracker(TrackerSettings(least=0.3, lead=0.05)), [sloppy(i % 3) for i in range(60)])
    assert {s.tracked.number.text for s in news} == {"456"}
    assert views[-1][0].number.text == "456"
    assert [d.digit for d in views[-1][0].number.digits] == [4, 5, 6]


def test_another_number_in_the_same_place_takes_over_and_is_news() -> None:
    tracker = Tracker()
    run(tracker, [reading("12")] * 60)
    _, news, times = run(tracker, [reading("34")] * 60, start=2.0)
    assert [s.tracked.number.text for s in news] == ["34"]
    assert times[0] - 2.0 < 1.0
    assert news[0].seconds == pytest.approx(times[0] - 2.0, abs=0.05)


def test_a_number_that_moves_stays_one_number() -> None:
    tracker = Tracker()
    views = []
    for i in range(60):
        view, _ = tracker.update(Reading((number("31", x=100 + 60.0 * i),)), i / 30)
        views.append(view)
    assert {t.id for view in views for t in view} == {1}
    assert views[-1][0].number.box.x == pytest.approx(100 + 60 * 59)
    assert views[-1][0].number.digits[0].box.x == pytest.approx(100 + 60 * 59)


def test_the_box_follows_a_frame_that_was_misread() -> None:
    tracker = Tracker()
    run(tracker, [reading("12")] * 30)
    view, _ = tracker.update(Reading((number("17", x=104),)), 1.0)
    assert view[0].number.text == "12"
    assert view[0].number.box.x == 104
    assert view[0].number.digits[1].box.x == 116


def test_a_number_that_is_gone_goes_and_does_not_come_back_as_news_at_once() -> None:
    tracker = Tracker()
    run(tracker, [reading("12")] * 30)
    views, _, _ = run(tracker, [Reading()] * 60, start=1.0)
    assert views[15][0].steady
    assert not views[15][0].seen
    assert views[-1] == ()
    assert run(tracker, [reading("12")] * 30, start=3.0)[1] == []
    run(tracker, [Reading()] * 150, start=4.0)
    assert len(run(tracker, [reading("12")] * 30, start=10.0)[1]) == 1


def test_several_numbers_are_followed_and_the_largest_is_first() -> None:
    big = Number((Digit(9, 0.9, Box(10, 10, 40, 80)),), 0.9, Box(10, 10, 40, 80))
    readings = [Reading((number("12"), big, number("345", x=400)))] * 30
    views, news, _ = run(Tracker(), readings)
    assert {s.tracked.number.text for s in news} == {"9", "12", "345"}
    assert views[-1][0].number.text == "9"


def test_a_slow_reader_still_gets_steady_numbers() -> None:
    _, news, times = run(Tracker(), [reading("12")] * 8, fps=0.8)
    assert [s.tracked.number.text for s in news] == ["12"]
    assert times[0] == pytest.approx(2.5)


def test_after_a_break_in_time_old_news_stays_old() -> None:
    tracker = Tracker()
    run(tracker, [reading("12")] * 30)
    tracker.restart()
    views, news, _ = run(tracker, [reading("12")] * 30, start=1.5)
    assert not views[0][0].steady
    assert news == []


def test_reset_forgets() -> None:
    tracker = Tracker()
    run(tracker, [reading("12")] * 30)
    tracker.reset()
    assert tracker.update(Reading(), 0.0) == ((), ())
    assert len(run(tracker, [reading("12")] * 30)[1]) == 1


def test_the_probability_of_another_text() -> None:
    n = Number((digit(1, 0, 0.8, second=7), digit(2, 12)), 0.76, Box(0, 0, 22, 20))
    assert text_probability(n, "12") == 0.76
    assert text_probability(n, "72") == pytest.approx(0.76 * 0.2 / 0.8)
    assert text_probability(n, "52") == 0
    assert text_probability(n, "123") == 0
    bare = Number((Digit(1, 0.9, Box(0, 0, 1, 1)),), 0.9, Box(0, 0, 1, 1))
    assert text_probability(bare, "2") == 0


# --- what readings hold for no more than possible --------------------------------------------------------


def maybe(text: str) -> Reading:
    return Reading(maybe=(number(text, confidence=0.3),))


def test_a_maybe_that_stays_becomes_a_number() -> None:
    views, news, times = run(Tracker(), [maybe("9")] * 60, fps=15)
    assert [s.tracked.number.text for s in news] == ["9"]
    assert 1.0 <= times[0] < 1.3
    assert not any(t.steady for t in views[8])
    assert views[-1][0].number.confidence == pytest.approx(0.3)


@pytest.mark.parametrize(
    "frames",
    [[maybe("9"), maybe("8"), maybe("9"), maybe("7")], [maybe("9"), Reading(), Reading()]],
    ids=["changes", "comes and goes"],
)
def test_a_maybe_that_changes_or_comes_and_goes_stays_one(frames: list[Reading]) -> None:
    views, news, _ = run(Tracker(), frames * 20, fps=15)
    assert news == []
    assert not any(t.steady for view in views for t in view)


def test_a_maybe_that_grows_sure_is_a_number_like_any_other() -> None:
    _, news, times = run(Tracker(), [maybe("9")] * 4 + [reading("9")] * 12, fps=15)
    assert [s.tracked.number.text for s in news] == ["9"]
    assert times[0] < 1.0


def test_letters_and_signs_do_not_flicker() -> None:
    plain, whole = number("12", confidence=0.9), number("12", confidence=0.9)
    whole = Number(whole.digits, 0.9, whole.box, "12B")
    frames = [Reading((whole,)), Reading((whole,)), Reading((plain,))] * 8
    views, _, _ = run(Tracker(), frames)
    assert {t.number.written for view in views[6:] for t in view} == {"12B"}
