"""How quick the training window stays, with this program's command line behind it."""

from __future__ import annotations

from typing import Any

from app.startup.window import CLI


def benchmark() -> dict[str, Any]:
    """As `training.window.benchmark`."""
    from training.runs.launch import Commands
    from training.window.benchmark import benchmark as measured

    return measured(Commands(cli=CLI))
