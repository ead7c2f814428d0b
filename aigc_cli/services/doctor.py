"""A look at the installation and the machine, with what to do about each problem."""

from __future__ import annotations

import locale
import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from aigc_cli.config.paths import Paths
from aigc_cli.core.errors import AigcError
from aigc_cli.core.text import N_, Notice

if TYPE_CHECKING:
    from aigc_cli.core.engine import EngineInfo
    from aigc_cli.core.model import InstalledModel
    from aigc_cli.engine.llama.machine import Machine
    from aigc_cli.store import Store


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong or could be better. ``serious`` problems keep the program from working."""

    what: Notice
    remedy: Notice
    serious: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: ``facts`` by topic, ready for JSON, and the problems."""

    facts: dict[str, dict[str, object]]
    problems: list[Problem]


class Doctor:
    """Looks at everything and changes nothing.

    Args:
        paths: The folders.
        language: Of the interface.
        model: Returns the model that would answer, None if there is none; may raise an `AigcError`.
        load: Loads a model and describes what runs it; may raise an `AigcError`.
        store: The history.
        machine: Asks the engine's library what it can use; may raise an `AigcError`.
        threads: The number of threads that is set, 0 if it is left to the engine.
    """

    def __init__(
        self,
        paths: Paths,
        language: str,
        model: Callable[[], InstalledModel | None],
        load: Callable[[InstalledModel], EngineInfo],
        store: Store,
        machine: Callable[[], Machine],
        threads: int,
    ) -> None:
        self._paths = paths
        self._language = language
        self._model = model
        self._load = load
        self._store = store
        self._machine = machine
        self._threads = threads
        self._problems: list[Problem] = []

    def examine(self) -> Report:
        """Return what is found."""
        self._problems = []
        facts = {
            "versions": self._versions(),
            "engine": self._engine(),
            "model": self._chosen_model(),
            "database": self._database(),
            "interface": self._interface(),
            "folders": self._folders(),
        }
        return Report(facts, self._problems)

    def _versions(self) -> dict[str, object]:
        versions = {name: metadata.version(name) for name in ("aigc-cli", "llama-cpp-python", "sqlite-utils", "click")}
        return {**versions, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version}

    def _engine(self) -> dict[str, object]:
        try:
            machine = self._machine()
        except AigcError as error:
            self._blame(error)
            return {}
        if machine.gpu_offload and not machine.devices:
            self._advise(
                N_("the engine could use a GPU and finds none"),
                N_("check the driver, or ignore this if there is no GPU"),
            )
        elif not machine.gpu_offload and _has_nvidia():
            self._advise(
                N_("there is an NVIDIA GPU, and the engine was built without support for it"),
                N_(
                    "build it anew: CMAKE_ARGS=-DGGML_CUDA=on pip install --force-reinstall --no-cache-dir "
                    "llama-cpp-python"
                ),
            )
        if "AVX2" not in machine.features and platform.machine() in ("x86_64", "AMD64"):
            self._advise(
                N_("the engine was built without AVX2, which makes it slow"),
                N_("build it on this machine: pip install --force-reinstall --no-cache-dir llama-cpp-python"),
            )
        return {
            "cpu": platform.machine(),
            "cpu_features": list(machine.features),
            "cores": machine.cores,
            "threads": self._threads or machine.cores,
            "gpu_offload": machine.gpu_offload,
            "gpus": [f"{device.name}: {device.description}, {device.total >> 20} MB" for device in machine.devices],
        }

    def _chosen_model(self) -> dict[str, object]:
        try:
            model = self._model()
        except AigcError as error:
            self._blame(error)
            return {}
        if model is None:
            self._advise(
                N_("there is no model yet"),
                N_("fetch one: `aigc models pull smollm2`; the first question does it, too"),
            )
            return {}
        if model.missing:
            self._problems.append(
                Problem(
                    Notice(N_("the file of the model {name!r} is gone"), {"name": model.alias}),
                    Notice(N_("fetch it again with `aigc models pull`, or choose another with `aigc models use`")),
                )
            )
        facts = {"name": model.alias, "file": str(model.path), "sha256": model.sha256, "bytes": model.size}
        return facts if model.missing else facts | self._loaded(model)

    def _loaded(self, model: InstalledModel) -> dict[str, object]:
        try:
            info = self._load(model)
        except AigcError as error:
            self._blame(error)
            return {}
        return {"layers": info.layers, "gpu_layers": info.gpu_layers, "context": info.context}

    def _database(self) -> dict[str, object]:
        path = self._paths.database
        if not path.exists():
            return {"file": str(path), "bytes": 0, "turns": 0}
        try:
            return {"file": str(path), "bytes": path.stat().st_size, "turns": self._store.count_turns()}
        except AigcError as error:
            self._blame(error)
            return {"file": str(path), "bytes": path.stat().st_size}

    def _interface(self) -> dict[str, object]:
        encoding = (sys.stdout.encoding or "").lower()
        if not encoding.startswith(("utf", "gb18030")):
            self._advise(
                N_("the terminal's encoding cannot show every character"),
                N_("use a UTF-8 locale, for example LANG=C.UTF-8"),
            )
        return {"language": self._language, "locale": ".".join(filter(None, locale.getlocale())), "encoding": encoding}

    def _folders(self) -> dict[str, object]:
        folders = {name: getattr(self._paths, name) for name in ("config", "data", "state", "cache")}
        for folder in folders.values():
            home = next(parent for parent in (folder, *folder.parents) if parent.exists())
            if not os.access(home, os.W_OK):
                self._problems.append(
                    Problem(
                        Notice(N_("the folder {path} cannot be written"), {"path": folder}),
                        Notice(N_("mend its permissions, or point AIGC_HOME at another folder")),
                    )
                )
        sizes = {"cache_bytes": sum(map(_size, _files(self._paths.cache)))}
        return {**{name: str(folder) for name, folder in folders.items()}, **sizes}

    def _blame(self, error: AigcError) -> None:
        self._problems.append(Problem(Notice(error.template, error.params), Notice(error.hint, error.params)))

    def _advise(self, what: str, remedy: str) -> None:
        self._problems.append(Problem(Notice(what), Notice(remedy), serious=False))


def _has_nvidia() -> bool:
    return Path("/proc/driver/nvidia/version").exists()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # another process has just removed it
        return 0
