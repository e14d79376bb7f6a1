"""Writes the card of a detector's model file, as `core.tools.classifier_card` does for a classifier.

python -m core.tools.detector_card assets/models/detector.onnx --run RUN --data-dir DATA
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assets import MODELS
from core.base.errors import DataError, InputError
from core.base.files import write_json, written_aside
from core.base.paths import Places
from core.evaluation.numbers import NUMBER_SOURCES, evaluate_numbers
from core.loaders.number_photos import number_photos
from core.reading.model_file import write_metadata
from core.reading.photo_reader import PhotoReader
from core.recipes.recipe import SHIPPED
from core.runs.folder import RunFolder
from core.tools.classifier_card import changes, percent
from core.train import checkpoint

TITLES = {
    "svhn-numbers": "283 checked SVHN-extra photos",
    "svhn": "SVHN photos 201 to 256",
    "signs": "house signs as shops show them",
    "backgrounds": "photos without numbers, right where none is reported",
}


def measure_photos(detector: Path, classifier: Path, places: Places) -> dict[str, dict[str, Any]]:
    """Every set of photos that is here, read by both model files together, as `gnc evaluate` does."""
    reader = PhotoReader.load(detector, classifier)
    found = {}
    for name in NUMBER_SOURCES:
        try:
            photos = number_photos(places, name, "validation")
        except DataError as error:
            print(f"Left out: {error}", file=sys.stderr)
            continue
        found[name] = evaluate_numbers(reader, photos, data=name).to_dict()
    return found


def figures_table(found: dict[str, dict[str, Any]]) -> list[str]:
    """Markdown rows: photos whose whole number is right, interval, n, false numbers, calibration."""
    lines = [
        "| photos | whole number right | 95% interval | n | false numbers | calibration error | digits found, F1 "
        "| reported, F1 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, figures in found.items():
        low, high = figures["interval95"]
        ece, found_f1, reported_f1 = (
            "–" if value is None else f"{value:.3f}"
            for value in map(figures.get, ("ece", "detection_f1", "reported_f1"))
        )
        lines.append(
            f"| {TITLES.get(name, name)} | {percent(figures['accuracy'])} | {percent(low)} to {percent(high)} "
            f"| {figures['n']:,} | {figures['false_numbers']:,} | {ece} | {found_f1} | {reported_f1} |"
        )
    return lines


def card(model: Path, about: dict[str, Any], found: dict[str, dict[str, Any]], remark: str = "") -> str:
    """The card in Markdown. about: what the run's `best_model.pt` says of itself; remark: a paragraph more."""
    settings = json.loads(about["settings"])
    options = " ".join([about["recipe"], *changes(settings), "--data-dir DATA --out RUNS"])
    sources = [f"| {name} | {count:,} |" for name, count in about["sources"].items()]
    lines = [
        f"# {model.stem}: recipe `{about['recipe']}`",
        "",
        f"{model.stat().st_size:,} bytes as float32 ONNX. Trained on {about['date']} from revision "
        f"`{about['revision'] or 'unknown'}` (`+`: with changes that were not committed yet), seed {about['seed']}: "
        f"{about['images']:,} scenes and pieces of photos. It reads together with `classifier.onnx`; "
        "how both are weighed, and how confidences are calibrated, stands in the file.",
        "",
        "## Figures",
        "",
        *figures_table(found),
        "",
        "False numbers are those reported at the default confidence that are no number of their photo. "
        "The same figures come from",
        "",
        "    gnc evaluate --data svhn-numbers        (svhn-photos, signs, backgrounds)",
        f"    python -m core.tools.detector_card {model.as_posix()} --run RUN",
        "",
        "## Data",
        "",
        "| source | fonts, photos or crops |",
        "|---|---|",
        *sources,
        "",
        "## Train it again",
        "",
        f"    gnc train --recipe {options}",
        "",
        "With the code of that revision: recipes and scenes change.",
        "",
        *(
            ["It started from the detector that was shipped at that revision.", ""]
            if settings["start_from"] == SHIPPED
            else []
        ),
        "Calibration used photos of the training split that the detector was not trained on, and larger pictures made "
        "with them (`python -m core.evaluation.reader_calibration`). Digits count as found, reported or not, where "
        "boxes overlap by half.",
        *(["", remark] if remark else []),
    ]
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """The command of this module."""
    parser = argparse.ArgumentParser(
        prog="core.tools.detector_card", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("model", type=Path, help="the detector's model file")
    parser.add_argument(
        "--classifier", type=Path, default=MODELS / "classifier.onnx", help="read together with it"
    )
    parser.add_argument("--run", type=Path, required=True, help="the run it came from")
    parser.add_argument("--remark", default="", help="what a reader must know besides")
    parser.add_argument("--data-dir", type=Path, help="where the data is")
    args = parser.parse_args(argv)
    try:
        about = checkpoint.load(RunFolder(args.run).best, ("recipe", "settings", "sources", "seed"))
        found = measure_photos(args.model, args.classifier, Places.find(data_dir=args.data_dir))
        kept = ("n", "accuracy", "interval95", "false_numbers", "detection_f1", "reported_f1")
        figures = {
            name: {key: values[key] for key in kept if key in values} for name, values in found.items()
        }
        # The windows show what the file says, so it has to say what the card does.
        write_metadata(args.model, {"figures": json.dumps(figures)}, args.model, kind="detector")
        text = card(args.model, about, found, args.remark)
    except InputError as error:
        print(f"core.tools.detector_card: {error}", file=sys.stderr)
        return 2
    with written_aside(args.model.with_suffix(".md")) as file:
        file.write(text.encode())
    write_json(
        args.model.with_suffix(".json"),
        {"recipe": about["recipe"], "date": about["date"], "figures": figures},
    )
    print("\n".join(figures_table(found)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
