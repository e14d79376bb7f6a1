"""What is known of the machine: devices, measured times, load."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from pathlib import Path

import pytest

from core.recipes.recipe import recipe_named
from tests.training.conftest import FINISHED, MakeView, history
from training.runs.device_load import LoadMeter, parse_nvidia_smi
from training.runs.estimates import DeviceOffer, Estimate, EstimateCache, parse_devices, parse_estimate
from training.services.child_process import last_json

QUICK = recipe_named("quick")


def test_devices() -> None:
    answer = [{"id": "cpu", "name": "Xeon", "default": True, "why": "No card."}, {"id": "mps", "name": "M4"}]
    assert parse_devices(answer) == (
        DeviceOffer("cpu", "Xeon", True, "No card."),
        DeviceOffer("mps", "M4", False, ""),
    )


@pytest.mark.parametrize("answer", [None, [], {}, [7], [{"id": "cpu"}], "cpu"])
def test_answers_without_devices(answer: object) -> None:
    with pytest.raises(ValueError, match="device"):
        parse_devices(answer)


@pytest.mark.parametrize(
    "answer",
    [
        None, [], {"images_per_second": 1, "seconds_per_epoch": 2}, {},
        {"images_per_second": 1, "seconds_per_epoch": "x", "total_seconds": 1},
        {"images_per_second": math.inf, "seconds_per_epoch": 1, "total_seconds": 1},
        {"images_per_second": 0, "seconds_per_epoch": 1, "total_seconds": 1},
    ],
)  # fmt: skip
def test_answers_without_times(answer: object) -> None:
    with pytest.raises(ValueError, match="measured times"):
        parse_estimate(answer)


def test_cache_is_kept_by_what_matters(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "estimates.json"
    EstimateCache(path).put(QUICK, "cpu", Estimate(1000.0, 10.0, 85.0))
    cache = EstimateCache(path)
    assert cache.get(QUICK, "cpu") == Estimate(1000.0, 10.0, 85.0)
    assert cache.get(QUICK.with_values({"epochs": QUICK.epochs + 1}), "cpu") == Estimate(1000.0, 10.0, 95.0)
    assert cache.get(QUICK, "cuda:0") is None
    assert cache.get(QUICK.with_values({"batch_size": 8}), "cpu") is None
    assert cache.get(QUICK.with_values({"augmentation.rotate": 1}), "cpu") is None


def test_cache_forgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "estimates.json"
    cache = EstimateCache(path)
    for size in range(2, 300):
        cache.put(QUICK.with_values({"batch_size": size}), "cpu", Estimate(1.0, 1.0, 1.0))
    assert len(json.loads(path.read_text())) == 200
    assert cache.get(QUICK.with_values({"batch_size": 2}), "cpu") is None
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 30 * 86400)
    assert cache.get(QUICK.with_values({"batch_size": 299}), "cpu") is None


@pytest.mark.parametrize("text", ["", "[]", '{"x": 7}', "{"])
def test_damaged_cache_is_empty(tmp_path: Path, text: str) -> None:
    path = tmp_path / "estimates.json"
    path.write_text(text)
    assert EstimateCache(path).get(QUICK, "cpu") is None


def test_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = EstimateCache(tmp_path / "file" / "estimates.json")
    cache.put(QUICK, "cpu", Estimate(1.0, 1.0, 1.0))
    assert cache.get(QUICK, "cpu") is not None


def test_answer_is_the_last_line_of_json() -> None:
    assert last_json('warning\n{"a": 1}\n[2]\nbye\n') == [2]
    assert last_json("") is None


def test_graphics_card() -> None:
    two = "NVIDIA H200, 12, 100, 143771\nNVIDIA H200, 90, 2000, 143771\n"
    assert parse_nvidia_smi(two) == ("NVIDIA H200", 0.9, 2000.0, 143771.0)
    found = parse_nvidia_smi("NVIDIA H200, [N/A], 100, 143771\n")
    assert found is not None
    assert math.isnan(found[1])
    assert parse_nvidia_smi("NVIDIA-SMI has failed\n") is None


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_load_is_measured_without_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'Card, 50, 10, 100'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    meter = LoadMeter()
    first = meter.measure()
    assert first.gpu == ""
    assert first.memory_total > first.memory_used > 0
    deadline = time.monotonic() + 20
    load = first
    while not load.gpu and time.monotonic() < deadline:
        load = meter.measure()
    assert (load.gpu, load.gpu_share, load.gpu_memory_used) == ("Card", 0.5, 10.0)
    meter.close()
    meter.close()


def test_a_run_that_came_to_its_end_tells_how_long_it_takes(make_view: MakeView) -> None:
    view = make_view([*history(4), FINISHED], launched=990.0)
    found = Estimate.of_run(view)
    assert found is not None
    assert (found.seconds_per_epoch, found.total_seconds) == (10.0, 60.0), "with loading and testing"
    assert found.images_per_second == 1000.0
    resumed = Estimate.of_run(make_view([*history(4), FINISHED], launched=-9000.0))
    assert resumed is not None
    assert resumed.total_seconds == 40.0, "not the time in which it did not run"
    assert Estimate.of_run(make_view(history(2), launched=990.0)) is None
