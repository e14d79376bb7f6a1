"""`gnc doctor`: what is installed, cameras, device, Qt platform, where the files are."""

from __future__ import annotations

import argparse
import json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object, nothing else")


def run(args: argparse.Namespace) -> int:
    from app.doctor import examine

    findings = examine()
    if args.json:
        print(json.dumps([{"what": f.what, "value": f.value, "problem": f.problem} for f in findings]))
        return 0
    width = max(len(f.what) for f in findings)
    for finding in findings:
        mark = "✗" if finding.problem else "✓"
        print(f"{mark} {finding.what:<{width}}  {finding.value}")
        if finding.problem:
            print(f"  {'':<{width}}  → {finding.problem}")
    return 0
