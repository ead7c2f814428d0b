"""A command for every plugin that may have a generator; it is imported when its command is first used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from aigc_cli.core.generator import Confirm, Edit, Generator, OptionValue, option_values
from aigc_cli.core.interrupt import interrupts
from aigc_cli.core.making import Made
from aigc_cli.core.text import N_
from aigc_cli.i18n import _, pick
from aigc_cli.render.filter import one_line
from aigc_cli.render.making import MakingRenderer, print_check
from aigc_cli.repl import keyboard
from aigc_cli.repl.command import Command, Suggestion
from aigc_cli.repl.commands.texts import suggest_paths, write
from aigc_cli.repl.session import Session
from aigc_cli.services.arguments import SHARED, parse
from aigc_cli.services.attachments import read_text
from aigc_cli.services.editor import edit
from aigc_cli.services.order import Asking, Order

CHECK = "check "
OF_AN_ORDER = ("max_tokens", "seed", "temperature")
"""What `/set` can set and a generator heeds."""
OF_AN_ORDER = ("max_tokens", "seed", "temperature")
"""What `/set` has set and a generator heeds."""


def commands(plugins: Sequence[str]) -> list[Command]:
    """Return a command for each of the plugins, by their names alone."""
    summary = N_("write with this plugin; without a topic, tell what it makes and its options")
    arguments = N_("[TOPIC | check FILE] [--OPTION VALUE]...")
    return [
        Command(name, summary, partial(_run, name), arguments=arguments, suggest=partial(_suggest, name))
        for name in plugins
    ]


def _run(name: str, session: Session, argument: str) -> None:
    """Make something of a topic, check a file, or tell what there is to tell."""
    generator = session.app.plugins.generator(name)
    if generator.check and argument.startswith(CHECK):
        _check(session, generator, argument.removeprefix(CHECK))
        return
    given = parse(generator, argument)
    if not given.topic and not any(given.own.get(o.name) for o in generator.options if o.type == "file"):
        _describe(session, generator)
        return
    _make(session, generator, given.topic, given.own, dict(given.shared))


def _make(session: Session, generator: Generator, topic: str, own: Any, shared: dict[str, Any]) -> None:  # noqa: ANN401
    output, resume = shared.pop("output", None), shared.pop("resume", False)
    language = shared.pop("lang", None) or session.app.language_of(topic)
    for key in OF_AN_ORDER:
        shared.setdefault(key, session.turn_settings.get(key))
    order = Order(generator, topic, own, language, learn=not shared.pop("no_learn", False), **shared)
    screen = session.screen
    renderer = MakingRenderer(screen.out, screen.err, markdown=session.app.settings.markdown)
    asking = Asking(partial(_confirm, session), _edit)
    session.cancel.clear()
    made = None
    events = session.app.generate(
        order, model=session.model, store=session.thread.store, resume=resume, cancel=session.cancel, asking=asking
    )
    with interrupts(session.cancel), closing(renderer):
        for event in events:
            renderer.handle(event)
            if isinstance(event, Made):
                made = event
    if made is None:
        return
    if output:
        write(session, output, made.artifact.text.rstrip("\n") + "\n")
    if made.artifact.turn:
        session.go_on(made.artifact.turn)
        screen.say(N_("the chat goes on from here; `/resume` leads back to the other conversation"))


def _check(session: Session, generator: Generator, argument: str) -> None:
    given = parse(generator, argument)
    text = read_text(Path(given.topic).expanduser())
    assert generator.check is not None  # noqa: S101 - else nobody came here
    options = option_values(generator.options, given.own)
    check = generator.check(text, options, str(given.shared.get("lang") or session.app.language_of(text)))
    print_check(session.screen.out, check)
    if check.valid:
        session.screen.say(N_("no problem found"))


def _describe(session: Session, generator: Generator) -> None:
    """Tell what the generator makes and what it can be told."""
    session.screen.prose(pick(generator.summary))
    described = {_usage(option.name, option.choices, option.default): pick(option.help) for option in generator.options}
    session.screen.definitions(described)
    session.screen.say(N_("also: {names}"), names=", ".join(f"--{option.name}" for option in SHARED))


def _usage(name: str, choices: Iterable[str], default: OptionValue) -> str:
    usage = " ".join([f"--{name}", "|".join(choices)]).rstrip()
    return usage if default in (None, False) else f"{usage} [{default}]"


def _confirm(session: Session, step: Confirm) -> bool:
    return session.choose(one_line(step.question), {"n": _("no"), "y": _("yes")}) == "y"


def _edit(step: Edit) -> str:
    with keyboard.released():
        return edit(step.text, step.suffix)


def _suggest(name: str, session: Session, argument: str) -> Iterable[Suggestion]:
    """Complete options once one is begun, and what they can be."""
    *before, last = argument.split(" ")
    if not any(word.startswith("--") for word in [*before, last]):
        return
    generator = session.app.plugins.generator(name)
    options = {f"--{option.name}": option for option in (*generator.options, *SHARED)}
    chosen = options.get(before[-1]) if before else None
    if last.startswith("--"):
        for flag, option in options.items():
            if flag.startswith(last):
                yield Suggestion(flag, len(last), pick(option.help))
    elif chosen and (chosen.type == "file" or chosen.name == "output"):
        yield from suggest_paths(session, last)
    elif chosen:
        yield from (Suggestion(choice, len(last)) for choice in chosen.choices if choice.startswith(last))
