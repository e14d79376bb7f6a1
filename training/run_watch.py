"""All runs of one runs folder: starts, queues, watches and steers them. No Qt; `run_manager` ticks it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Steering:
    """grace: seconds a polite stop may take before the process is terminated; then `last_grace` until it is killed.

    at_once: seconds between terminate and kill when stopped at once. max_running: runs with a process at the same
    time; others wait. gentle: training yields the processor to the window.
    """

    grace: float = 10.0
    last_grace: float = 3.0
    at_once: float = 1.0
    max_running: int = 1
    gentle: bool = True
