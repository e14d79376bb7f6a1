"""Writes the card of a model file: what it is, what it was trained on, how good it is, how to make it again.

    python -m core.tools.classifier_card assets/models/classifier.onnx --run RUN --data-dir DATA
    python -m core.tools.classifier_card assets/models/classifier.onnx --data-dir DATA    (the figures of a card anew)

Writes `classifier.md` for people and `classifier.json` for programs beside the model file, and the figures into the
file itself, for the windows. They are measured anew, on the path that `gnc evaluate` takes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import DataError, InputError
from core.base.files import read_json, write_json, written_aside
from core.base.paths import Places
from core.evaluation.digit_sets import labelled_crops
from core.evaluation.metrics import Evaluation, evaluate_predictions
from core.loaders.fonts import families
from core.reading.classifier import Classifier
from core.reading.model_file import write_metadata
from core.recipes.recipe import SHIPPED, recipe_named
from core.runs.events import Finished, Started
from core.runs.folder import RunFolder
from core.train import checkpoint


@dataclass(frozen=True)
class Measure:
    """One row of the card. data: what `gnc evaluate --data` takes. seen: what of it was trained on."""

    data: str
    title: str
    seen: str


MEASURES = (
    Measure("mnist", "MNIST, test images", "its training images"),
    Measure("hwd1000", "HwD-1000, one hand", "nothing"),
    Measure("strokes", "UNIPEN, validation writers", "other writers"),
    Measure("seed_test", "the seed's 35 test images", "nothing"),
    Measure("svhn", "digits of the SVHN photos 201 to 256", "photos 1 to 200, and SVHN-extra photos"),
    Measure("fonts", "fonts kept out, installed and Chars74K", "other fonts"),
    Measure("chars74k", "Chars74K, every 10th font", "the other fonts"),
    Measure("meter", "counters kept out", "other counters"),
)


def measure_all(model: Path, places: Places) -> dict[str, Evaluation]:
    """Every measure whose data is here, of one model file."""
    classifier = Classifier.load(model)
    found = {}
    for measure in MEASURES:
        try:
            crops = labelled_crops(measure.data, size=classifier.info.input_size, places=places)
        except DataError as error:
            print(f"Left out: {error}", file=sys.stderr)
            continue
        found[measure.data] = evaluate_predictions(classifier.probabilities(crops.crops), crops.labels)
    return found


def percent(value: float) -> str:
    """“99.62%”."""
    return f"{value:.2%}"


def figures_table(found: dict[str, Evaluation]) -> list[str]:
    """Markdown rows: accuracy, interval, n, calibration error, what was trained on."""
    lines = [
        "| digits | accuracy | 95% interval | n | calibration error | trained on |",
        "|---|---|---|---|---|---|",
    ]
    for measure in MEASURES:
        if measure.data in found:
            e = found[measure.data]
            low, high = e.interval95
            lines.append(
                f"| {measure.title} | {percent(e.accuracy)} | {percent(low)} to {percent(high)} | {e.n:,} "
                f"| {e.ece:.3f} | {measure.seen} |"
            )
    return lines


def changes(settings: dict[str, Any]) -> list[str]:
    """What of a run's settings differs from the recipe of its name, as options of `gnc train`."""
    plain = recipe_named(settings["name"]).to_dict()
    options = []
    idle = "augmentation" if settings["network"] == "detector" else "scenes"
    for key, value in settings.items():
        if key == idle:
            continue
        if isinstance(value, dict):
            before = plain.get(key) or {}
            options += [f"--set {key}.{k}={v}" for k, v in value.items() if before.get(k) != v]
        elif plain.get(key) != value:
            options.append(f"--set {key}={value}")
    return options


def card(
    model: Path, run: RunFolder, found: dict[str, Evaluation],
    font_families: Sequence[str], remark: str = "",
) -> str:  # fmt: skip
    """The card in Markdown. Raises InputError where the run's folder lacks its files."""
    about = checkpoint.load(run.best, ("recipe", "sources", "seed"))
    told = run.read_events()
    started = next((e for e in told if isinstance(e, Started)), None)
    finished = next((e for e in reversed(told) if isinstance(e, Finished)), None)
    if started is None or finished is None:
        raise InputError(f"{run.path} is not a finished run; resume it first.")
    recipe = about["recipe"]
    settings = json.loads(about["settings"])
    sources = [
        f"| {name} | {count:,} | {settings['sources'][name] / sum(settings['sources'].values()):.0%} |"
        for name, count in about["sources"].items()
    ]
    lines = [
        f"# {model.stem}: recipe `{recipe}`",
        "",
        f"Network `{about['network']}`, {started.parameters:,} parameters, {model.stat().st_size:,} bytes as float32 "
        f"ONNX. Trained on {about['date']} from revision `{about['revision'] or 'unknown'}` (`+`: with changes "
        f"that were not committed yet), seed {about['seed']}, on {started.device} in {started.precision}: "
        f"{about['images']:,} augmented images up to epoch {finished.best_epoch} of {finished.epoch}, "
        f"{finished.seconds / 60:.0f} minutes. Its confidences are calibrated on the dev split "
        f"(temperature {about['temperature']:.2f}).",
        "",
        "## Figures",
        "",
        *figures_table(found),
        "",
        "Measured on the whole path of `gnc evaluate`, from image to answer; an answer “no digit” counts as wrong. "
        "Intervals are Wilson's. The same figures come from",
        "",
        f"    gnc evaluate --model {model.as_posix()} --data mnist        (and so on)",
        f"    python -m core.tools.classifier_card {model.as_posix()}        (all of them, into this card)",
        "",
        "## Data",
        "",
        "| source | training images | share of the mixture |",
        "|---|---|---|",
        *sources,
        "",
        f"The lowest dev cost ({finished.best_dev_cost:.4f}) chose the weights of this run.",
        *(["", remark] if remark else []),
        "",
        "## Train it again",
        "",
        "    " + " ".join(["gnc train --recipe", recipe, *changes(settings), "--data-dir DATA --out RUNS"]),
        "    gnc export RUNS/NAME --out model.onnx",
        "",
        "With the code of that revision: recipes and augmentation change.",
        "",
        *(
            ["It started from the classifier that was shipped at that revision.", ""]
            if settings["start_from"] == SHIPPED
            else []
        ),
        "Fonts are those installed on the machine that trains; with others the figures move a little. The boxes of "
        "`svhn-numbers` were found by earlier models of ours: first by a classifier trained without them "
        "(`python -m core.number_boxes`), then by a detector trained on those boxes and a classifier "
        "(`python -m core.tools.locate_digits`). Its numbers are votes of published models; where those disagree, some "
        "were read by eye (`core/data/svhn_extra_checked.csv`).",
    ]
    if "fonts" in about["sources"] and font_families:
        lines += [
            "",
            "## Fonts",
            "",
            f"{len(font_families)} installed families gave digits, beside Chars74K's. A tenth was kept out.",
            "",
            ", ".join(font_families) + ".",
        ]
    return "\n".join(lines) + "\n"


def measured_again(text: str, found: dict[str, Evaluation]) -> str:
    """A card with other figures. Raises InputError where it holds no table of them."""
    before, head, rest = text.partition("## Figures\n\n")
    _, gap, after = rest.partition("\n\n")
    if not (head and gap):
        raise InputError("The card holds no table of figures; give --run to make it anew.")
    return before + head + "\n".join(figures_table(found)) + gap + after


def figures_of(found: dict[str, Evaluation]) -> dict[str, Any]:
    """What the windows and other programs show of a shipped model's figures."""
    return {
        name: {"n": e.n, "accuracy": round(e.accuracy, 5), "interval95": [round(v, 5) for v in e.interval95]}
        for name, e in found.items()
    }


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"{path} can't be read; give --run to make it anew.") from error


def main(argv: Sequence[str] | None = None) -> int:
    """The command of this module."""
    parser = argparse.ArgumentParser(
        prog="core.tools.classifier_card", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("model", type=Path, help="the model file the card belongs to")
    parser.add_argument(
        "--run", type=Path, help="the run it came from; without it only the figures are measured anew"
    )
    parser.add_argument(
        "--remark", default="", help="what a reader must know besides, such as how choices were made"
    )
    parser.add_argument("--data-dir", type=Path, help="where the data is")
    args = parser.parse_args(argv)
    places = Places.find(data_dir=args.data_dir)
    try:
        if args.run is not None:
            run = RunFolder(args.run)
            about = checkpoint.load(run.best, ("recipe",))
            told = {"recipe": about["recipe"], "date": about["date"]}
            found = measure_all(args.model, places)
            text = card(args.model, run, found, families(places.cache), args.remark)
        else:
            told, text = read_json(args.model.with_suffix(".json")), _read(args.model.with_suffix(".md"))
            found = measure_all(args.model, places)
            text = measured_again(text, found)
        figures = figures_of(found)
        # The windows show what the file says, so it has to say what the card does.
        write_metadata(args.model, {"figures": json.dumps(figures)}, args.model, kind="classifier")
    except InputError as error:
        print(f"core.tools.classifier_card: {error}", file=sys.stderr)
        return 2
    with written_aside(args.model.with_suffix(".md")) as file:
        file.write(text.encode())
    write_json(args.model.with_suffix(".json"), told | {"figures": figures})
    print("\n".join(figures_table(found)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
