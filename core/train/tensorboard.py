"""A run's events as TensorBoard's event files, for those who have the extra `tensorboard` installed."""

from __future__ import annotations

from pathlib import Path

from core.base.errors import InputError
from core.runs import events


class TensorBoardLog:
    """Writes scalars into `RUN/tensorboard`; `tensorboard --logdir RUNS` shows them."""

    def __init__(self, run: Path) -> None:
        """Raises InputError where the extra is not installed."""
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise InputError(
                "TensorBoard is not installed: pip install tensorboard, or leave it out."
            ) from error
        self._writer = SummaryWriter(str(run / "tensorboard"))

    def on_event(self, event: events.Event) -> None:
        """Costs, accuracies and speeds of steps and epochs; the rest has no place there."""
        if isinstance(event, events.Step):
            self._add("step/train cost", event.train_cost, event.step)
            self._add("step/learning rate", event.learning_rate, event.step)
            self._add("step/images per second", event.images_per_second, event.step)
        elif isinstance(event, events.Epoch):
            self._add("epoch/train cost", event.train_cost, event.step)
            self._add("epoch/train cost, measured", event.train_cost_measured, event.step)
            self._add("epoch/dev cost", event.dev_cost, event.step)
            self._add("epoch/dev accuracy", event.dev_accuracy, event.step)
            for source, accuracy in event.dev_accuracy_by_source.items():
                self._add(f"dev accuracy/{source}", accuracy, event.step)
            self._writer.flush()

    def _add(self, name: str, value: float, step: int) -> None:
        self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        self._writer.close()
