"""What the journeys through the main window begin with."""

from __future__ import annotations

import pytest

from tests.e2e.window_bench import Bench


@pytest.fixture
def bench(qtbot, tmp_path):
    made = Bench(qtbot, tmp_path)
    yield made
    made.window.close()
