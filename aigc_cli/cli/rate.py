"""``aigc rate``: vote on answers, and correct them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from aigc_cli.app import App
from aigc_cli.cli import show as streams
from aigc_cli.cli.options import json_option
from aigc_cli.cli.texts import piped_text
from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.feedback import Pair, Rating, Vote
from aigc_cli.core.text import N_, Notice
from aigc_cli.i18n import _
from aigc_cli.render.filter import one_line
from aigc_cli.render.tables import print_json
from aigc_cli.services.attachments import read_text

EXCERPT = 40  # characters


@click.group(help=_("Vote on answers. REF is the id of an answer, the beginning of one, or `last`, the newest."))
def rate() -> None:
    """Group the commands below."""


def _voting(value: Vote) -> Callable[..., None]:
    """Return what ``rate up`` and ``rate down`` do."""

    @click.argument("ref", default="last")
    @click.option("--reason", "reasons", multiple=True, metavar="TAG", help=_("Why, such as too-long; repeatable."))
    @click.option("--note", default="", metavar="TEXT", help=_("Why, in your own words."))
    @click.option("--undo", is_flag=True, help=_("Take the vote back."))
    @json_option
    @click.pass_obj
    def vote(app: App, ref: str, reasons: tuple[str, ...], note: str, undo: bool, as_json: bool) -> None:
        if undo and (reasons or note):
            raise UsageProblem(detail=N_("`--undo` takes the whole vote back, its reasons and note included"))
        turn = app.store.answer(ref)
        feedback = app.feedback(app.store)
        if undo:
            done = (
                N_("took back the vote on “{text}”") if feedback.undo(turn.id, value) else N_("there was no such vote")
            )
            _tell(app, turn, app.store.feedback.rating(turn.id), None, as_json, done)
            return
        voted = feedback.rate(turn.id, value, reasons, note)
        done = N_("thumbs-up for “{text}”") if value > 0 else N_("thumbs-down for “{text}”")
        _tell(app, turn, voted.rating, voted.pair, as_json, done)

    return vote


rate.command("up", help=_("Say that an answer is good. Saying it again changes nothing, but adds reasons."))(_voting(1))
rate.command("down", help=_("Say that an answer is bad. Saying it again changes nothing, but adds reasons."))(
    _voting(-1)
)


@rate.command(
    help=_("Say what an answer should have been: the text of FILE, or what you make of the answer in your editor.")
)
@click.argument("ref", default="last")
@click.option("-f", "--file", metavar="FILE", help=_("Take the text from FILE; - is standard input."))
@json_option
@click.pass_obj
def edit(app: App, ref: str, file: str | None, as_json: bool) -> None:
    """Keep the correction beside the answer, as preferred to it."""
    turn = app.store.answer(ref)
    corrected = app.feedback(app.store).correct(turn.id, _correction(turn, file))
    if as_json:
        print_json(streams.out(app), {"turn": corrected.turn.id, "corrects": turn.id, "pair": asdict(corrected.pair)})
        return
    streams.notices(app)
    app.notify(Notice(N_("kept your text as {id}, preferred to “{text}”"), {"id": corrected.turn.id, **_about(turn)}))


def _correction(turn: Turn, file: str | None) -> str:
    if file == "-":
        return piped_text()
    if file is not None:
        return read_text(Path(file))
    if not (sys.stdin and sys.stdin.isatty()):
        raise UsageProblem(detail=N_("nobody is there to edit: give the text with `--file FILE`, or `--file -`"))
    text = click.edit(turn.text, extension=".md")
    if text is None:
        raise UsageProblem(detail=N_("nothing was changed"))
    return text


def _tell(app: App, turn: Turn, rating: Rating | None, pair: Pair | None, as_json: bool, done: str) -> None:
    """Show the vote as it is now; in JSON, its fields are null where there is none."""
    if as_json:
        known = (
            asdict(rating) if rating else {"turn": turn.id, "value": None, "reasons": [], "note": "", "created": None}
        )
        print_json(streams.out(app), {**known, "pair": asdict(pair) if pair else None})
        return
    streams.notices(app)
    app.notify(Notice(done, _about(turn)))
    if pair:
        app.notify(Notice(N_("it is preferred to the answer before it, {id}"), {"id": pair.rejected}))


def _about(turn: Turn) -> dict[str, object]:
    return {"text": one_line(turn.text[: 2 * EXCERPT])[:EXCERPT]}
