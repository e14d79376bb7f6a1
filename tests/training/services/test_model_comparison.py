"""Whether another model is better: the decision, and the measuring of both in child processes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.evaluation.metrics import wilson
from training.runs.launch import Commands
from training.services.model_comparison import (
    Comparison,
    MeasuredModel,
    ModelComparison,
    Pair,
    Verdict,
    compare,
    more_to_label,
    parse_measured,
)

# Stands in for `gnc evaluate`: the model file holds its accuracy per data set.
EVALUATE = """
import json, sys
args = dict(zip(sys.argv[2::2], sys.argv[3::2]))
accuracy = json.load(open(args["--model"]))[args["--data"]]
print(json.dumps({"data": args["--data"], "n": 1000, "accuracy": accuracy,
                  "interval95": [accuracy - 0.01, min(1.0, accuracy + 0.01)], "per_class": {}}))
"""


def measured(data: str, accuracy: float, half: float = 0.01, n: int = 1000) -> MeasuredModel:
    return MeasuredModel(data, n, accuracy, (max(0.0, accuracy - half), min(1.0, accuracy + half)))


def pair(data: str, before: float, after: float, half: float = 0.01, n: int = 1000) -> Pair:
    return Pair(measured(data, before, half, n), measured(data, after, half, n))


SURE = "Each range holds with a certainty of 95%."


def test_better() -> None:
    found = compare([pair("corrections", 0.71, 0.94), pair("mnist", 0.991, 0.9915)])
    assert found.verdict is Verdict.BETTER
    assert found.verdict.recommends
    assert found.sentence == "Better than the present model on your corrections (71.0% → 94.0%)."
    assert found.lines == (
        "your corrections (1\u202f000 digits): 71.0% → 94.0%, 22 to 24 points better",
        "MNIST (1\u202f000 digits): 99.10% → 99.15%, up to 1.3 points worse or 1.4 points better", SURE,
    )  # fmt: skip


def test_worse() -> None:
    found = compare([pair("mnist", 0.99, 0.95)])
    assert (found.verdict, found.sentence) == (
        Verdict.WORSE, "Worse than the present model on MNIST (99.00% → 95.0%).",
    )  # fmt: skip


def test_what_was_forgotten_of_mnist_is_no_chance() -> None:
    """Learning from one correction took MNIST from 99.68 to 99.14%, and was offered as equally good."""
    right = [9968, 9914]
    mnist = Pair(*(MeasuredModel("mnist", 10_000, n / 10_000, wilson(n, 10_000)) for n in right))
    mine = Pair(*(MeasuredModel("corrections", 1, 1.0, wilson(1, 1)) for _ in range(2)))
    found = compare([mine, mnist])
    assert found.verdict is Verdict.WORSE
    assert found.lines[1] == "MNIST (10\u202f000 digits): 99.68% → 99.14%, 0.3 to 0.8 points worse"


def test_one_digit_tells_nothing() -> None:
    mine = Pair(*(MeasuredModel("corrections", 1, 1.0, wilson(1, 1)) for _ in range(2)))
    found = compare([mine], ["MNIST: not here."])
    assert found.verdict is Verdict.UNCLEAR
    assert not found.verdict.recommends
    assert found.sentence == (
        "It can't be told which model is better; too little was measured: 1 digit of your corrections."
    )
    assert found.lines[0].endswith("up to 79 points worse or 79 points better")


def test_own_digits_alone_do_not_tell_what_was_forgotten() -> None:
    found = compare([pair("corrections", 0.5, 0.9)], ["MNIST: not here."])
    assert found.verdict is Verdict.UNCLEAR
    assert found.sentence == (
        "Better on your corrections (50.0% → 90.0%); how well it reads other digits could not be measured."
    )


def test_mixed() -> None:
    found = compare([pair("corrections", 0.7, 0.9), pair("mnist", 0.99, 0.9)], ["fonts: not here."])
    assert found.verdict is Verdict.MIXED
    assert found.sentence == (
        "Better on your corrections (70.0% → 90.0%), but worse on MNIST (99.00% → 90.0%)."
    )
    assert found.lines[-2:] == ("fonts: not here.", SURE)


def test_about_the_same_is_what_differs_by_less_than_a_point() -> None:
    one, other = (MeasuredModel("/some/folder", 10_000, n / 10_000, wilson(n, 10_000)) for n in (9950, 9955))
    found = compare([Pair(one, other)])
    assert found.verdict is Verdict.ABOUT_THE_SAME
    assert found.sentence == "About as good as the present model: folder (99.50% → 99.55%)."
    assert compare([pair("svhn-numbers", 0.95, 0.955)]).verdict is Verdict.UNCLEAR
    assert "1\u202f000 photos of house numbers" in compare([pair("svhn-numbers", 0.95, 0.955)]).sentence


def test_few_images_prove_little() -> None:
    few = Pair(measured("corrections", 0.8, half=0.25, n=10), measured("corrections", 0.9, half=0.25, n=10))
    assert few.verdict is Verdict.UNCLEAR
    low, high = few.interval95
    assert low < 0.1 < high


@pytest.mark.parametrize(
    ("pairs", "advice"),
    [
        ([pair("corrections", 0.7, 0.9), pair("mnist", 0.99, 0.99)], "Use it; you can switch back at any time."),
        ([pair("corrections", 0.7, 0.9), pair("mnist", 0.99, 0.9)],
         "Use it if you read what is like your corrections; else keep the present model."),
        ([pair("corrections", 0.9, 0.7), pair("mnist", 0.99, 0.99)],
         "Keep the present model. Look through what you labelled for mistakes before you learn again."),
        ([pair("corrections-numbers", 0.5, 0.75, half=0.3, n=8), pair("made-numbers", 0.9, 0.9)],
         "Keep the present model, label about 70 more and learn again."),
        ([pair("mnist", 0.99, 0.995)], "Keep the present model."),
    ],
)  # fmt: skip
def test_the_advice_says_what_to_do(pairs: list[Pair], advice: str) -> None:
    assert compare(pairs).advice == advice


def test_where_nothing_of_the_users_could_be_measured_the_old_model_stays() -> None:
    found = compare([pair("mnist", 0.99, 0.99)], ["your corrections: none."], own_missing="corrections")
    assert found.verdict is Verdict.UNCLEAR
    assert not found.verdict.recommends
    assert "too little is collected" in found.sentence
    assert found.advice.startswith("Keep the present model, label about 40")
    worse = compare([pair("mnist", 0.99, 0.9)], own_missing="corrections")
    assert worse.verdict is Verdict.WORSE


def test_the_larger_the_difference_the_fewer_must_be_labelled() -> None:
    small = pair("corrections", 0.80, 0.85, half=0.2, n=20)
    large = pair("corrections", 0.60, 0.85, half=0.2, n=20)
    assert 10 <= more_to_label(large) < more_to_label(small) <= 500
    assert more_to_label(pair("corrections", 0.8, 0.8, half=0.2, n=20)) == 100


def test_nothing_measured() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        compare([])


@pytest.mark.parametrize("answer", [None, 7, [], {}, {"data": "x", "n": 1, "accuracy": 1, "interval95": 3}])
def test_answers_that_are_none(answer: object) -> None:
    with pytest.raises(ValueError, match="not understood"):
        parse_measured(answer, "x")


@pytest.fixture
def adoption(qtbot: QtBot, tmp_path: Path) -> ModelComparison:
    script = tmp_path / "evaluate.py"
    script.write_text(EVALUATE)
    for name, values in {
        "present": {"corrections": 0.7, "mnist": 0.99}, "candidate": {"corrections": 0.9, "mnist": 0.99},
    }.items():  # fmt: skip
        (tmp_path / name).write_text(json.dumps(values))
    return ModelComparison(commands=Commands(python=sys.executable, cli=(str(script),)))


def test_both_models_are_measured_on_all_data(
    adoption: ModelComparison, qtbot: QtBot, tmp_path: Path
) -> None:
    steps: list[tuple[int, int]] = []
    adoption.progress.connect(lambda done, all_: steps.append((done, all_)))
    with qtbot.waitSignal(adoption.compared, timeout=30_000) as heard:
        adoption.ask(tmp_path / "candidate", tmp_path / "present", ["corrections", "fonts", "mnist"])
    found = heard.args[0]
    assert isinstance(found, Comparison)
    assert found.verdict is Verdict.BETTER
    assert [p.present.data for p in found.pairs] == ["corrections", "mnist"]
    assert found.lines[-2].startswith("fonts: The accuracy could not be found out: KeyError")
    assert steps[0] == (0, 6)
    assert steps[-1] == (6, 6)


def test_nothing_can_be_measured(adoption: ModelComparison, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(adoption.failed, timeout=30_000) as heard:
        adoption.ask(tmp_path / "candidate", tmp_path / "present", ["fonts"])
    assert heard.args[0].startswith("fonts: ")
    with qtbot.waitSignal(adoption.failed, timeout=30_000) as heard:
        adoption.ask(tmp_path / "candidate", tmp_path / "present", [])
    assert heard.args == ["There is no data to compare the models on."]


def test_new_question_replaces_the_old(adoption: ModelComparison, qtbot: QtBot, tmp_path: Path) -> None:
    heard: list[Comparison] = []
    adoption.compared.connect(heard.append)
    adoption.ask(tmp_path / "candidate", tmp_path / "present", ["corrections"])
    adoption.ask(tmp_path / "present", tmp_path / "candidate", ["corrections"])
    qtbot.waitUntil(lambda: bool(heard), timeout=30_000)
    assert [found.verdict for found in heard] == [Verdict.WORSE]
    adoption.ask(tmp_path / "candidate", tmp_path / "present", ["corrections"])
    adoption.close()
