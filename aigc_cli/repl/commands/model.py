"""Commands that change what answers, and how."""

from __future__ import annotations

from collections.abc import Iterable

from aigc_cli import i18n
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.text import N_, Notice
from aigc_cli.repl.command import Command, Suggestion
from aigc_cli.repl.session import OF_THE_CHAT, OF_THE_ENGINE, Session
from aigc_cli.services.choice import NONE, adapter_names
from aigc_cli.services.compose import OF_A_TURN

OFF = ("-", "off")


def model(session: Session, argument: str) -> None:
    """Change the model, or list those there are."""
    if argument:
        session.load(argument)
        session.screen.say(N_("{model} answers from now on"), model=session.status().model)
        return
    current = session.status().model
    rows = [{"current": "*" if name == current else "", "name": name} for name in session.app.loader.names()]
    session.screen.table(rows, {"current": "", "name": N_("model")})


def system(session: Session, argument: str) -> None:
    """Change the system prompt, or show it."""
    own = next((turn.text for turn in session.thread.path()[:1] if turn.role == "system"), "")
    if argument in OFF:
        session.system = ""
        kept = N_("this conversation keeps its system prompt; new ones have none")
        session.screen.say(kept if own else N_("no system prompt from now on"))
    elif argument:
        session.system = argument
        session.screen.say(N_("the system prompt holds from your next message on"))
    elif text := session.system or own or (session.app.settings.system if session.system is None else ""):
        session.screen.text(text)
    else:
        session.screen.say(N_("there is no system prompt"))


def adapter(session: Session, argument: str) -> None:
    """Change the adapter, compare it with the model alone, or list those there are."""
    if argument == "compare":
        session.compare()
        return
    if argument in OFF:
        session.adapters = (NONE,)
        session.screen.say(N_("the model alone answers from now on"))
        return
    if argument:
        uses = session.app.adapter_uses((argument,), session.status().model)
        session.adapters = (argument,)
        session.screen.say(N_("{name} answers from now on"), name=adapter_names(uses))
        return
    current = session.status().adapter.partition(":")[0]
    rows = [
        {"current": "*" if one.name == current else "", "name": one.name, "model": one.model, "method": one.method}
        for one in session.app.adapters.all()
    ]
    if not rows:
        session.screen.say(N_("there are no adapters yet; `aigc tune train` makes one from your votes"))
    session.screen.table(rows, {"current": "", "name": N_("adapter"), "model": N_("model"), "method": N_("method")})


def template(session: Session, argument: str) -> None:
    """Use a prompt template for what is said from now on, or list those there are."""
    if argument in OFF:
        session.template, session.variables = None, {}
        session.screen.say(N_("no prompt template from now on"))
        return
    if not argument:
        rows = [
            {"name": info.name, "language": info.language, "description": info.description}
            for info in session.app.templates.all()
        ]
        columns = {"name": N_("name"), "language": N_("language"), "description": N_("description")}
        session.screen.table(rows, columns)
        return
    name, *pairs = argument.split()
    session.app.templates.get(name)
    if wrong := [pair for pair in pairs if "=" not in pair]:
        raise UsageProblem(detail=Notice(N_("write {pair!r} as NAME=VALUE"), {"pair": wrong[0]}))
    session.template = name
    session.variables = {key: value for key, _, value in (pair.partition("=") for pair in pairs)}
    session.screen.say(N_("what you say now goes through {name}; `/template off` ends that"), name=name)


def set_(session: Session, argument: str) -> None:
    """Change a setting until the chat ends, or show its value, or list those that can be changed."""
    key, _, value = argument.replace("=", " ", 1).partition(" ")
    known = sorted(OF_A_TURN + OF_THE_CHAT + OF_THE_ENGINE)
    if not key or (key in known and not value.strip()):
        settings = {item.key: item for item in session.app.explain_settings()}
        rows = [
            {
                "key": name,
                "value": session.turn_settings.get(name, getattr(session.app.settings, name, "")),
                "description": i18n._(settings[name].description) if name in settings else "",
            }
            for name in ([key] if key else known)
        ]
        columns = {"key": N_("setting"), "value": N_("value"), "description": N_("description")}
        session.screen.table(rows, columns)
        return
    session.set(key, value.strip())
    session.screen.say(N_("{key} is {value} until you leave"), key=key, value=value.strip())


def lang(session: Session, argument: str) -> None:
    """Change the language of the interface until the chat ends."""
    if argument not in i18n.LANGUAGES:
        raise UsageProblem(detail=Notice(N_("choose one of {languages}"), {"languages": ", ".join(i18n.LANGUAGES)}))
    i18n.use(argument)
    session.screen.say(N_("English from now on; `aigc config set language {language}` keeps it"), language=argument)


def suggest_models(session: Session, argument: str) -> Iterable[Suggestion]:
    """Suggest installed models."""
    for name in session.app.loader.names():
        if name.startswith(argument):
            yield Suggestion(name, len(argument))


def suggest_turn_settings(session: Session, argument: str) -> Iterable[Suggestion]:
    """Suggest the settings that one answer can have of its own."""
    word = argument.rpartition(" ")[2]
    for key in OF_A_TURN:
        if key.startswith(word):
            yield Suggestion(f"{key}=", len(word))


def _suggest_templates(session: Session, argument: str) -> Iterable[Suggestion]:
    for info in session.app.templates.all():
        if info.name.startswith(argument) and info.language in (i18n.language(), ""):
            yield Suggestion(info.name, len(argument), info.description)
    yield from (Suggestion(word, len(argument)) for word in OFF[1:] if word.startswith(argument))


def _suggest_settings(session: Session, argument: str) -> Iterable[Suggestion]:
    key, space, value = argument.partition(" ")
    settings = {item.key: item for item in session.app.explain_settings()}
    if space:
        choices = settings[key].choices if key in settings else ()
        yield from (Suggestion(choice, len(value)) for choice in choices if choice.startswith(value))
        return
    for name in sorted(OF_A_TURN + OF_THE_CHAT + OF_THE_ENGINE):
        if name.startswith(key):
            yield Suggestion(name, len(key), i18n._(settings[name].description) if name in settings else "")


def _suggest_languages(session: Session, argument: str) -> Iterable[Suggestion]:
    return (Suggestion(one, len(argument)) for one in i18n.LANGUAGES if one.startswith(argument))


def _suggest_adapters(session: Session, argument: str) -> Iterable[Suggestion]:
    for name in (*(one.name for one in session.app.adapters.all()), "off", "compare"):
        if name.startswith(argument):
            yield Suggestion(name, len(argument))


COMMANDS = [
    Command("model", N_("change the model, or list them"), model, ("模型",), N_("[MODEL]"), suggest_models),
    Command(
        "adapter",
        N_("change the adapter, compare it, or list them"),
        adapter,
        ("适配器",),
        N_("[NAME[:SCALE] | off | compare]"),
        _suggest_adapters,
    ),
    Command("system", N_("change or show the system prompt"), system, ("系统",), N_("[TEXT | off]")),
    Command(
        "template",
        N_("use a prompt template from now on, or list them"),
        template,
        ("模板",),
        N_("[NAME [VARIABLE=VALUE]… | off]"),
        _suggest_templates,
    ),
    Command(
        "set",
        N_("change a setting until you leave, or list them"),
        set_,
        ("设置",),
        N_("[KEY VALUE]"),
        _suggest_settings,
    ),
    Command("lang", N_("change the language of the interface"), lang, ("语言",), "en | zh", _suggest_languages),
]
