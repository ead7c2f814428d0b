"""The composition root: settings in, working parts out, each made when it is first used."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from aigc_cli import i18n
from aigc_cli.config import settings as config
from aigc_cli.config.paths import Paths
from aigc_cli.config.settings import Settings
from aigc_cli.core.errors import AigcError, NoSuchModel, SettingError
from aigc_cli.core.text import N_, Notice

if TYPE_CHECKING:
    from concurrent.futures import Future

    from aigc_cli.catalog.catalog import Catalog
    from aigc_cli.core.answer import Event
    from aigc_cli.core.conversation import Turn
    from aigc_cli.core.engine import Engine, EngineInfo
    from aigc_cli.core.message import Message
    from aigc_cli.core.model import InstalledModel
    from aigc_cli.core.template import RenderedPrompt
    from aigc_cli.engine.llama.machine import Machine
    from aigc_cli.plugin.host import Host
    from aigc_cli.services.chat import ChatService, Question
    from aigc_cli.services.compose import Wish
    from aigc_cli.services.doctor import Report
    from aigc_cli.store import Store
    from aigc_cli.templates.collection import Templates

ECHO = "echo"
"""The engine that answers with the question; ``echo:50`` waits 50 milliseconds before every token."""

_LARGEST_SEED = 2**32 - 2

Progress: TypeAlias = Callable[[int, "int | None"], None]


def _has_failed(loading: Future[Engine]) -> bool:
    return loading.done() and loading.exception() is not None


def _no_progress(done: int, total: int | None) -> None:
    """Show nothing."""


class App:
    """Everything one command or one REPL works with.

    Attributes:
        paths: The folders.
        notify: Is handed what the user should know but did not ask for; a surface sets it.
        progress: Shows how far something with this title is; is given bytes done and, where known, bytes in all. A
            surface sets it.
        chosen_color: When to use colour, if a command-line option says so.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self.paths = Paths.find(environ)
        self.notify: Callable[[Notice], None] = lambda notice: None
        self.progress: Callable[[str], AbstractContextManager[Progress]] = lambda title: nullcontext(_no_progress)
        self.chosen_color: Literal["auto", "always", "never"] | None = None
        self._engine: Future[Engine] | None = None
        self._kept_as = ""

    def close(self) -> None:
        """Free the engine and close the database, if they were used."""
        self.unload_model()
        if store := self.__dict__.get("store"):
            store.close()
        if scratch := self.__dict__.get("_scratch"):
            scratch.cleanup()

    # Settings

    @cached_property
    def settings(self) -> Settings:
        """The settings in force; raises `SettingError` where one is wrong."""
        return config.load(self.paths.settings, self._environ)

    @property
    def color(self) -> Literal["auto", "always", "never"]:
        """When to use colour."""
        return self.chosen_color or self.settings.color

    def explain_settings(self) -> list[config.Explained]:
        """Return every setting with its value and where it comes from."""
        return config.explain(self.paths.settings, self._environ)

    def change_setting(self, key: str, text: str | None) -> None:
        """Write a setting to the user's file, or remove it from there if ``text`` is None."""
        config.change(self.paths.settings, key, text)
        self.__dict__.pop("settings", None)

    def override_setting(self, key: str, text: str) -> object:
        """Let a setting be ``text`` until the program ends and return its value; raises `SettingError`."""
        value = config.parse(key, text)
        self.__dict__["settings"] = replace(self.settings, **{key: value})  # type: ignore[arg-type]
        return value

    def read_turn_setting(self, key: str, text: str) -> int | float:
        """Return ``text`` as the value of a setting that an answer can have of its own; raises `SettingError`."""
        value = config.parse("max_tokens" if key == "seed" else key, text)
        if not isinstance(value, (int, float)) or not 0 <= value <= _LARGEST_SEED:
            raise SettingError(key=key, detail=Notice(N_("{text!r} is out of range"), {"text": text}))
        return value

    def choose_language(self) -> None:
        """Make the interface speak the user's language; a settings file that is wrong is reported later."""
        try:
            configured = self.settings.language
        except AigcError:
            configured = "auto"
        i18n.use(i18n.choose(configured, self._environ))

    # Parts

    @cached_property
    def store(self) -> Store:
        """The history."""
        from aigc_cli.store import Store

        return Store(self.paths.database)

    def passing_store(self) -> Store:
        """Return a history that is gone when the program ends."""
        from tempfile import TemporaryDirectory

        from aigc_cli.store import Store

        scratch = self.__dict__["_scratch"] = TemporaryDirectory(prefix="aigc-")
        return Store(Path(scratch.name) / "aigc.db")

    @cached_property
    def catalog(self) -> Catalog:
        """The models."""
        from aigc_cli.catalog.catalog import Catalog

        return Catalog(self.paths.models, self._environ, lambda notice: self.notify(notice))

    @cached_property
    def plugins(self) -> Host:
        """The plugins."""
        from aigc_cli.plugin.host import Host

        return Host(self.settings.disable_plugins, lambda notice: self.notify(notice))

    @cached_property
    def templates(self) -> Templates:
        """The prompt templates of the user, of plugins and of the program."""
        from aigc_cli.templates.collection import Templates

        return Templates(self.paths.prompts, lambda: self.plugins.template_folders())

    # Models and engines

    def model_names(self) -> list[str]:
        """Return the names by which installed models can be chosen."""
        return [ECHO, *(model.alias for model in self.catalog.installed())]

    def find_model(self, name: str | None) -> InstalledModel:
        """Return the model to use; the starter model is fetched where there is no model yet.

        Raises:
            NoSuchModel: if no installed model goes by ``name`` or by the name in the settings.
            DownloadFailed: if the starter model cannot be fetched.
        """
        from aigc_cli.catalog.catalog import STARTER

        if model := self.catalog.default(name or self.settings.model):
            return model
        self.notify(Notice(N_("no model yet: fetching the starter model, SmolLM2-135M-Instruct (93 MB)")))
        with self.progress(STARTER) as progress:
            return self.catalog.pull(STARTER, progress=progress)

    def load_model(self, name: str | None) -> str:
        """Begin to load a model in the background and return the name under which its answers are kept.

        Nothing happens if it is the one that is loaded; another one is freed first.

        Raises what `find_model` raises; what goes wrong while loading is raised by `engine`.
        """
        from concurrent.futures import Future

        kept_as, open_engine = self._opener(name or self.settings.model)
        if self._engine and self._kept_as == kept_as and not _has_failed(self._engine):
            return kept_as
        self.unload_model()
        loading: Future[Engine] = Future()
        self._engine, self._kept_as = loading, kept_as

        def load() -> None:
            try:
                loading.set_result(open_engine())
            except BaseException as error:  # raised again where the engine is used
                loading.set_exception(error)

        threading.Thread(target=load, name="load-model", daemon=True).start()
        return kept_as

    def unload_model(self) -> None:
        """Free the engine if there is one; waits for one that is being loaded."""
        if self._engine and not self._engine.exception():
            self._engine.result().close()
        self._engine = None

    @property
    def loaded_engine(self) -> Engine | None:
        """The engine, or None while it is being loaded and where that failed."""
        loaded = self._engine and self._engine.done() and not _has_failed(self._engine)
        return self._engine.result() if self._engine and loaded else None

    @property
    def load_failed(self) -> bool:
        """Whether there is a model that could not be loaded; `engine` raises why."""
        return self._engine is not None and _has_failed(self._engine)

    def when_loaded(self, tell: Callable[[], None]) -> None:
        """Call ``tell``, perhaps in another thread, when the model is loaded or cannot be."""
        if self._engine:
            self._engine.add_done_callback(lambda _: tell())

    def engine(self) -> Engine:
        """Return the engine of the model that is being loaded, once it is loaded; raises what went wrong."""
        assert self._engine is not None, "load_model comes first"  # noqa: S101
        return self._engine.result()

    def _opener(self, wanted: str) -> tuple[str, Callable[[], Engine]]:
        """Return the name of a model, an engine, or a plugin's engine and its model, and what opens it."""
        engine, _, rest = wanted.partition(":")
        if engine == ECHO and (not rest or rest.isdecimal()):
            from aigc_cli.engine.echo import EchoEngine

            return ECHO, lambda: EchoEngine(self.settings.context or 4096, int(rest or 0) / 1000)
        try:
            model = self.find_model(wanted)
        except NoSuchModel:
            provider = self.plugins.engines().get(engine)
            if provider is None:
                raise
            return wanted, lambda: provider.open(rest)
        return model.alias, lambda: self._run_here(model.path)

    def _run_here(self, path: Path) -> Engine:
        from aigc_cli.engine.llama.engine import LlamaEngine
        from aigc_cli.engine.llama.settings import LlamaSettings

        s = self.settings
        settings = LlamaSettings(
            context=s.context or None,
            threads=s.threads or None,
            gpu_layers=None if s.gpu_layers < 0 else s.gpu_layers,
            flash_attention=s.flash_attention,
            kv_type=s.kv_type,
            cache=self.paths.cache,
            cache_bytes=s.state_cache_mb << 20,
            log=self.paths.engine_log,
        )
        return LlamaEngine(path, settings, self.notify)

    # Conversations

    def ask(
        self, wish: Wish, *, model: str | None, follow: str | None, save: bool, cancel: threading.Event
    ) -> Iterator[Event]:
        """Answer ``wish``, continuing from the turn or conversation ``follow`` if there is one.

        The model that wrote the conversation goes on with it, unless ``model`` names another.
        """
        follows = self.store.follow(follow) if follow else None
        question = self.question(wish, follows)
        if model is None and follows and follows.model in self.model_names():
            model = follows.model
        return self.chat(model, self.store if save or follows else None, save).ask(question, cancel)

    def question(self, wish: Wish, follows: Turn | None) -> Question:
        """Return the question that ``wish`` comes to after the turn ``follows``."""
        from aigc_cli.services.compose import compose

        rendered = self.fill_template(wish.template, wish.variables, wish.text) if wish.template else None
        return compose(wish, self.settings, rendered, follows)

    def chat(self, model: str | None, store: Store | None, save: bool) -> ChatService:
        """Return what answers questions with a model, once that is loaded; see `ChatService` for the rest."""
        from aigc_cli.services.chat import ChatService

        kept_as = self.load_model(model)
        return ChatService(self.engine(), store, kept_as, self._condense, save)

    def examine(self) -> Report:
        """Look at the installation and the machine."""
        from aigc_cli.services.doctor import Doctor

        def machine() -> Machine:
            from aigc_cli.engine.llama.machine import examine

            return examine()

        def model() -> InstalledModel | None:
            return self.catalog.default(self.settings.model)

        def load(model: InstalledModel) -> EngineInfo:
            with closing(self._run_here(model.path)) as engine:
                return engine.info()

        return Doctor(self.paths, i18n.language(), model, load, self.store, machine, self.settings.threads).examine()

    def fill_template(self, name: str, variables: Mapping[str, str], text: str) -> RenderedPrompt:
        """Fill in a prompt template, in the language of ``text`` or else of the interface."""
        from aigc_cli.templates.filling import fill

        return fill(self.templates.get(name, text=text, interface=i18n.language()), variables, text)

    def _condense(self, text: str) -> tuple[Message, ...]:
        return self.fill_template("summarize", {}, text).messages
