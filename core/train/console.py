"""A run's events as lines for somebody who watches a shell."""

from __future__ import annotations

import sys
from typing import TextIO

from core.base.figures import accuracy, interval
from core.runs import events


class ConsoleLogger:
    """Prints what happens, a line an event worth one; between them, on a terminal, where the epoch stands."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = sys.stderr if out is None else out
        self.started: events.Started | None = None
        self.line_open = False

    def on_event(self, event: events.Event) -> None:
        """Show one event, or nothing where it is not worth a line."""
        match event:
            case events.Started(rank=0):
                self.started = event
                images = ", ".join(f"{name} {count:,}" for name, count in event.sources.items())
                self._line(f"Training {event.recipe} on {event.device}, {event.precision}: {event.why}")
                self._line(f"{event.parameters:,} parameters; images: {images}")
            case events.Step() if self.out.isatty() and self.started is not None:
                self._step(event, self.started)
            case events.Epoch() if self.started is not None:
                best = ", the best so far" if event.best else ""
                self._line(
                    f"epoch {event.epoch} of {self.started.epochs}: train cost {event.train_cost:.4f} "
                    f"(measured without dropout and augmentation {event.train_cost_measured:.4f}), "
                    f"dev cost {event.dev_cost:.4f}, dev accuracy {accuracy(event.dev_accuracy)}{best} "
                    f"({event.seconds:.0f} s)"
                )
            case events.Evaluated():
                low, high = event.interval95
                self._line(
                    f"test {event.source}: {accuracy(event.accuracy)} (95% interval {interval(low, high)}, "
                    f"n = {event.n:,})"
                )
            case events.Stopped():
                self._line(event.why)
            case events.Finished():
                self._line(
                    f"Finished after {event.seconds:.0f} s; lowest dev cost {event.best_dev_cost:.4f} "
                    f"in epoch {event.best_epoch}."
                )
            case _:
                pass

    def _step(self, event: events.Step, started: events.Started) -> None:
        done = event.step - (event.epoch - 1) * started.steps_per_epoch
        left = (started.epochs * started.steps_per_epoch - event.step) * started.images_per_step
        minutes = left / max(event.images_per_second, 1e-9) / 60
        self.out.write(
            f"\r\033[Kepoch {event.epoch}, step {done} of {started.steps_per_epoch}: cost {event.train_cost:.4f}, "
            f"{event.images_per_second:,.0f} images/s, about {minutes:.0f} min left"
        )
        self.out.flush()
        self.line_open = True

    def _line(self, text: str) -> None:
        if self.line_open:
            self.out.write("\r\033[K")
            self.line_open = False
        self.out.write(text + "\n")
        self.out.flush()
