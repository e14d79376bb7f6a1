"""`gnc collection list | export | import`: what was labelled in the program."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.base.paths import Places
    from core.collection.exchange.entry import Progress, SharedEntry

FORMATS = ("folder", "csv", "yolo", "coco")
"""As `core.collection.exchange.entry.FORMATS`, which costs an import."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands and their options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    lister = actions.add_parser("list", help="show what was collected")
    lister.add_argument("--json", action="store_true", help="one JSON object a digit or number")
    exporter = actions.add_parser("export", help="write digits and numbers with their images into a folder")
    exporter.add_argument("out", type=Path, metavar="FOLDER", help="must not be there yet, or be empty")
    exporter.add_argument(
        "--as", dest="form", choices=FORMATS, default="folder",
        help="image folder (default), labels.csv, boxes of YOLO or COCO",
    )  # fmt: skip
    importer = actions.add_parser("import", help="take in an export, or another program's labels")
    importer.add_argument("source", type=Path, metavar="SRC", help="a folder, .csv, .json or .yaml file")
    importer.add_argument(
        "--deleted", action="store_true", help="also what was deleted here since it was exported"
    )
    for sub in (exporter, importer):
        sub.add_argument("--json", action="store_true", help="one JSON object, nothing else")


def run(args: argparse.Namespace) -> int:
    """Carry out one action. Raises InputError and FailureError."""
    from core.base.paths import Places

    actions = {"list": _list, "export": _export, "import": _import}
    return actions[args.action](args, Places.find())


def _list(args: argparse.Namespace, places: Places) -> int:
    from core.collection.exchange.entry import collected

    found = collected(places.corrections)
    if args.json:
        for entry in found.entries:
            print(json.dumps(_as_json(entry), ensure_ascii=False))
    else:
        for what, none in (("digit", "no digit"), ("number", "no number")):
            of_kind = [entry for entry in found.entries if entry.what == what]
            counts = Counter(entry.text or none for entry in of_kind)
            print(f"{len(of_kind):,} {what}{'s' * (len(of_kind) != 1)}")
            if counts:
                print("  " + " · ".join(f"{text}: {n:,}" for text, n in sorted(counts.items())))
        print(f"In {places.corrections}")
    return _tell(found.damaged)


def _as_json(entry: SharedEntry) -> dict[str, object]:
    facts = {name: value for name, value in entry.facts.items() if name != "strokes"}
    return {
        "id": entry.id, "what": entry.what, "text": entry.text,
        "box": None if entry.box is None else entry.box.as_list(), "file": str(entry.file), **facts,
    }  # fmt: skip


def _export(args: argparse.Namespace, places: Places) -> int:
    from core.collection.exchange.writing import export_collection

    with _Bar(args.json) as bar:
        done = export_collection(places.corrections, args.out, args.form, progress=bar.show)
    if args.json:
        body = {
            "folder": str(args.out), "digits": done.digits, "numbers": done.numbers, "left_out": list(done.damaged),
        }  # fmt: skip
        print(json.dumps(body, ensure_ascii=False))
    else:
        print(f"{args.out}: {_counted(done.digits, done.numbers)}.")
    return _tell(done.damaged)


def _import(args: argparse.Namespace, places: Places) -> int:
    from core.collection.exchange.reading import import_collection

    with _Bar(args.json) as bar:
        done = import_collection(args.source, places.corrections, deleted_too=args.deleted, progress=bar.show)
    if args.json:
        body = {
            "digits": done.digits, "numbers": done.numbers, "there": done.there, "deleted": done.deleted,
            "left_out": done.left_out,
        }  # fmt: skip
        print(json.dumps(body, ensure_ascii=False))
    else:
        print(f"Took in {_counted(done.digits, done.numbers)}.")
        if done.there:
            print(f"{done.there:,} {'were' if done.there != 1 else 'was'} here already.")
        if done.deleted:
            verb = "were" if done.deleted != 1 else "was"
            print(f"{done.deleted:,} {verb} deleted or relabelled here; take them in again with --deleted.")
    return _tell(done.left_out)


def _counted(digits: int, numbers: int) -> str:
    return f"{digits:,} digit{'s' * (digits != 1)} and {numbers:,} number{'s' * (numbers != 1)}"


def _tell(sentences: list[str] | tuple[str, ...]) -> int:
    for sentence in sentences:
        print(f"gnc: {sentence}", file=sys.stderr)
    return 2 if sentences else 0


class _Bar:
    """Progress on standard error where a person watches."""

    def __init__(self, silent: bool) -> None:
        from tqdm import tqdm

        # None: no bar where standard error is not a terminal.
        self._bar = tqdm(unit=" labels", unit_scale=True, disable=True if silent else None, file=sys.stderr)
        self.show: Progress = self._show

    def _show(self, done: int, of: int) -> None:
        self._bar.total = of
        self._bar.update(done - self._bar.n)

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()
