"""The shipped models with their cards, icons, and samples of our own making."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parent
MODELS = ASSETS / "models"
ICONS = ASSETS / "icons"
SAMPLES = ASSETS / "samples"
