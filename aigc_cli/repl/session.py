"""The state of one chat, and how a question becomes an answer on the screen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aigc_cli.app import App
from aigc_cli.core.answer import Answer, Answered, Event
from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import AigcError, ContextOverflow, SettingError
from aigc_cli.core.events import TurnSaved
from aigc_cli.core.interrupt import interrupts
from aigc_cli.core.request import Request
from aigc_cli.core.text import N_, Notice
from aigc_cli.repl import overflow
from aigc_cli.repl.command import Registry
from aigc_cli.repl.screen import Screen
from aigc_cli.services.attachments import Attachment, with_attachments
from aigc_cli.services.chat import ChatService, Question, history_messages, joined
from aigc_cli.services.choice import NONE, adapter_names
from aigc_cli.services.compose import OF_A_TURN, Wish
from aigc_cli.services.thread import Thread

if TYPE_CHECKING:
    from aigc_cli.core.engine import Engine
    from aigc_cli.services.feedback import Feedback

HINT_EVERY = 10  # answers
AT_ONCE = 200  # characters

OF_THE_CHAT = ("color", "learn", "markdown", "overflow")
OF_THE_ENGINE = ("context", "flash_attention", "gpu_layers", "kv_type", "threads")


@dataclass(frozen=True, slots=True)
class Status:
    """What the toolbar shows. ``used`` and ``total`` tokens are 0 while nobody knows."""

    model: str
    adapter: str
    loading: bool
    failed: bool
    used: int
    total: int
    tokens_per_second: float


class Session:
    """One chat.

    Attributes:
        app: Everything there is to work with.
        screen: Where to show things.
        thread: Where the user is in which conversation.
        commands: What begins with a slash.
        choose: Asks the user a question with several answers, each chosen by the key it is under, and returns the key;
            the first one where the user gives none.
        redraw: Is called, perhaps by another thread, when `status` has changed while the user may be typing.
        model: The model that was asked for; None is the one of the settings.
        system: The system prompt from now on; None is that of the conversation, or of the settings.
        adapters: The adapters from now on, as `App.adapter_uses` takes them; empty is the one in use.
        template: The prompt template for what is said from now on, and values for its variables.
        attachments: What goes along with the next question.
        prefill: What the next prompt begins with, for the user to change.
        editing: The question that the next one takes the place of.
        cancel: Stops the answer to what was sent last.
        open_editor: Open the next prompt in the user's editor.
        leaving: The chat is over.
        voted: The user knows how to vote, and is told no more.
    """

    def __init__(
        self,
        app: App,
        screen: Screen,
        thread: Thread,
        commands: Registry,
        choose: Callable[[str, Mapping[str, str]], str],
    ) -> None:
        self.app = app
        self.screen = screen
        self.thread = thread
        self.commands = commands
        self.choose = choose
        self.redraw: Callable[[], None] = lambda: None
        self.model: str | None = None
        self.system: str | None = None
        self.adapters: tuple[str, ...] = ()
        self.template: str | None = None
        self.variables: dict[str, str] = {}
        self.attachments: list[Attachment] = []
        self.prefill = ""
        self.editing: Turn | None = None
        self.cancel = threading.Event()
        self.open_editor = False
        self.leaving = False
        self.voted = False
        self._answered = 0
        self.turn_settings: dict[str, int | float] = {}
        self.last: Answer | None = None
        self._kept_as = ""
        self._wishes: dict[str, Wish] = {}
        self._shown: tuple[tuple[str, tuple[str, ...]], str] | None = None
        self._counted: tuple[str, Engine, int] | None = None
        self._untitled: Request | None = None

    @property
    def feedback(self) -> Feedback:
        """What votes on the answers of this chat."""
        return self.app.feedback(self.thread.store)

    # Models and settings

    def load(self, model: str | None) -> None:
        """Begin to load a model in the background; raises what `Loader.load` raises."""
        self._kept_as = self.app.loader.load(model)
        self.model = model
        self.app.loader.when_loaded(self.redraw)

    def set(self, key: str, text: str) -> None:
        """Change a setting until the chat ends; raises `SettingError`."""
        if key in OF_A_TURN:
            self.turn_settings[key] = self.app.read_turn_setting(key, text)
            return
        if key not in OF_THE_CHAT + OF_THE_ENGINE:
            raise _not_among(key, OF_A_TURN + OF_THE_CHAT + OF_THE_ENGINE)
        self.app.override_setting(key, text)
        if key in OF_THE_ENGINE:
            self.app.loader.unload()
            self.load(self.model)

    def go_on(self, ref: str) -> None:
        """Go to a turn, or to another conversation, which has a system prompt of its own and perhaps another model."""
        left = self.thread.conversation
        self.thread.go(ref)
        if self.thread.conversation != left:
            self.system = None
        tip = self.thread.tip
        if tip and tip.model and tip.model != self._kept_as and tip.model in self.app.loader.names():
            self.load(tip.model)

    # Questions and answers

    def say(self, text: str) -> None:
        """Ask ``text``; what cannot be asked is put back into the prompt, so that nothing is lost."""
        editing, self.editing = self.editing, None
        self.prefill = text
        wish = self.wish(text, plain=editing is not None)
        follows = self.thread.before(editing) if editing else self.thread.tip
        answered = [turn for turn in self.thread.answers() if editing and turn.parent == editing.id]
        try:
            self._ask(wish, follows, None, self.model)
        finally:
            self.editing = editing if self.prefill else None
        for turn in answered:
            self.feedback.note(turn.id, "edited")

    def retry(self, settings: Mapping[str, int | float], model: str | None) -> None:
        """Answer the last question again, beside the answers it has, with other settings or another model."""
        asked = self.thread.question()
        old = self.thread.tip
        try:
            self._ask(self.wish_of(asked, settings), self.thread.before(asked), asked, model or self.model)
        finally:
            if model:
                self.load(self.model)
        if old and old.role == "assistant":
            self.feedback.note(old.id, "retried")

    def wish(self, text: str, *, plain: bool = False) -> Wish:
        """Return ``text`` as the user wants it asked now; without the template if it is to be asked as it is."""
        return self._with_settings(
            Wish(
                text=with_attachments(text, self.attachments),
                system=self.system,
                template=None if plain else self.template,
                variables={} if plain else self.variables,
            )
        )

    def wish_of(self, asked: Turn, settings: Mapping[str, int | float] = {}) -> Wish:
        """Return a question of the history as it was asked, with the settings of now and these."""
        return self._with_settings(self._wishes.get(asked.id) or Wish(text=asked.text, system=self.system), settings)

    def compare(self) -> None:
        """Answer the last question twice more, by the model alone and with the adapter; both answers are kept."""
        asked = self.thread.question()
        for adapters in ((NONE,), self.adapters):
            uses = self.app.adapter_uses(adapters, self._kept_as)
            self.screen.say(N_("with {name}:") if uses else N_("the model alone:"), name=adapter_names(uses))
            wish = replace(self.wish_of(asked), adapters=adapters)
            self._ask(wish, self.thread.before(asked), asked, self.model)
            if self.cancel.is_set():
                return

    def status(self) -> Status:
        """Return what the toolbar shows."""
        engine = self.app.loader.loaded
        return Status(
            model=self._kept_as,
            adapter=self._adapter_shown(),
            loading=engine is None and not self.app.loader.failed,
            failed=self.app.loader.failed,
            used=self._count(engine) if engine else 0,
            total=engine.info().context if engine else 0,
            tokens_per_second=self.last.tokens_per_second if self.last else 0.0,
        )

    def entitle(self, cancel: threading.Event) -> None:
        """Let the model find a title for the conversation, if it needs one and the last thing done was to answer."""
        from aigc_cli.services.titles import title_of

        engine, tip = self.app.loader.loaded, self.thread.tip
        here = tip and self.last and tip.id == self.last.id
        if not (self.app.settings.titles and engine and tip and here and self._untitled):
            return
        if not tip.text.strip() or self.thread.store.title(tip.conversation):
            return
        messages = joined(history_messages(self.thread.path()))
        try:
            title = title_of(engine, replace(self._untitled, messages=messages), cancel)
        except AigcError:  # a title is not worth a word about it
            title = ""
        if not cancel.is_set():
            self._untitled = None
            self.thread.store.entitle(tip.conversation, title)

    def _adapter_shown(self) -> str:
        """Return the adapter that answers; looked up once for each choice of one."""
        wanted = (self._kept_as, self.adapters)
        if self._shown is None or self._shown[0] != wanted:
            try:
                shown = adapter_names(self.app.adapter_uses(self.adapters, self._kept_as))
            except AigcError:  # told where the question is asked
                shown = ""
            self._shown = (wanted, shown)
        return self._shown[1]

    def _with_settings(self, wish: Wish, more: Mapping[str, int | float] = {}) -> Wish:
        settings = {**self.turn_settings, **more}
        limit = settings.pop("max_tokens", None)
        return replace(wish, sampling=settings, max_tokens=int(limit) if limit else None, adapters=self.adapters)

    def _ask(self, wish: Wish, follows: Turn | None, asked: Turn | None, model: str | None) -> None:
        question = replace(self.app.question(wish, follows), asked=asked, conversation=self.thread.conversation)
        app = self.app
        service = app.chat(model, self.thread.store, True, learn=app.settings.learn, adapters=wish.adapters)
        try:
            self._answer(service, question, wish)
        except ContextOverflow as error:
            choice = overflow.choose(self, service, question, error)
            if choice is not None:
                self._answer(service, choice, wish)

    def _answer(self, service: ChatService, question: Question, wish: Wish) -> None:
        renderer = self.screen.renderer()
        left = self.thread.tip
        try:
            with interrupts(self.cancel), closing(renderer):
                for event in service.ask(question, self.cancel):
                    self._follow(event, question, wish)
                    renderer.handle(event)
        finally:
            self._arrive()
        tip = self.thread.tip
        said = bool(tip and tip != left and tip.role == "assistant" and tip.text.strip())
        if self.cancel.is_set():
            self.screen.say(N_("stopped; what there is of the answer is kept") if said else N_("stopped"))
            if tip and said and len(tip.text) < AT_ONCE:
                self.feedback.note(tip.id, "interrupted")
        elif said:
            self._hint()

    def _hint(self) -> None:
        """Tell how to vote after the first answer and some later ones, until the user has done so."""
        if not self.voted and self._answered % HINT_EVERY == 0:
            self.screen.say(N_("+ likes this answer, - dislikes it; say why after a space if you wish: - too-long"))
        self._answered += 1

    def _follow(self, event: Event, question: Question, wish: Wish) -> None:
        """Keep track of where the conversation is; from the first saved turn on the question is safe."""
        match event:
            case TurnSaved(turn=turn, candidate=candidate):
                self.thread.tip = self.thread.store.turn(turn)
                if candidate is None:
                    self._wishes[turn] = wish
                if candidate is None and not question.asked:
                    self.prefill = ""
                    self.attachments = []
            case Answered(answer=answer):
                self.last = answer
                self._untitled = question.request

    def _arrive(self) -> None:
        """Look at the last turn again: its text has grown."""
        if self.thread.tip:
            self.thread.tip = self.thread.store.turn(self.thread.tip.id)

    def _count(self, engine: Engine) -> int:
        """Return how many tokens the conversation takes; counted once for each place in it."""
        tip = self.thread.tip
        if tip is None:
            return 0
        if not self._counted or self._counted[:2] != (tip.id, engine):
            try:
                used = engine.count(joined(history_messages(self.thread.path())))
            except AigcError:
                used = 0
            self._counted = (tip.id, engine, used)
        return self._counted[2]


def read_setting(app: App, pair: str) -> tuple[str, int | float]:
    """Read KEY=VALUE for one turn.

    Raises:
        SettingError: if it is no setting of a turn, or has a bad value.
    """
    key, _, text = pair.partition("=")
    if key not in OF_A_TURN:
        raise _not_among(key, OF_A_TURN)
    return key, app.read_turn_setting(key, text)


def _not_among(key: str, keys: Sequence[str]) -> SettingError:
    return SettingError(key=key, detail=Notice(N_("what can be set here is: {keys}"), {"keys": ", ".join(keys)}))
