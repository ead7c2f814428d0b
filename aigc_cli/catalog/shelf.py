"""The folder of installed models: for each an ``ALIAS.json``, and an ``ALIAS.gguf`` if it was fetched.

One record per model, each replaced as a whole, so that processes which add or remove different models never touch
the same file. What two of them must not do at once is done under a lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import datetime, timezone
from pathlib import Path

from aigc_cli.core.errors import UnreadableFile, UsageProblem
from aigc_cli.core.gguf import GgufHeader
from aigc_cli.core.model import InstalledModel
from aigc_cli.core.text import N_, Notice

_ALIAS = re.compile(r"\w[\w.+-]{0,63}")
_RESERVED = frozenset({"echo"})


class Shelf:
    """The installed models.

    Attributes:
        downloads: Where models arrive before they are registered.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.downloads = folder / ".downloads"

    def models(self) -> list[InstalledModel]:
        """Return all records, the oldest first, those without their file last.

        Raises:
            UnreadableFile: if a record is damaged.
        """
        found = [self._read(path) for path in self._folder.glob("[!.]*.json")]
        return sorted(found, key=lambda model: (model.missing, model.added, model.alias))

    def put(
        self, file: Path, header: GgufHeader, *, source: str, sha256: str, alias: str | None, name: str
    ) -> InstalledModel:
        """Register ``file``; one that was fetched is moved into the folder, one of the user's own stays where it is.

        Args:
            file: The model.
            header: The head of the file.
            source: Empty for a file of the user's own.
            sha256: Of the file.
            alias: The alias the user wants; None leaves it open.
            name: What to make an alias from, if the user wants none.

        Raises:
            UsageProblem: if the alias cannot be one, or another model has it.
        """
        self.prepare()
        with locked(self._folder / ".lock"):
            chosen = self._claim(alias, name, source)
            path = self._folder / f"{chosen}.gguf" if source else file.absolute()
            model = InstalledModel(
                alias=chosen,
                path=path,
                source=source,
                sha256=sha256,
                size=file.stat().st_size,
                added=datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
                license=header.text("general.license"),
                quantization=header.quantization,
                context_length=header.context_length,
                parameters=header.parameters,
            )
            if source:
                file.replace(path)
            self._write(model)
        return model

    def remove(self, model: InstalledModel) -> None:
        """Forget a model, and delete its file if it was fetched."""
        with locked(self._folder / ".lock"):
            self._record(model.alias).unlink(missing_ok=True)
            if model.source:
                model.path.unlink(missing_ok=True)

    def prepare(self) -> None:
        """Make the folders."""
        for folder in (*reversed(self.downloads.parents), self.downloads):
            folder.mkdir(mode=0o700, exist_ok=True)

    def check(self, alias: str, source: str) -> None:
        """Raise `UsageProblem` if ``alias`` cannot name a model, or names one from another source."""
        if not _ALIAS.fullmatch(alias) or alias.endswith(".gguf") or alias.casefold() in _RESERVED:
            text = N_("{alias!r} cannot be an alias; use letters, digits, - _ . and +, and no .gguf at the end")
            raise UsageProblem(detail=Notice(text, {"alias": alias}))
        if alias.casefold() in self._others(source):
            raise UsageProblem(
                detail=Notice(N_("another model is called {alias!r}; choose another alias"), {"alias": alias})
            )

    def _others(self, source: str) -> set[str]:
        return {m.alias.casefold() for m in self.models() if not (source and m.source == source)}

    def _claim(self, wanted: str | None, name: str, source: str) -> str:
        if wanted is not None:
            self.check(wanted, source)
            return wanted
        for model in self.models():
            if source and model.source == source:
                return model.alias
        others = self._others(source)
        base = re.sub(r"[^\w.+-]+", "-", name).strip("-.+_")[:60] or "model"
        if base.casefold() in _RESERVED or base.endswith(".gguf"):
            base = f"{base}-model"
        candidates = (base if i == 1 else f"{base}-{i}" for i in range(1, len(others) + 2))
        return next(candidate for candidate in candidates if candidate.casefold() not in others)

    def _record(self, alias: str) -> Path:
        return self._folder / f"{alias}.json"

    def _write(self, model: InstalledModel) -> None:
        values = asdict(model) | {"path": model.path.name if model.source else os.fspath(model.path)}
        draft = self._folder / f".{model.alias}.new"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump(values, out, ensure_ascii=False, indent=1)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(self._record(model.alias))

    def _read(self, path: Path) -> InstalledModel:
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            for field in fields(InstalledModel):
                wanted = int if field.type == "int" else str
                if type(values[field.name]) is not wanted:
                    raise TypeError(f"{field.name} is not of type {wanted.__name__}")
            return InstalledModel(**values | {"alias": path.stem, "path": self._folder / values["path"]})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UnreadableFile(path=path, detail=error) from error


@contextmanager
def locked(path: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Let one process at a time into the body; ``waiting`` is called once if another one is in it."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
