"""`gnc train`: train a model from a recipe, in this process, until it is finished or stopped (Ctrl+C)."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from core.train.arguments import add_arguments as add

    add(parser)


def run(args: argparse.Namespace) -> int:
    from core.train.command import run_command

    return run_command(args, lambda text: print(text, file=sys.stderr))
