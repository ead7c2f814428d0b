"""``aigc duel``: two answers, one choice, and no names before it."""

from __future__ import annotations

import sys
import threading
from dataclasses import asdict

import click

from aigc_cli.app import App
from aigc_cli.cli import show as streams
from aigc_cli.cli.boundary import INTERRUPTED
from aigc_cli.cli.options import json_option, model_option
from aigc_cli.cli.texts import piped_text
from aigc_cli.core.conversation import Turn
from aigc_cli.core.feedback import OUTCOMES, Duel, Outcome, Pair
from aigc_cli.core.interrupt import interrupts
from aigc_cli.core.text import N_, Notice
from aigc_cli.i18n import _
from aigc_cli.render.duel import print_duel
from aigc_cli.render.tables import print_json, print_table
from aigc_cli.services.compose import Wish

DEFAULT = "new"


class _DuelGroup(click.Group):
    """A group in which what is no command begins a prompt."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command in front of what is none of the others."""
        if args[:1] not in [[name] for name in (*self.commands, "-h", "--help")] and not ctx.resilient_parsing:
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_DuelGroup,
    subcommand_metavar="[PROMPT | COMMAND [ARGS]...]",
    help=_("Choose between two answers without knowing whose they are.")
    + "\n\n"
    + _("aigc duel PROMPT is the same as aigc duel new PROMPT."),
)
def duel() -> None:
    """Group the commands below."""


@duel.command(
    help=_(
        "Have a prompt answered by two settings and choose. A and B are `seed` (chance alone) or KEY=VALUE with commas "
        "between several; the keys are model, adapter, template and the settings of an answer, such as temperature."
    )
)
@click.argument("prompt", nargs=-1)
@click.option("--between", nargs=2, default=("seed", "seed"), metavar="A B", help=_("Which settings; else two seeds."))
@model_option
@click.option("-s", "--system", help=_("System prompt."))
@json_option
@click.pass_context
def new(
    ctx: click.Context,
    prompt: tuple[str, ...],
    between: tuple[str, str],
    model: str | None,
    system: str | None,
    as_json: bool,
) -> None:
    """Show both answers when both are complete; ask where a person is there to choose."""
    from aigc_cli.services.duels import read_contender

    app: App = ctx.obj
    text = "\n\n".join(part.strip("\n") for part in (" ".join(prompt), piped_text()) if part.strip())
    contenders = [read_contender(one, app.read_turn_setting) for one in between]
    streams.notices(app)
    if not as_json:
        app.notify(Notice(N_("both answers are being written…")))
    cancel = threading.Event()
    with interrupts(cancel):
        begun = app.arena(app.store).fight(Wish(text=text, system=system), contenders, model=model, cancel=cancel)
    if begun is None:
        ctx.exit(INTERRUPTED)
    first, second = app.store.turn(begun.first), app.store.turn(begun.second)
    if as_json:
        print_json(streams.out(app), _open_as_data(begun, first, second))
        return
    print_duel(streams.out(app), first.text, second.text, markdown=app.settings.markdown)
    outcome = _ask() if sys.stdin.isatty() else None
    if outcome is None:
        app.notify(Notice(N_("`aigc duel decide first|second|tie|both-bad` keeps your choice")))
        return
    _decide(app, begun, outcome, as_json=False)


@duel.command(help=_("Keep your choice in the last duel that waits for one, or in the one with this ID."))
@click.argument("outcome", type=click.Choice(OUTCOMES))
@click.argument("id_", metavar="[ID]", default="last")
@json_option
@click.pass_obj
def decide(app: App, outcome: Outcome, id_: str, as_json: bool) -> None:
    """Tell whose the answers are."""
    _decide(app, app.store.feedback.open_duel(id_), outcome, as_json)


@duel.command(help=_("Tell how strong the settings are that met in duels, by the model of Bradley and Terry."))
@json_option
@click.pass_obj
def stats(app: App, as_json: bool) -> None:
    """Show one line for each setting."""
    from aigc_cli.services.duels import standings

    found = standings(app.store)
    if as_json:
        print_json(streams.out(app), [asdict(one) for one in found])
        return
    streams.notices(app)
    if not found:
        app.notify(Notice(N_("no duels between different settings yet; `aigc duel --between A B PROMPT` begins one")))
    rows = [{**asdict(one), "share": f"{one.chance:.0%} ({one.low:.0%}-{one.high:.0%})"} for one in found]
    columns = {"name": _("setting"), "won": _("won"), "tied": _("tied"), "lost": _("lost")}
    print_table(streams.out(app), rows, columns | {"share": _("wins against the average")})


def _ask() -> Outcome | None:
    """Ask which answer is better; None if the user does not say."""
    keys: dict[str, Outcome] = {"1": "first", "2": "second", "t": "tie", "b": "both-bad"}
    text = _("Which is better? 1, 2, t (tie), b (both bad), s (say it later)")
    answer = click.prompt(text, type=click.Choice([*keys, "s"]), show_choices=False, err=True)
    return keys.get(answer)


def _decide(app: App, duel: Duel, outcome: Outcome, as_json: bool) -> None:
    from aigc_cli.services.duels import difference

    pair = app.feedback(app.store).decide(duel, outcome)
    first, second = app.store.turn(duel.first), app.store.turn(duel.second)
    names = difference(first, second)
    if as_json:
        print_json(streams.out(app), _decided_as_data(duel, outcome, (first, second), names, pair))
        return
    streams.notices(app)
    app.notify(Notice(N_("answer 1 was {first}, answer 2 was {second}"), {"first": names[0], "second": names[1]}))


def _open_as_data(duel: Duel, first: Turn, second: Turn) -> dict[str, object]:
    """Return what may be known before the choice: the texts, and nothing of how they came about."""
    return {"duel": duel.id, "first": {"text": first.text}, "second": {"text": second.text}, "outcome": None}


def _decided_as_data(
    duel: Duel, outcome: Outcome, turns: tuple[Turn, Turn], names: tuple[str, str], pair: Pair | None
) -> dict[str, object]:
    first, second = (
        {"turn": turn.id, "settings": name, "model": turn.model, "adapter": turn.adapter, "text": turn.text}
        for turn, name in zip(turns, names, strict=True)
    )
    return {
        "duel": duel.id,
        "first": first,
        "second": second,
        "outcome": outcome,
        "pair": asdict(pair) if pair else None,
    }
