"""The user's adapters: by name, in use, from elsewhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigc_cli.catalog.disk import disk_errors
from aigc_cli.core.errors import (
    AdapterExists,
    BadAdapter,
    NoSuchAdapter,
    NothingToRollBack,
    NotProven,
    Untunable,
    UsageProblem,
)
from aigc_cli.core.gguf import read_model
from aigc_cli.core.model import InstalledModel
from aigc_cli.core.request import AdapterUse
from aigc_cli.core.text import N_, Notice
from aigc_cli.core.tuning import Adapter, InUse
from aigc_cli.store import Store
from aigc_cli.store.rows import now
from aigc_cli.tuning import runner
from aigc_cli.tuning.convert import convert


@dataclass(frozen=True, slots=True)
class Chosen:
    """An adapter by name, at a strength."""

    adapter: Adapter
    scale: float


class Adapters:
    """Adapters of the user's, which are kept in a folder each.

    Args:
        store: Knows them.
        folder: Has their folders.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder

    def all(self) -> list[Adapter]:
        """Return all, the oldest first."""
        return self._store.adapters.all()

    def get(self, name: str) -> Adapter:
        """Return the adapter of this name; raises `NoSuchAdapter`."""
        return self._store.adapters.get(name)

    def folder(self, name: str) -> Path:
        """Return where everything about an adapter is."""
        return self._folder / name

    def file(self, name: str) -> Path:
        """Return where the weights of an adapter are, for llama.cpp."""
        return self._folder / name / f"{name}.gguf"

    def curves(self, name: str) -> dict[str, list[dict[str, Any]]]:
        """Return what the trainer of each stage logged, by its method."""
        found = sorted(self.folder(name).glob("stages/*/adapter/history.json"))
        return {path.parts[-3].partition("-")[2]: json.loads(path.read_text(encoding="utf-8")) for path in found}

    def in_use(self, model: InstalledModel) -> InUse | None:
        """Return the adapter that answers with ``model`` unless another is asked for."""
        return self._store.adapters.in_use(model.sha256) if model.sha256 else None

    def find(self, text: str, model: InstalledModel) -> AdapterUse:
        """Return the adapter that NAME or NAME:SCALE names, for ``model``.

        Raises:
            NoSuchAdapter: if there is none of this name.
            BadAdapter: if it was trained for another model, or is not finished.
        """
        chosen = self._choose(text)
        name = chosen.adapter.name
        if chosen.adapter.model_sha256 != model.sha256:
            raise BadAdapter(
                path=name, detail=Notice(N_("it was trained for the model {model!r}"), {"model": chosen.adapter.model})
            )
        if chosen.adapter.state == "unfinished":
            raise BadAdapter(path=name, detail=N_("its training has not ended"))
        return AdapterUse(self.file(name), chosen.scale)

    def use(self, text: str, *, force: bool) -> Chosen:
        """Let NAME or NAME:SCALE answer with the model it was trained for, from now on.

        Raises:
            NotProven: if it has not passed its examination, or may be no better than the model, unless ``force``.
            NoSuchAdapter: if there is none of this name.
        """
        chosen = self._choose(text)
        adapter = chosen.adapter
        if adapter.state == "unfinished":
            raise BadAdapter(path=adapter.name, detail=N_("its training has not ended"))
        if (doubt := _doubt(adapter)) and not force:
            raise NotProven(name=adapter.name, detail=doubt)
        self._store.adapters.use(adapter.model_sha256, adapter.name, chosen.scale)
        return chosen

    def roll_back(self, model: InstalledModel) -> InUse | None:
        """Undo the last `use` and return the adapter that was in use before; raises `NothingToRollBack`."""
        if not self._store.adapters.roll_back(model.sha256):
            raise NothingToRollBack(model=model.alias)
        return self.in_use(model)

    def delete(self, name: str) -> None:
        """Delete an adapter with its data, checkpoints and reports; raises `NoSuchAdapter`, `TrainingBusy`."""
        self._store.adapters.get(name)
        with runner.only_one(self._folder), disk_errors(self._folder):
            if self.folder(name).exists():
                shutil.rmtree(self.folder(name))
            self._store.adapters.delete(name)

    def take_in(self, source: Path, name: str, model: InstalledModel) -> Adapter:
        """Import an adapter that was trained elsewhere: a folder as PEFT saves it, or a GGUF file.

        Raises:
            BadAdapter: if it does not fit ``model``.
            AdapterExists: if the name is taken.
        """
        self.check_name(name)
        if not model.sha256:
            raise Untunable(model=model.alias, detail=N_("register it first, with `aigc models add`"))
        card = {"source": source.name, "license": model.license}
        adapter = Adapter(name, now(), model.alias, model.sha256, "import", state="imported", card=card)
        folder = self.folder(name)
        with disk_errors(folder):
            folder.mkdir(mode=0o700, parents=True)
            try:
                self.write(source, model, name)
                self._store.adapters.add(adapter)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        return adapter

    def write(self, source: Path, model: InstalledModel, name: str, strength: float = 1.0) -> None:
        """Make the file of an adapter from a folder as PEFT saves it, or a GGUF file; raises `BadAdapter`.

        ``strength`` is for folders; see `aigc_cli.tuning.convert.convert`.
        """
        from aigc_cli.engine.llama.adapters import check_adapter

        header = read_model(model.path)
        draft = self.file(name).with_suffix(".new")
        if source.is_dir():
            runner.require()
            convert(source, header, draft, strength)
        elif source.is_file():
            shutil.copyfile(source, draft)
        else:
            raise BadAdapter(path=source, detail=N_("there is no such file or folder"))
        check_adapter(draft, header)
        draft.replace(self.file(name))

    def check_name(self, name: str, allowed: Collection[str] = ()) -> None:
        """Raise `UsageProblem` for what is no name, `AdapterExists` for one that is taken and not ``allowed``."""
        if not name or not all(letter.isalnum() or letter in "-_" for letter in name):
            raise UsageProblem(detail=N_("the name of an adapter has letters, digits, - and _"))
        if name not in allowed and name in {adapter.name for adapter in self.all()}:
            raise AdapterExists(name=name)

    def _choose(self, text: str) -> Chosen:
        name, colon, scale = text.rpartition(":")
        try:
            return Chosen(self._store.adapters.get(name), float(scale)) if colon else Chosen(self.get(text), 1.0)
        except ValueError:
            raise NoSuchAdapter(name=text) from None


def _doubt(adapter: Adapter) -> str:
    """Return why an adapter should not be used; empty if nothing speaks against it."""
    if adapter.state == "imported":
        return N_("it comes from elsewhere and was not examined")
    failed = [str(check["reason"]) for check in adapter.gate["checks"] if not check["passed"]]
    if failed:
        return failed[0]
    if not adapter.proof:
        return N_("it was not compared with the model yet; `aigc tune eval` does that")
    return "" if adapter.proof["low"] > 0.5 else N_("it may be no better than the model alone")
