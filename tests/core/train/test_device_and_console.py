"""The device is chosen with a reason; failures and events become sentences."""

from __future__ import annotations

import errno
import io

import pytest
import torch

from core.base.errors import DataError, InputError
from core.recipes.recipe import recipe_named
from core.runs import events
from core.train.console import ConsoleLogger
from core.train.device import available_devices, bfloat16_gain, choose_device
from core.train.failures import as_failure


def test_the_cpu_is_always_there_and_says_why() -> None:
    ids = [i for i, _ in available_devices()]
    assert ids[-1] == "cpu"
    chosen = choose_device("cpu")
    assert chosen.torch.type == "cpu"
    assert chosen.why.endswith(".")
    assert choose_device("cpu", "bfloat16").precision == torch.bfloat16


def test_an_absent_device_names_those_there_are() -> None:
    with pytest.raises(InputError, match=r"there are: auto, .*cpu"):
        choose_device("cuda:99")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (MemoryError(), "out_of_memory", "batch size of 64"),
        (RuntimeError("CUDA out of memory. Tried"), "out_of_memory", "batch size of 64"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "out_of_memory", "batch size of 64"),
        (FloatingPointError(), "nan", "learning rate of 0.004; try 0.001"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full", "resume the run"),
        (OSError(errno.ESTALE, "Stale file handle"), "lost_folder", "connect it again"),
        (torch.OutOfMemoryError("x"), "out_of_memory", "batch size of 64"),
        (DataError("a.png is damaged."), "data", "a.png is damaged."),
        (KeyError("x"), "error", "KeyError"),
    ],
)
def test_every_failure_says_what_to_try(error: Exception, kind: str, words: str) -> None:
    failed = as_failure(error, recipe_named("quick"))
    assert failed.kind == kind
    assert words in failed.message
    assert type(error).__name__ in failed.details


def test_the_shell_hears_the_story() -> None:
    out = io.StringIO()
    console = ConsoleLogger(out)
    console.on_event(
        events.Started(
            run="r", recipe="quick", pid=1, rank=0, processes=1, device="cpu (x)", precision="float32",
            why="It is the only one.", epoch=0, epochs=2, steps_per_epoch=10, images_per_step=4, parameters=1234,
            sources={"mnist": 55_000},
        )
    )  # fmt: skip
    console.on_event(
        events.Step(
            step=5, epoch=1, train_cost=1.0, learning_rate=0.1, images_per_second=100.0, memory_mib=1.0
        )
    )
    console.on_event(
        events.Epoch(
            epoch=1, step=10, train_cost=0.5, train_cost_measured=0.4, train_accuracy=0.9, dev_cost=0.3,
            dev_accuracy=0.95, dev_accuracy_by_source={}, learning_rate=0.1, seconds=12.0, best=True,
        )
    )  # fmt: skip
    console.on_event(events.Evaluated(source="mnist", n=100, accuracy=0.99, interval95=(0.95, 1.0), cost=0.1))
    console.on_event(events.CheckpointSaved(file="model.pt", epoch=1))
    console.on_event(events.Finished(epoch=2, best_epoch=1, best_dev_cost=0.3, seconds=24.0))
    lines = out.getvalue().splitlines()
    assert len(lines) == 5
    assert "mnist 55,000" in lines[1]
    assert "epoch 1 of 2" in lines[2]
    assert "the best so far" in lines[2]
    assert "99.00% (95% interval 95.0–100.0%, n = 100)" in lines[3]
    assert "in epoch 1" in lines[4]


def test_a_terminal_sees_each_step() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    console = ConsoleLogger(out)
    started = events.Started(
        run="r", recipe="quick", pid=1, rank=0, processes=1, device="cpu (x)", precision="float32", why="",
        epoch=0, epochs=2, steps_per_epoch=10, images_per_step=60, parameters=1, sources={},
    )  # fmt: skip
    console.on_event(started)
    console.on_event(
        events.Step(
            step=14, epoch=2, train_cost=1.0, learning_rate=0.1, images_per_second=1.0, memory_mib=1.0
        )
    )
    assert "epoch 2, step 4 of 10" in out.getvalue()
    assert "about 6 min left" in out.getvalue()


def test_on_a_cpu_the_format_that_trains_faster_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for gain, precision in ((1.6, torch.bfloat16), (1.05, torch.float32), (0.6, torch.float32)):
        monkeypatch.setattr("core.train.device.bfloat16_gain", lambda gain=gain: gain)
        chosen = choose_device("cpu")
        assert chosen.precision == precision
        assert f"{gain:.1f} times as fast" in chosen.why


def test_the_gain_of_bfloat16_is_measured_without_a_trace() -> None:
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    assert 0.01 < bfloat16_gain() < 100
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), state)
