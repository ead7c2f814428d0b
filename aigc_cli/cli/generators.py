"""The command of a generator, made from what the generator declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from aigc_cli.app import App
from aigc_cli.cli.options import adapter_option, json_option, model_option, quiet_option
from aigc_cli.cli.texts import piped_text
from aigc_cli.core.generator import Generator, Option, OptionValue
from aigc_cli.i18n import _, pick
from aigc_cli.services.attachments import read_text

CHECK = "check"

Callback = Callable[[App, Generator, str, dict[str, OptionValue], dict[str, Any]], None]
"""Is given the topic or the name of the file to check, the generator's own options, and the shared ones."""

_LANGUAGE = click.option("--lang", type=click.Choice(["en", "zh"]), help=_("Language; else that of the topic."))
_SHARED = (
    model_option,
    click.option("-n", "--candidates", type=click.IntRange(1, 64), help=_("Drafts to choose the best from.")),
    click.option("--seed", type=click.IntRange(0, 2**32 - 2), help=_("Same seed, same answer.")),
    click.option("--max-tokens", type=click.IntRange(min=1), help=_("Longest draft, in tokens.")),
    click.option("--temperature", type=click.FloatRange(min=0), help=_("Randomness; 0 is none.")),
    adapter_option,
    _LANGUAGE,
    click.option(
        "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help=_("Write it to this file instead.")
    ),
    click.option("--force", is_flag=True, help=_("Replace that file without asking.")),
    click.option("--strict", is_flag=True, help=_("Fail with exit code 5 if the check finds a problem.")),
    click.option("--resume", is_flag=True, help=_("Go on where the same command was stopped.")),
    click.option("--no-learn", is_flag=True, help=_("Let it learn nothing from your votes.")),
    click.option("--no-save", is_flag=True, help=_("Keep nothing in the history.")),
    quiet_option,
    json_option,
)


class GeneratorCommand(click.Command):
    """Makes something of a topic; if the first word is "check", checks a file instead."""

    check: click.Command | None = None

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 - as click declares it
    ) -> click.Context:
        """Choose between the two."""
        if self.check and args[:1] == [CHECK]:
            return self.check.make_context(f"{info_name} {CHECK}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


def command_of(generator: Generator, make: Callback, check: Callback) -> GeneratorCommand:
    """Return the command of a generator, which calls ``make``, and of its check, which calls ``check``."""

    def making(app: App, /, topic: tuple[str, ...], **given: Any) -> None:  # noqa: ANN401 - click checks their types
        piped = "" if _uses_stdin(generator, given) else piped_text()
        text = "\n\n".join(part.strip("\n") for part in (" ".join(topic), piped) if part.strip())
        make(app, generator, text, _own(generator, given), given)

    def checking(app: App, /, file: str, **given: Any) -> None:  # noqa: ANN401 - click checks their types
        check(app, generator, file, _own(generator, given), given)

    own = [_flag(option) for option in generator.options]
    topic = click.argument("topic", nargs=-1, metavar=f"[{pick(generator.topic)}]...")
    command = _command(generator.name, pick(generator.summary), making, [topic, *own, *_SHARED], GeneratorCommand)
    if generator.check:
        text = _("Check a text that anyone wrote, from a file or - for standard input.")
        file = click.argument("file")
        command.check = _command(CHECK, text, checking, [file, *own, _LANGUAGE, json_option], click.Command)
        command.epilog = _("`aigc {name} check FILE` checks a text that anyone wrote; a topic may follow `--`.").format(
            name=generator.name
        )
    return command


def _command(
    name: str, text: str, callback: Callable[..., None], parameters: list[Any], kind: type[Any]
) -> GeneratorCommand:
    for parameter in reversed(parameters):
        callback = parameter(callback)
    command: GeneratorCommand = click.command(name=name, help=text, cls=kind)(click.pass_obj(callback))
    return command


def _flag(option: Option) -> Callable[[Any], Any]:
    names = f"--{option.name}" + (f"/--no-{option.name}" if option.type == "bool" else "")
    return click.option(
        names,
        _key(option),
        type=_type(option),
        default=option.default,
        show_default=option.default is not None,
        multiple=option.multiple,
        help=pick(option.help),
    )


def _type(option: Option) -> click.ParamType[Any] | None:
    low, high = option.minimum, option.maximum
    match option.type:
        case "int":
            return click.IntRange(None if low is None else int(low), None if high is None else int(high))
        case "float":
            return click.FloatRange(low, high)
        case "choice":
            return click.Choice(option.choices)
        case "file":
            return click.Path(allow_dash=True, dir_okay=False)
        case "str":
            return click.STRING
    return None


def _own(generator: Generator, given: dict[str, Any]) -> dict[str, OptionValue]:
    """Take the generator's own options out of ``given`` and return them by name; files are read."""
    values = [(option, given.pop(_key(option))) for option in generator.options]
    return {option.name: _read(option, value) for option, value in values if value is not None}


def _read(option: Option, value: Any) -> OptionValue:  # noqa: ANN401 - click has checked its type
    read = read_named if option.type == "file" else lambda it: it
    return tuple(map(read, value)) if option.multiple else read(value)


def read_named(name: str) -> str:
    """Return the text in a file, or standard input for "-"."""
    return piped_text() if name == "-" else read_text(Path(name).expanduser())


def _uses_stdin(generator: Generator, given: Mapping[str, Any]) -> bool:
    """Tell whether one of the generator's files is standard input."""
    files = [given[_key(option)] for option in generator.options if option.type == "file"]
    return any("-" in file if isinstance(file, tuple) else file == "-" for file in files)


def _key(option: Option) -> str:
    """Return the name of a parameter that no shared option has."""
    return "own_" + option.name.replace("-", "_")
