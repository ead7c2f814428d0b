"""The composition root: settings in, working parts out, each made when it is first used."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from aigc_cli import i18n
from aigc_cli.config import settings as config
from aigc_cli.config.paths import Paths
from aigc_cli.config.settings import Settings
from aigc_cli.core.errors import AigcError, SettingError
from aigc_cli.core.text import N_, Notice

if TYPE_CHECKING:
    from aigc_cli.catalog.catalog import Catalog
    from aigc_cli.core.answer import Event
    from aigc_cli.core.conversation import Turn
    from aigc_cli.core.engine import Engine, EngineInfo
    from aigc_cli.core.feedback import Rating
    from aigc_cli.core.generator import Texts
    from aigc_cli.core.making import MakingEvent
    from aigc_cli.core.message import Message
    from aigc_cli.core.model import InstalledModel
    from aigc_cli.core.request import AdapterUse
    from aigc_cli.core.template import RenderedPrompt
    from aigc_cli.engine.llama.machine import Machine
    from aigc_cli.plugin.host import Host
    from aigc_cli.services.adapters import Adapters
    from aigc_cli.services.chat import ChatService, Question
    from aigc_cli.services.compose import Wish
    from aigc_cli.services.doctor import Report
    from aigc_cli.services.duels import Arena
    from aigc_cli.services.feedback import Feedback
    from aigc_cli.services.learning import Learning
    from aigc_cli.services.loading import Loader, ShowProgress
    from aigc_cli.services.order import Asking, Order
    from aigc_cli.services.tuning import Tuner
    from aigc_cli.store import Store
    from aigc_cli.templates.collection import Templates

_LARGEST_SEED = 2**32 - 2


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
        self.progress: ShowProgress = lambda title: nullcontext(_no_progress)
        self.chosen_color: Literal["auto", "always", "never"] | None = None

    def close(self) -> None:
        """Free the engine and close the database, if they were used."""
        if loader := self.__dict__.get("loader"):
            loader.unload()
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

    def feedback(self, store: Store) -> Feedback:
        """Return what votes on the answers of a history, `store` or a passing one."""
        from aigc_cli.services.feedback import Feedback

        def tell(rating: Rating) -> None:
            if self.plugin_names():
                self.plugins.tell_vote(rating)

        return Feedback(store, signals=self.settings.signals, voted=tell)

    def reasons(self, generator: str) -> Mapping[str, Texts]:
        """Return why one may like or dislike what a generator wrote, by tag; "" is none."""
        from aigc_cli.core.feedback import REASONS

        try:
            own = self.plugins.generator(generator).reasons if generator else {}
        except AigcError:  # its plugin is gone, or does not work
            own = {}
        return {**own, **REASONS}

    def arena(self, store: Store) -> Arena:
        """Return where duels are fought that are kept in a history."""
        from aigc_cli.services.duels import Arena

        def chat(model: str | None, adapters: Sequence[str]) -> ChatService:
            return self.chat(model, store, True, learn=self.settings.learn, adapters=adapters)

        return Arena(store, self.question, chat)

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

    def plugin_names(self) -> list[str]:
        """Return the names of the plugins that are not disabled, each perhaps a generator; nothing is imported."""
        from aigc_cli.plugin import discovery

        return discovery.names(self.settings.disable_plugins)

    @cached_property
    def templates(self) -> Templates:
        """The prompt templates of the user, of plugins and of the program."""
        from aigc_cli.templates.collection import Templates

        return Templates(self.paths.prompts, lambda: self.plugins.template_folders())

    @cached_property
    def loader(self) -> Loader:
        """What finds models and loads one of them."""
        from aigc_cli.services.loading import Loader

        return Loader(
            lambda: self.catalog,
            lambda: self.plugins,
            self.paths,
            lambda: self.settings,
            lambda notice: self.notify(notice),
            lambda title: self.progress(title),
        )

    # Conversations

    def ask(
        self, wish: Wish, *, model: str | None, follow: str | None, save: bool, cancel: threading.Event
    ) -> Generator[Event, None, None]:
        """Answer ``wish``, continuing from the turn or conversation ``follow`` if there is one.

        The model that wrote the conversation goes on with it, unless ``model`` names another.
        """
        follows = self.store.follow(follow) if follow else None
        question = self.question(wish, follows)
        learn = wish.learn and self.settings.learn
        if model is None and follows and follows.model in self.loader.names():
            model = follows.model
        store = self.store if save or follows else None
        service = self.chat(model, store, save, learn=learn, pick_from=wish.pick_from, adapters=wish.adapters)
        return service.ask(question, cancel)

    def question(self, wish: Wish, follows: Turn | None) -> Question:
        """Return the question that ``wish`` comes to after the turn ``follows``."""
        from aigc_cli.services.compose import compose

        return compose(wish, self.settings, self._rendered(wish), follows)

    def _rendered(self, wish: Wish) -> RenderedPrompt | None:
        """Return the template of a wish filled in, in the words that votes speak for unless it names a variant."""
        if not wish.template:
            return None
        from aigc_cli.templates.filling import fill

        template = self.templates.get(wish.template, text=wish.text, interface=i18n.language())
        learn = wish.learn and self.settings.learn and self.paths.database.exists()
        if learn and template.variants and not template.variant:
            from aigc_cli.services.trying import worded

            seed = wish.sampling.get("seed")
            template = worded(template, self.store, None if seed is None else int(seed))
        return fill(template, wish.variables, wish.text)

    def chat(
        self,
        model: str | None,
        store: Store | None,
        save: bool,
        *,
        learn: bool,
        pick_from: int = 1,
        adapters: Sequence[str] = (),
    ) -> ChatService:
        """Return what answers questions with a model, once that is loaded; see `ChatService` for the rest.

        Each answer is the best of ``pick_from``, where the votes tell which that is, by the ``adapters`` that
        `adapter_uses` chooses.
        """
        from aigc_cli.services.chat import ChatService

        kept_as = self.loader.load(model)
        uses = self.adapter_uses(adapters, kept_as)
        engine = self.loader.engine()
        learning = self._learning(store, engine, kept_as) if learn else None
        if pick_from > 1:
            engine = self._picking(store or self.store, engine, kept_as, pick_from)
        return ChatService(engine, store, kept_as, self._condense, save, learning, uses)

    def _picking(self, store: Store, engine: Engine, kept_as: str, count: int) -> Engine:
        from aigc_cli.services.picking import BestOf, Picker

        picker = Picker(store, engine, kept_as, self.paths.rankers, lambda notice: self.notify(notice))
        ranker = picker.ranker()
        return BestOf(engine, ranker, count) if ranker else engine

    def _learning(self, store: Store | None, engine: Engine, kept_as: str) -> Learning | None:
        """Return what learns from the votes in ``store``, or else in the user's own history if there is one."""
        from aigc_cli.services.learning import Learning

        if store is None and not self.paths.database.exists():
            return None
        return Learning(store or self.store, engine, kept_as)

    def generate(
        self,
        order: Order,
        *,
        model: str | None,
        store: Store | None,
        resume: bool,
        cancel: threading.Event,
        asking: Asking,
        adapters: Sequence[str] = (),
    ) -> Iterator[MakingEvent]:
        """Run a generator, going on where the same run was cut off if so wished; see `GenerateService.make`.

        Without a ``store`` nothing is kept that a run could be resumed from. ``adapters`` are as `adapter_uses` takes
        them.
        """
        from aigc_cli.services.generate import GenerateService
        from aigc_cli.services.journal import Journal
        from aigc_cli.templates.collection import Templates
        from aigc_cli.templates.filling import fill_by_name

        name = order.generator.name
        templates = Templates(self.paths.prompts, lambda: self.plugins.template_folders(name))
        kept_as = self.loader.load(model)
        engine = self.loader.engine()
        learning = self._learning(store, engine, kept_as) if order.learn and self.settings.learn else None
        order = replace(order, adapters=self.adapter_uses(adapters, kept_as))
        service = GenerateService(
            engine, store, kept_as, lambda *asked: fill_by_name(templates, *asked), asking, learning
        )
        if store is None:
            yield from service.make(order, cancel)
            return
        with closing(Journal(self.paths.runs, order.key(kept_as), resume=resume)) as journal:
            if resume and not journal.recorded:
                self.notify(Notice(N_("there is nothing to resume: starting at the beginning")))
            yield from service.make(order, cancel, journal)

    # Adapters

    @cached_property
    def adapters(self) -> Adapters:
        """The adapters that were trained or taken in."""
        from aigc_cli.services.adapters import Adapters

        return Adapters(self.store, self.paths.adapters)

    @cached_property
    def tuner(self) -> Tuner:
        """What trains adapters."""
        from aigc_cli.services.tuning import Tuner

        return Tuner(self.store, self.adapters, self.loader, self.paths, self.settings.threads)

    def adapter_uses(self, wanted: Sequence[str], model: str) -> tuple[AdapterUse, ...]:
        """Return the adapters that ``wanted`` names, for the model that is kept as ``model``; see `Choice`."""
        from aigc_cli.services.choice import Choice

        return Choice(lambda: self.catalog, lambda: self.adapters, self.paths, self.notify).find(wanted, model)

    def language_of(self, text: str) -> str:
        """Return "en" or "zh": the language that a text is mostly in, or else that of the interface."""
        from aigc_cli.templates.language import text_language

        return text_language(text) or i18n.language()

    def examine(self) -> Report:
        """Look at the installation and the machine."""
        from aigc_cli.services.doctor import Doctor

        def machine() -> Machine:
            from aigc_cli.engine.llama.machine import examine

            return examine()

        def model() -> InstalledModel | None:
            return self.catalog.default(self.settings.model)

        def load(model: InstalledModel) -> EngineInfo:
            with closing(self.loader.open_file(model.path)) as engine:
                return engine.info()

        return Doctor(self.paths, i18n.language(), model, load, self.store, machine, self.settings.threads).examine()

    def fill_template(self, name: str, variables: Mapping[str, str], text: str) -> RenderedPrompt:
        """Fill in a prompt template, in the language of ``text`` or else of the interface."""
        from aigc_cli.templates.filling import fill

        return fill(self.templates.get(name, text=text, interface=i18n.language()), variables, text)

    def _condense(self, text: str) -> tuple[Message, ...]:
        return self.fill_template("summarize", {}, text).messages
