"""Models by the names that users give them, one of which is loaded at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from aigc_cli.config.paths import Paths
from aigc_cli.config.settings import Settings
from aigc_cli.core.errors import NoSuchModel
from aigc_cli.core.text import N_, Notice

if TYPE_CHECKING:
    from concurrent.futures import Future

    from aigc_cli.catalog.catalog import Catalog
    from aigc_cli.core.engine import Engine
    from aigc_cli.core.model import InstalledModel
    from aigc_cli.plugin.host import Host

ECHO = "echo"
"""The engine that answers with the question; ``echo:50`` waits 50 milliseconds before every token."""

Progress: TypeAlias = Callable[[int, "int | None"], None]
ShowProgress: TypeAlias = Callable[[str], AbstractContextManager[Progress]]


class Loader:
    """Finds models and loads one of them, in the background.

    Args:
        catalog: Returns the models.
        plugins: Returns the plugins, which offer more engines.
        paths: The folders.
        settings: Returns the settings in force.
        notify: Told what the user should know.
        progress: Shows how far a download is.
    """

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        plugins: Callable[[], Host],
        paths: Paths,
        settings: Callable[[], Settings],
        notify: Callable[[Notice], None],
        progress: ShowProgress,
    ) -> None:
        self._catalog = catalog
        self._plugins = plugins
        self._paths = paths
        self._settings = settings
        self._notify = notify
        self._progress = progress
        self._loading: Future[Engine] | None = None
        self._kept_as = ""

    def names(self) -> list[str]:
        """Return the names by which installed models can be chosen."""
        return [ECHO, *(model.alias for model in self._catalog().installed())]

    def find(self, name: str | None) -> InstalledModel:
        """Return the model to use; the starter model is fetched where there is no model yet.

        Raises:
            NoSuchModel: if no installed model goes by ``name`` or by the name in the settings.
            DownloadFailed: if the starter model cannot be fetched.
        """
        from aigc_cli.catalog.catalog import STARTER

        if model := self._catalog().default(name or self._settings().model):
            return model
        self._notify(Notice(N_("no model yet: fetching the starter model, SmolLM2-135M-Instruct (93 MB)")))
        with self._progress(STARTER) as progress:
            return self._catalog().pull(STARTER, progress=progress)

    def load(self, name: str | None) -> str:
        """Begin to load a model in the background and return the name under which its answers are kept.

        Nothing happens if it is the one that is loaded; another one is freed first.

        Raises what `find` raises; what goes wrong while loading is raised by `engine`.
        """
        from concurrent.futures import Future

        kept_as, open_engine = self._opener(name or self._settings().model)
        if self._loading and self._kept_as == kept_as and not self.failed:
            return kept_as
        self.unload()
        loading: Future[Engine] = Future()
        self._loading, self._kept_as = loading, kept_as

        def load() -> None:
            try:
                loading.set_result(open_engine())
            except BaseException as error:  # raised again where the engine is used
                loading.set_exception(error)

        threading.Thread(target=load, name="load-model", daemon=True).start()
        return kept_as

    def unload(self) -> None:
        """Free the engine if there is one; waits for one that is being loaded."""
        if self._loading and not self._loading.exception():
            self._loading.result().close()
        self._loading = None

    @property
    def loaded(self) -> Engine | None:
        """The engine, or None while it is being loaded and where that failed."""
        ready = self._loading and self._loading.done() and not self.failed
        return self._loading.result() if self._loading and ready else None

    @property
    def failed(self) -> bool:
        """Whether there is a model that could not be loaded; `engine` raises why."""
        return self._loading is not None and self._loading.done() and self._loading.exception() is not None

    def when_loaded(self, tell: Callable[[], None]) -> None:
        """Call ``tell``, perhaps in another thread, when the model is loaded or cannot be."""
        if self._loading:
            self._loading.add_done_callback(lambda _: tell())

    def engine(self) -> Engine:
        """Return the engine of the model that is being loaded, once it is loaded; raises what went wrong."""
        assert self._loading is not None, "load comes first"  # noqa: S101
        return self._loading.result()

    def open_file(self, path: Path) -> Engine:
        """Open a model file with llama.cpp in this process; raises what `LlamaEngine` raises."""
        from aigc_cli.engine.llama.engine import LlamaEngine
        from aigc_cli.engine.llama.settings import LlamaSettings

        s = self._settings()
        settings = LlamaSettings(
            context=s.context or None,
            threads=s.threads or None,
            gpu_layers=None if s.gpu_layers < 0 else s.gpu_layers,
            flash_attention=s.flash_attention,
            kv_type=s.kv_type,
            cache=self._paths.cache,
            cache_bytes=s.state_cache_mb << 20,
            log=self._paths.engine_log,
        )
        return LlamaEngine(path, settings, self._notify)

    def _opener(self, wanted: str) -> tuple[str, Callable[[], Engine]]:
        """Return the name of a model, an engine, or a plugin's engine and its model, and what opens it."""
        engine, _, rest = wanted.partition(":")
        if engine == ECHO and (not rest or rest.isdecimal()):
            from aigc_cli.engine.echo import EchoEngine

            return ECHO, lambda: EchoEngine(self._settings().context or 4096, int(rest or 0) / 1000)
        try:
            model = self.find(wanted)
        except NoSuchModel:
            provider = self._plugins().engines().get(engine)
            if provider is None:
                raise
            return wanted, lambda: provider.open(rest)
        return model.alias, lambda: self.open_file(model.path)
