"""Writes the card of a model file: its kind, its figures, its training data, how to make it again.

    python -m core.tools.card assets/models/classifier.onnx --run RUN --data-dir DATA --remark "…"
    python -m core.tools.card assets/models/classifier.onnx --data-dir DATA     (the figures of a card anew)

Beside the model file it writes `NAME.md` for people and model hubs, `NAME.json` for programs and `fonts.txt`; and the
figures into the model file itself, which the windows show. They are those of `gnc evaluate --data all`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assets import MODELS
from core.base.errors import InputError, ModelError
from core.base.files import read_json, write_json, written_aside
from core.base.paths import Places
from core.evaluation.all_sets import SetResult, evaluate_all
from core.evaluation.test_file import LINE, TestReport
from core.loaders.fonts import families
from core.reading.api import shipped_reader
from core.reading.classifier import Classifier
from core.reading.model_file import read_any_model, write_metadata
from core.runs.events import Finished, Started
from core.runs.folder import RunFolder
from core.tools.card_kinds import CARD_KINDS, CardKind
from core.tools.card_text import (
    FONTS_FILE,
    Section,
    Training,
    again_section,
    card_text,
    data_section,
    figures_of,
    figures_section,
    lead,
    matter_of,
    remarks_section,
    rows_section,
    terms_section,
)
from core.tools.front_matter import without_front_matter
from core.train import checkpoint
from core.train.about import About

_OF_FONTS = ("fonts", "made-photos", "non-digits", "scenes", "line-fonts")
"""Sources whose characters are those of installed fonts."""


def shown(model: Path) -> str:
    """The path of a model file as its card gives it: from the top of the repository, or its name alone."""
    top = MODELS.parents[1]
    path = model.resolve()
    return path.relative_to(top).as_posix() if path.is_relative_to(top) else path.name


def kind_of(model: Path) -> str:
    """What the model file says it is. Raises ModelError for a file of another kind than those with cards."""
    _, info = read_any_model(model)
    if info.kind not in CARD_KINDS:
        raise ModelError(f"{model} is a {info.kind}; there are cards of {', '.join(CARD_KINDS)}.")
    return info.kind


def measure(
    model: Path,
    kind: str,
    places: Places,
    *,
    others: Mapping[str, Path],
    limit: int | None = None,
    report: Callable[[str], None],
) -> list[SetResult]:
    """Every set that is here, read by this model file together with the others.

    others: files of the other kinds in place of the shipped ones. limit: so many pictures a set. report: called with
    a sentence about each set that is not here, or is done.
    """
    files: dict[str, Path] = {**others, kind: model}
    classifier = files.get("classifier", MODELS / "classifier.onnx")
    reader = shipped_reader(files.get("detector"), classifier, files.get("line"))
    found = []
    kinds = CARD_KINDS[kind].measured
    for result in evaluate_all(
        reader, Classifier.load(classifier), places, kinds=kinds, limit=limit,
        on_absent=lambda sentence: report(f"Left out: {sentence}"),
    ):  # fmt: skip
        report(f"{result.title}: done.")
        found.append(result)
    return found


def about_run(run: RunFolder) -> tuple[About, Training]:
    """The facts about a finished run. Raises InputError if it isn't finished, or lacks its files."""
    about = About.from_dict(checkpoint.load(run.best, ("recipe", "settings", "sources")), run.best)
    written = run.read_events()
    started = next((e for e in written if isinstance(e, Started)), None)
    finished = next((e for e in reversed(written) if isinstance(e, Finished)), None)
    if started is None or finished is None:
        raise InputError(f"{run.path} is not a finished run; resume it first.")
    return about, Training(
        parameters=started.parameters, device=f"{started.device} in {started.precision}",
        best_epoch=finished.best_epoch, epochs=finished.epoch, best_dev_cost=finished.best_dev_cost,
        seconds=finished.seconds,
    )  # fmt: skip


def new_card(
    model: Path, kind: CardKind, about: About, training: Training, results: Sequence[SetResult], *,
    report: TestReport | None = None, remarks: Sequence[str] = (), fonts: int = 0, measured: str = "",
) -> str:  # fmt: skip
    """The whole card of a run's model, in Markdown.

    report: of the run's own test phase. fonts: families that its made data was written with.
    """
    recipe = about.recipe_used()
    sources = list(about.sources)
    return card_text(
        matter_of(kind, model.stem, sources, _hub_figures(results)),
        f"{model.stem}: recipe `{about.recipe}`",
        lead(kind, about, training, model.stat().st_size),
        (
            figures_section(kind, results, sources, model=shown(model), measured=measured),
            *([rows_section(report)] if report is not None and report.kind == LINE else []),
            data_section(kind, about, recipe),
            terms_section(sources, about.recipe),
            again_section(about, recipe, shown(model)),
            remarks_section(kind, remarks, fonts),
        ),
    )


def card_measured_again(
    text: str, model: Path, kind: CardKind, results: Sequence[SetResult], *, recipe: str,
    remarks: Sequence[str] = (), measured: str = "",
) -> tuple[str, list[str]]:  # fmt: skip
    """A card with figures measured anew and remarks added, all else as it was; and the fonts that an old card held.

    Raises InputError where the card has no figures or no table of its data.
    """
    head, sections = _sections(without_front_matter(text))
    names = [section.heading for section in sections]
    if "Figures" not in names or "Data" not in names:
        raise InputError("The card holds no table of figures or of data; give --run to make it anew.")
    sources = re.findall(r"^\| `?([a-z][\w-]*)`? \|", sections[names.index("Data")].blocks[0], re.M)
    sources = [name for name in sources if name != "source"]
    anew = {"Figures": figures_section(kind, results, sources, model=shown(model), measured=measured)}
    kept, fonts = [], []
    for section in sections:
        if section.heading == "Fonts":
            fonts = [name.strip() for name in section.blocks[-1].removesuffix(".").split(", ")]
            kept.append(Section("Fonts", (f"{section.blocks[0]} The families: `{FONTS_FILE}`.",)))
        else:
            kept.append(anew.get(section.heading, section))
        if section.heading == "Remarks":
            kept[-1] = Section("Remarks", (*section.blocks, *remarks))
        if section.heading == "Data" and "What it may be used for" not in names:
            kept.append(terms_section(sources, recipe))
    if remarks and "Remarks" not in names:
        kept.append(Section("Remarks", tuple(remarks)))
    matter = matter_of(kind, model.stem, sources, _hub_figures(results))
    return card_text(matter, head[0].removeprefix("# "), head[1:], kept), fonts


def _sections(text: str) -> tuple[list[str], list[Section]]:
    """The blocks before the first heading (the title among them), and the sections."""
    head, *rest = re.split(r"^## ", text.strip(), flags=re.M)
    sections = []
    for part in rest:
        heading, _, body = part.partition("\n")
        sections.append(Section(heading.strip(), tuple(_blocks(body))))
    return _blocks(head), sections


def _blocks(text: str) -> list[str]:
    return [block.strip("\n") for block in re.split(r"\n\s*\n", text.strip("\n")) if block.strip()]


def _hub_figures(results: Sequence[SetResult]) -> list[tuple[str, str, Mapping[str, Any]]]:
    figures = figures_of(results)
    return [(result.name, result.title, figures[result.name]) for result in results]


def write_fonts(folder: Path, more: Sequence[str]) -> None:
    """Add families to `fonts.txt`, one a line."""
    path = folder / FONTS_FILE
    before = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    with written_aside(path) as file:
        file.write("".join(f"{name}\n" for name in sorted({*before, *more} - {""})).encode())


def _report(run: RunFolder) -> TestReport | None:
    """What its test phase found; None where there is no file of it."""
    if not run.test.is_file():
        return None
    try:
        return TestReport.from_json(read_json(run.test))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{run.test} is damaged; let the run finish again.") from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"{path} can't be read; give --run to make it anew.") from error


def _write(args: argparse.Namespace, places: Places) -> None:
    model: Path = args.model
    name = kind_of(model)
    kind = CARD_KINDS[name]
    others = {key: value for key in CARD_KINDS if (value := getattr(args, key)) is not None}
    old = "" if args.run is not None else _read(model.with_suffix(".md"))
    facts: dict[str, Any] = {} if args.run is not None else read_json(model.with_suffix(".json"))
    run = about_run(RunFolder(args.run)) if args.run is not None else None
    results = measure(
        model, name, places, others=others, limit=args.limit, report=lambda s: print(s, file=sys.stderr)
    )
    revision = checkpoint.revision()
    measured = f"on {time.strftime('%Y-%m-%d')}" + (f" at revision `{revision}`" if revision else "")
    if args.limit is not None:
        measured += f", {args.limit:,} images a set at most"
    if run is not None:
        about, training = run
        uses_fonts = any(name in _OF_FONTS for name in about.sources)
        used = families(places.cache) if uses_fonts else []
        text = new_card(
            model, kind, about, training, results, report=_report(RunFolder(args.run)), remarks=args.remark,
            fonts=len(used), measured=measured,
        )  # fmt: skip
        facts = {"recipe": about.recipe, "date": about.date}
    else:
        text, used = card_measured_again(
            old,
            model,
            kind,
            results,
            recipe=str(facts.get("recipe", "")),
            remarks=args.remark,
            measured=measured,
        )
    figures = figures_of(results)
    # The windows show what the file says, so it has to say what the card does.
    write_metadata(model, {"figures": json.dumps(figures)}, model, kind=name)
    with written_aside(model.with_suffix(".md")) as file:
        file.write(text.encode())
    write_json(model.with_suffix(".json"), facts | {"figures": figures})
    if used:
        write_fonts(model.parent, used)


def main(argv: Sequence[str] | None = None) -> int:
    """The command of this module."""
    parser = argparse.ArgumentParser(prog="core.tools.card", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path, help="the model file the card belongs to")
    parser.add_argument(
        "--run", type=Path, help="the run it came from; without it the figures are measured anew"
    )
    parser.add_argument(
        "--remark", action="append", default=[], help="what a reader must know besides; a paragraph each"
    )
    for kind in CARD_KINDS:
        parser.add_argument(
            f"--{kind}", type=Path, metavar="FILE", help=f"read with this {kind}, not the shipped one"
        )
    parser.add_argument("--limit", type=int, metavar="N", help="so many images a set, for a quick look")
    parser.add_argument("--data-dir", type=Path, help="where the data is")
    args = parser.parse_args(argv)
    try:
        _write(args, Places.find(data_dir=args.data_dir))
    except InputError as error:
        print(f"core.tools.card: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
