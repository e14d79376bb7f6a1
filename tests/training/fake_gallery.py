"""Stands in for `core.train.preview_server`: grey squares, as bright as the strength of “rotate” is large.

Seed 13 ends it, seed 14 is refused, seed 15 is never answered.
"""
# ruff: noqa: T201 (a program of its own: it answers on its standard output)

from __future__ import annotations

import base64
import json
import sys


def main() -> int:
    print("a library says hello", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["seed"] == 13:
            print("it fell over a wire", file=sys.stderr)
            return 1
        if asked["seed"] == 15:
            continue
        if asked["seed"] == 14:
            print(json.dumps({"id": asked["id"], "error": "None of mnist is here."}), flush=True)
            continue
        print(json.dumps({"id": asked["id"], "loading": "mnist"}), flush=True)
        count, size = asked["count"], 28 if asked["recipe"]["network"] == "seed" else 32
        grey = int(asked["recipe"]["augmentation"]["rotate"])
        made = asked["recipe"]["network"] == "detector"
        answer = {
            "id": asked["id"], "count": count, "height": size, "width": size,
            "texts": ["" if made else str(i % 11) for i in range(count)],
            "sources": ["mnist"] * count, "missing": ["svhn"], "ms": 1.0,
            "images": base64.b64encode(bytes([grey]) * (count * size * size)).decode(),
        }  # fmt: skip
        print(json.dumps(answer), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
