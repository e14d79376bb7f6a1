"""Stands in for `gnc data list | fetch | prepare` and `gnc evaluate` in the tests; starts at once, needs no network."""
# ruff: noqa: T201 (a program of its own: it answers on its standard output)

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from core.base.errors import ErrorKind, report_error


def source(name: str, title: str, here: bool, **more: object) -> dict[str, object]:
    facts: dict[str, object] = {
        "name": name, "title": title, "here": here, "note": "somewhere", "counts": {"train": 1000, "dev": 100},
        "counted": here, "splits": ["train", "dev"], "terms": "free", "address": "", "fetchable": False,
        "partial": False,
    }  # fmt: skip
    return facts | more


def main() -> int:
    words = sys.argv[1:]
    home = Path(os.environ["GNC_HOME"])
    if words[:2] == ["data", "list"]:
        fetched = (home / "fetched").exists()
        print("a library says hello")
        partial = not (home / "whole").exists()
        print(
            json.dumps(
                source("mnist", "MNIST", True, partial=partial and (home / "part").exists(), fetchable=True)
            )
        )
        ready = (home / "ready").exists()
        print(json.dumps(source("meter", "Counters", (home / "meter").exists(), counted=ready)))
        note = "“gnc data fetch svhn” downloads it (2.7 GB)."
        print(json.dumps(source("svhn", "SVHN", fetched, fetchable=True, note=note)))
        folder = words[words.index("--folder") + 1] if "--folder" in words else ""
        sets = [str(path) for path in sorted(Path(folder).glob("set*"))] if folder else []
        note = f"{folder} holds several sets of digits." if sets else folder or "name one"
        here = bool(folder) and Path(folder).is_dir() and not sets
        remarks = ["No images of 7."] if here else []
        more = {"choices": sets, "remarks": remarks, "networks": ["seed", "general"]}
        print(json.dumps(source("folder", "A folder", here, note=note, **more)))
        return 0
    if words[:2] == ["data", "fetch"]:
        print(json.dumps({"file": "train.tar.gz", "done": 500_000, "total": 2_000_000}), flush=True)
        if (home / "no-network").exists():
            sentence = "svhn could not be fetched: is there a network connection?"
            return report_error("gnc", sentence, ErrorKind.FAILURE)
        if (home / "slow").exists():
            time.sleep(60)
        (home / "fetched").touch()
        return 0
    if words[:2] == ["data", "prepare"]:
        with (home / "prepared.txt").open("a") as file:
            names = words[2 : words.index("--data-dir")]
            file.write(" ".join(name for name in names if name != "--background") + "\n")
        (home / "ready").touch()
        return 0
    if words[:1] == ["export"]:
        Path(words[words.index("--out") + 1]).write_bytes((Path(words[1]) / "best_model.pt").read_bytes())
        print(json.dumps({"file": words[words.index("--out") + 1], "difference": 0.0}))
        return 0
    if words[:1] == ["evaluate"]:
        model, data = words[2], words[words.index("--data") + 1]
        accuracy = json.loads(Path(model).with_suffix(".accuracy").read_text())[data]
        low, high = accuracy - 0.002, min(1.0, accuracy + 0.002)
        print(json.dumps({"data": data, "n": 10_000, "accuracy": accuracy, "interval95": [low, high]}))
        return 0
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
