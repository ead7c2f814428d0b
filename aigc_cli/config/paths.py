"""The folders of the program."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """Folders, none of which need exist yet.

    Attributes:
        config: The settings file and the user's own prompt templates.
        data: The database and the models.
        state: Logs, crash reports, input history.
        cache: What can be computed again.
    """

    config: Path
    data: Path
    state: Path
    cache: Path

    @classmethod
    def find(cls, environ: Mapping[str, str] = os.environ) -> Paths:
        """Return the folders of this user: those of the platform, or all under ``AIGC_HOME`` where that is set."""
        if home := environ.get("AIGC_HOME"):
            root = Path(home).expanduser().absolute()
            return cls(root / "config", root / "data", root / "state", root / "cache")
        from platformdirs import PlatformDirs

        dirs = PlatformDirs("aigc", appauthor=False)
        return cls(dirs.user_config_path, dirs.user_data_path, dirs.user_state_path, dirs.user_cache_path)

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.config / "config.toml"

    @property
    def database(self) -> Path:
        """The database."""
        return self.data / "aigc.db"

    @property
    def models(self) -> Path:
        """The folder of the models that were fetched."""
        return self.data / "models"

    @property
    def adapters(self) -> Path:
        """The folder of the adapters, with what they were trained on."""
        return self.data / "adapters"

    @property
    def prompts(self) -> Path:
        """The folder of the user's own prompt templates."""
        return self.config / "prompts"

    @property
    def engine_log(self) -> Path:
        """What llama.cpp has to say."""
        return self.state / "llama.log"

    @property
    def runs(self) -> Path:
        """The folder of what runs of generators were sent, for those that were cut off."""
        return self.state / "runs"

    @property
    def rankers(self) -> Path:
        """The folder of what was learned to choose answers by."""
        return self.cache / "rankers"

    @property
    def kv_states(self) -> Path:
        """The folder of evaluated prompts."""
        return self.cache / "states"
