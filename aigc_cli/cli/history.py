"""``aigc history``: look through past conversations."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime

import click

from aigc_cli.app import App
from aigc_cli.cli import show as streams
from aigc_cli.cli.options import json_option
from aigc_cli.cli.transfer import export, import_
from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.feedback import Rating
from aigc_cli.core.text import N_, Notice
from aigc_cli.i18n import _, ngettext
from aigc_cli.render.filter import one_line
from aigc_cli.render.pager import paged
from aigc_cli.render.tables import print_json, print_table, print_text
from aigc_cli.render.terminal import Terminal
from aigc_cli.render.tree import SHORT_ID, draw_tree

KEYS = ("id", "conversation", "role", "created", "model", "status", "text")
LEAD = 12  # characters shown before the first word that was searched for

ROLES = {"system": N_("system"), "user": N_("user"), "assistant": N_("assistant")}
STATUSES = {"streaming": N_("unfinished"), "interrupted": N_("interrupted"), "failed": N_("failed")}

limit_option = click.option(
    "-n", "--limit", type=click.IntRange(min=1), default=20, show_default=True, help=_("How many turns at most.")
)
pager_option = click.option(
    "--no-pager", "pager", flag_value=False, default=True, help=_("Do not show long output through $PAGER.")
)


@click.group(help=_("Look through past conversations. REF is an id, the beginning of one, or `last`."))
def history() -> None:
    """Group the commands below."""


@history.command("list", help=_("List the last turns, the newest first."))
@limit_option
@click.option("--conversation", metavar="REF", help=_("Only those of this conversation."))
@json_option
@pager_option
@click.pass_obj
def list_(app: App, limit: int, conversation: str | None, as_json: bool, pager: bool) -> None:
    """Show turns without regard to branches."""
    chosen = app.store.conversation(conversation) if conversation else None
    turns = app.store.list_turns(limit, chosen)
    with paged(streams.out(app), wanted=pager) as out:
        _print_turns(app, out, turns, as_json)


@history.command(help=_("Show a conversation, up to REF if that is one of its turns."))
@click.argument("ref", default="last")
@json_option
@pager_option
@click.pass_obj
def show(app: App, ref: str, as_json: bool, pager: bool) -> None:
    """Show the turns that lead to one turn, in full."""
    turns = app.store.path(app.store.follow(ref).id)
    votes = app.store.feedback.ratings_of([turn.id for turn in turns])
    with paged(streams.out(app), wanted=pager) as out:
        if as_json:
            print_json(out, [{**_as_data(turn), "vote": _vote(votes.get(turn.id))} for turn in turns])
        else:
            print_text(out, "\n\n".join(f"{_heading(turn, votes.get(turn.id))}\n{turn.text}" for turn in turns))


@history.command(help=_("Draw a conversation with all its branches; stars mark the way to REF."))
@click.argument("ref", default="last")
@json_option
@pager_option
@click.pass_obj
def tree(app: App, ref: str, as_json: bool, pager: bool) -> None:
    """Show one line for each turn of a conversation."""
    tip = app.store.follow(ref)
    here = {turn.id for turn in app.store.path(tip.id)}
    turns = app.store.branch(tip.conversation)
    with paged(streams.out(app), wanted=pager) as out:
        if as_json:
            print_json(out, [{**_as_data(turn), "parent": turn.parent} for turn in turns])
        else:
            print_text(out, draw_tree(turns, here))


@history.command(help=_("Find the turns that have all these words, the newest first."))
@click.argument("query", nargs=-1, required=True)
@limit_option
@json_option
@pager_option
@click.pass_obj
def search(app: App, query: tuple[str, ...], limit: int, as_json: bool, pager: bool) -> None:
    """Show turns, each from shortly before the first word that was found."""
    words = " ".join(query)
    turns = app.store.search(words, limit)
    with paged(streams.out(app), wanted=pager) as out:
        _print_turns(app, out, turns, as_json, words.split())


history.add_command(export)
history.add_command(import_)


@history.command(help=_("Delete a conversation, or a turn with all that follows it, for good."))
@click.argument("ref")
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_context
def delete(ctx: click.Context, ref: str, yes: bool) -> None:
    """Ask before anything is deleted; exit with 1 if the answer is no."""
    app: App = ctx.obj
    streams.notices(app)
    turns = app.store.branch(ref)
    count, text = len(turns), one_line(turns[0].text[:200])[:40]
    if not yes:
        if not sys.stdin.isatty():
            raise UsageProblem(detail=_("nobody is there to ask: give `--yes` to delete {ref}").format(ref=ref))
        question = ngettext(
            "Delete “{text}” for good?", "Delete {count} turns for good, beginning with “{text}”?", count
        )
        if not click.confirm(question.format(count=count, text=text), err=True):
            ctx.exit(1)
    app.store.delete(ref)
    done = ngettext("deleted “{text}”", "deleted {count} turns, beginning with “{text}”", count)
    app.notify(Notice(done, {"count": count, "text": text}))


@history.command(help=_("Print the path of the database."))
@click.pass_obj
def path(app: App) -> None:
    """Show where the file is, whether it exists or not."""
    click.echo(os.fspath(app.paths.database))


def _as_data(turn: Turn) -> dict[str, object]:
    return {key: getattr(turn, key) for key in KEYS}


def _print_turns(app: App, out: Terminal, turns: Sequence[Turn], as_json: bool, words: Sequence[str] = ()) -> None:
    if as_json:
        print_json(out, [_as_data(turn) for turn in turns])
        return
    streams.notices(app)
    if not turns:
        app.notify(Notice(N_("nothing found")))
    rows = [
        {
            "id": turn.id[:SHORT_ID],
            "created": _local(turn.created),
            "role": _(ROLES[turn.role]),
            "text": _excerpt(turn, words) if out.is_tty else turn.text,
        }
        for turn in turns
    ]
    print_table(out, rows, {"id": _("id"), "created": _("time"), "role": _("role"), "text": _("text")})


def _excerpt(turn: Turn, words: Sequence[str]) -> str:
    """Return the text of a turn from where the cell of a table had better begin, with what is wrong with it."""
    text = one_line(turn.text)
    found = [at for at in (text.lower().find(word.lower()) for word in words) if at >= 0]
    start = max(0, min(found, default=0) - LEAD)
    status = f"[{_(STATUSES[turn.status])}] " if turn.status in STATUSES else ""
    return status + ("…" if start else "") + text[start:]


def _vote(rating: Rating | None) -> dict[str, object] | None:
    return {"value": rating.value, "reasons": rating.reasons, "note": rating.note} if rating else None


def _heading(turn: Turn, rating: Rating | None) -> str:
    details = [turn.id, _local(turn.created), turn.model, _(STATUSES.get(turn.status, ""))]
    if rating:
        details.append(" ".join(filter(None, [f"{rating.value:+d}", ", ".join(rating.reasons), one_line(rating.note)])))
    return f"[{_(ROLES[turn.role])}] " + "  ".join(filter(None, details))


def _local(created: str) -> str:
    return datetime.fromisoformat(created).astimezone().strftime("%Y-%m-%d %H:%M")
