"""What a training that goes on with a model takes over from it besides its weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assets import MODELS
from core.base.errors import ModelError
from core.reading.model_file import read_setting
from core.recipes.recipe import SHIPPED


def settings_at_start(start_from: str, kind: str) -> dict[str, Any]:
    """How readings are made with the model that a training starts from; empty where its file says nothing of it.

    start_from: SHIPPED, or a run's `best_model.pt`, beside which its model file lies. kind: detector or line.
    """
    if not start_from:
        return {}
    path = MODELS / f"{kind}.onnx" if start_from == SHIPPED else Path(start_from).with_suffix(".onnx")
    try:
        found = json.loads(read_setting(path, "reader") or "{}")
    except (ModelError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
