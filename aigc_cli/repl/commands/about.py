"""Commands that tell about the chat, and the one that ends it."""

from __future__ import annotations

from collections.abc import Iterable

from aigc_cli.core.lesson import Lesson
from aigc_cli.core.text import N_
from aigc_cli.i18n import _, language
from aigc_cli.render.lesson import print_lesson
from aigc_cli.repl.command import Command, Suggestion
from aigc_cli.repl.session import Session
from aigc_cli.services.chat import history_messages, joined

KEYS = (
    ("Enter", N_("send")),
    ("Alt+Enter, Ctrl+J", N_("begin a new line")),
    ("{ … }", N_("a line with { alone begins a text of several lines, one with } alone sends it")),
    ("Ctrl+C", N_("stop the answer, or clear the line")),
    ("Ctrl+D", N_("leave, on an empty line")),
    ("Ctrl+R", N_("search what you typed before")),
    ("Ctrl+X Ctrl+E", N_("edit in $VISUAL")),
    ("Tab", N_("complete a command or its argument")),
    ("+, -", N_("like or dislike the last answer; reasons and your own words may follow after a space")),
    ("//", N_("send a line that begins with / or another sign")),
    ("!COMMAND", N_("run a shell command and put what it prints into the prompt")),
)


def help_(session: Session, argument: str) -> None:
    """List commands and keys, or tell about one command."""
    if argument:
        command = session.commands.find(argument.lstrip("/／"))
        session.screen.definitions({_usage(command): _(command.summary)})
        session.screen.say(N_("also: {names}"), names=", ".join(f"/{name}" for name in command.aliases) or "-")
        return
    session.screen.definitions({_usage(command): _(command.summary) for command in session.commands})
    session.screen.gap()
    session.screen.definitions({key: _(summary) for key, summary in KEYS})


def context(session: Session, argument: str) -> None:
    """Tell what the context is made of."""
    engine = session.app.loader.engine()
    messages = joined(history_messages(session.thread.path()))
    total = engine.info().context
    used = engine.count(messages) if messages else 0
    session.screen.fields(
        {
            N_("context"): _("{used} of {total} tokens, {percent} %").format(
                used=used, total=total, percent=100 * used // max(total, 1)
            ),
            N_("room for the next question and its answer"): total - used,
            N_("messages"): len(messages),
            N_("system prompt and summary"): sum(engine.count([m]) for m in messages if m.role == "system"),
            N_("files that go along"): [attachment.name for attachment in session.attachments],
        }
    )


def stats(session: Session, argument: str) -> None:
    """Tell about the last answer and this conversation."""
    last, status = session.last, session.status()
    tree = session.thread.tree()
    fields: dict[str, object] = {N_("model"): status.model, N_("conversation"): tree[0].conversation if tree else None}
    if tree:
        fields |= {N_("turns here"): len(session.thread.path()), N_("turns on all branches"): len(tree)}
    if last:
        fields |= {
            N_("tokens of the last prompt"): last.prompt_tokens,
            N_("of these not evaluated again"): last.reused_tokens,
            N_("tokens of the last answer"): last.completion_tokens,
            N_("time to its first token"): f"{last.ttft_ms / 1000:.2f} s",
            N_("tokens per second"): f"{last.tokens_per_second:.1f}",
            N_("seed"): last.seed,
        }
    session.screen.fields(fields)


def why(session: Session, argument: str) -> None:
    """Show which votes shaped an answer."""
    store = session.thread.store
    turn = store.answer(argument) if argument else next(reversed(session.thread.answers()), None)
    lesson = store.lessons.lesson(turn.id) if turn else Lesson()
    if not turn or not lesson:
        session.screen.say(N_("no vote shaped this answer"))
    print_lesson(session.screen.out, lesson, turn.template if turn else "")


def plugins(session: Session, argument: str) -> None:
    """List the installed plugins."""
    infos = session.app.plugins.infos()
    rows = [
        {
            "name": info.name,
            "version": info.version,
            "state": info.state,
            "provides": info.provides,
            "error": info.error,
        }
        for info in infos
    ]
    columns = {"name": N_("name"), "version": N_("version"), "state": N_("state"), "provides": N_("provides")}
    session.screen.table(rows, columns | {"error": N_("error")})
    if not infos:
        session.screen.say(N_("no plugin is installed"))


def quit_(session: Session, argument: str) -> None:
    """Leave the chat."""
    session.leaving = True


def _suggest_commands(session: Session, argument: str) -> Iterable[Suggestion]:
    for command in session.commands:
        if command.name.startswith(argument):
            yield Suggestion(command.name, len(argument), _(command.summary))


def _usage(command: Command) -> str:
    """Return how a command is written; in Chinese with its Chinese name."""
    chinese = [name for name in command.aliases if not name.isascii()] if language() == "zh" else []
    names = [f"/{name}" for name in (command.name, *chinese[:1])]
    return " ".join([*names, command.arguments and _(command.arguments)]).rstrip()


HELP = Command("help", N_("list commands and keys"), help_, ("帮助", "?"), N_("[COMMAND]"), _suggest_commands)
COMMANDS = [
    Command("context", N_("tell how full the context is, and of what"), context, ("上下文", "tokens")),
    Command("stats", N_("tell about the last answer and this conversation"), stats, ("统计", "info")),
    Command("why", N_("show which votes shaped the last answer"), why, ("为什么",), N_("[REF]")),
    Command("plugins", N_("list the plugins"), plugins, ("插件",)),
    Command("quit", N_("leave"), quit_, ("退出", "exit", "q", "bye")),
]
