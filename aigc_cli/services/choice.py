"""Which adapters answer: those that were asked for, or else the one in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aigc_cli.config.paths import Paths
from aigc_cli.core.errors import BadAdapter, ModelError, StoreError
from aigc_cli.core.model import InstalledModel
from aigc_cli.core.request import AdapterUse
from aigc_cli.core.text import N_, Notice

if TYPE_CHECKING:
    from aigc_cli.catalog.catalog import Catalog
    from aigc_cli.services.adapters import Adapters

NONE = "none"
"""In place of a name: the model alone."""


class Choice:
    """Finds adapters by what the user calls them.

    Args:
        catalog: Returns the models.
        adapters: Returns the adapters.
        paths: The folders.
        notify: Told where the adapter in use cannot be used; what was asked for and cannot be is an error instead.
    """

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        adapters: Callable[[], Adapters],
        paths: Paths,
        notify: Callable[[Notice], None],
    ) -> None:
        self._catalog = catalog
        self._adapters = adapters
        self._paths = paths
        self._notify = notify

    def find(self, wanted: Sequence[str], model: str) -> tuple[AdapterUse, ...]:
        """Return what the names and files in ``wanted`` stand for.

        Args:
            wanted: NAME or NAME:SCALE of adapters, or files in their place; "none" is the model alone. Empty is the
                adapter in use.
            model: The name under which answers of the model are kept.

        Raises:
            NoSuchAdapter: if nothing goes by one of the names.
            BadAdapter: if an adapter is not one of ``model``.
        """
        if list(wanted) == [NONE]:
            return ()
        if wanted:
            return tuple(_file(text) or self._adapters().find(text, self._installed(model)) for text in wanted)
        return self._in_use(model) if self._paths.database.exists() else ()

    def _in_use(self, model: str) -> tuple[AdapterUse, ...]:
        try:
            use = self._adapters().in_use(self._installed(model))
        except (BadAdapter, ModelError):
            return ()
        except StoreError as error:
            self._notify(Notice(N_("answering without an adapter: {reason}"), {"reason": error}))
            return ()
        if use is None:
            return ()
        path = self._adapters().file(use.name)
        if not path.is_file():
            self._notify(Notice(N_("answering without the adapter {name}: its file has gone"), {"name": use.name}))
            return ()
        return (AdapterUse(path, use.scale),)

    def _installed(self, model: str) -> InstalledModel:
        """Return the model; raises `BadAdapter` for what is no file on this machine, which has no adapters."""
        found = next((one for one in self._catalog().installed() if one.alias == model), None)
        if found is None:
            raise BadAdapter(path="", detail=Notice(N_("{model} takes none"), {"model": model}))
        return found


def adapter_names(uses: Sequence[AdapterUse]) -> str:
    """Return the names of adapters with their scales, as they are kept with an answer."""
    return ",".join(f"{use.path.stem}:{use.scale:g}" for use in uses)


def _file(text: str) -> AdapterUse | None:
    """Read FILE or FILE:SCALE; a colon that no number follows belongs to the name. None for what is no path."""
    name, colon, scale = text.rpartition(":")
    try:
        use = AdapterUse(Path(name).expanduser(), float(scale)) if colon else AdapterUse(Path(text).expanduser())
    except ValueError:
        use = AdapterUse(Path(text).expanduser())
    looks_like_one = "/" in text or use.path.suffix or use.path.is_file()
    return use if looks_like_one else None
