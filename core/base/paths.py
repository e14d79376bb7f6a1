"""Where data, runs, caches and settings are kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP_NAME = "gnc"


@dataclass(frozen=True)
class Places:
    """The folders the program uses. None of them need exist; `data` may be read-only.

    data: data sets. downloads: where fetched data sets go; often the same folder, and searched after `data`
    when it is another. runs: one folder a training run. corrections: what the user drew and labelled. cache: may be
    deleted at any time. settings: the settings file's folder. logs: what the program decided.
    """

    data: Path
    downloads: Path
    runs: Path
    corrections: Path
    cache: Path
    settings: Path
    logs: Path

    @classmethod
    def find(
        cls, *, home: Path | None = None, data_dir: Path | None = None, runs_dir: Path | None = None
    ) -> Places:
        """Resolve the folders.

        Data: `data_dir`, else $GNC_DATA, else the user's data folder. Runs: `runs_dir`, else $GNC_RUNS, else
        beside it. `home` (`gnc --home DIR`, else $GNC_HOME) puts everything under one folder; an explicit
        data or runs folder and $GNC_DATA still win over it, because data sets are large and shared.
        """
        if home is None and os.environ.get("GNC_HOME"):
            home = Path(os.environ["GNC_HOME"])
        if home is not None:
            root = home.expanduser().resolve()
            user_data, cache, settings = root / "data", root / "cache", root / "settings"
            user_runs, corrections, logs = root / "runs", root / "mine", root / "logs"
        else:
            base = Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))
            user_data, user_runs, corrections = base / "data", base / "runs", base / "mine"
            cache = Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False))
            settings = Path(platformdirs.user_config_dir(APP_NAME, appauthor=False))
            logs = Path(platformdirs.user_log_dir(APP_NAME, appauthor=False))
        data = data_dir or (Path(os.environ["GNC_DATA"]) if os.environ.get("GNC_DATA") else user_data)
        if runs_dir is None and os.environ.get("GNC_RUNS"):
            runs_dir = Path(os.environ["GNC_RUNS"])
        return cls(
            data=data.expanduser().resolve(),
            downloads=user_data.expanduser().resolve(),
            runs=(runs_dir or user_runs).expanduser().resolve(),
            corrections=corrections,
            cache=cache,
            settings=settings,
            logs=logs,
        )
