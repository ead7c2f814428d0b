"""The commands: where each one is and what it does, known without importing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from aigc_cli.core.text import N_
from aigc_cli.i18n import _

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


@dataclass(frozen=True, slots=True)
class Entry:
    """A command is the attribute ``name`` of ``module``; ``summary`` is its line in help."""

    module: str
    name: str
    summary: str


COMMANDS = {
    "ask": Entry("aigc_cli.cli.ask", "ask", N_("Answer one prompt")),
    "chat": Entry("aigc_cli.cli.chat", "chat", N_("Chat in the terminal")),
    "generate": Entry("aigc_cli.cli.generate", "generate", N_("Run a generator")),
    "rate": Entry("aigc_cli.cli.rate", "rate", N_("Vote on answers")),
    "duel": Entry("aigc_cli.cli.duel", "duel", N_("Choose between two answers without knowing whose they are")),
    "feedback": Entry("aigc_cli.cli.feedback", "feedback", N_("See what you said of answers")),
    "models": Entry("aigc_cli.cli.models", "models", N_("Fetch, list and choose models")),
    "history": Entry("aigc_cli.cli.history", "history", N_("Look through past conversations")),
    "prompts": Entry("aigc_cli.cli.prompts", "prompts", N_("Use and write prompt templates")),
    "plugins": Entry("aigc_cli.cli.plugins", "plugins", N_("Install, see and switch plugins")),
    "tune": Entry("aigc_cli.cli.tune", "tune", N_("Train the model on your votes")),
    "score": Entry("aigc_cli.cli.score", "score", N_("Score a text under a model")),
    "config": Entry("aigc_cli.cli.config", "config", N_("See and change settings")),
    "doctor": Entry("aigc_cli.cli.doctor", "doctor", N_("Check the installation and this machine")),
    "completion": Entry("aigc_cli.cli.completion", "completion", N_("Complete commands in your shell")),
}


def plugin_summary(name: str) -> str:
    """Return the line of a plugin's command in help; what the plugin says itself would take importing it."""
    return _("`aigc {name} --help` tells what it makes").format(name=name)


def named(summaries: Mapping[str, str], incomplete: str) -> list[CompletionItem]:
    """Return what a shell is offered of commands that are known by name and summary."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(name, help=text) for name, text in summaries.items() if name.startswith(incomplete)]


def load(name: str) -> click.Command:
    """Import the command ``name``."""
    entry = COMMANDS[name]
    command: click.Command = getattr(import_module(entry.module), entry.name)
    return command
