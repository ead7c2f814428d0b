"""``aigc feedback``: what was said of answers, and what can be learned from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import islice

import click

from aigc_cli.app import App
from aigc_cli.cli import show as streams
from aigc_cli.cli.lessons import export, import_, why
from aigc_cli.cli.options import json_option
from aigc_cli.core.conversation import Turn
from aigc_cli.core.feedback import Rating, Tally, Vote
from aigc_cli.core.text import N_, Notice
from aigc_cli.i18n import _
from aigc_cli.render.bars import print_bars, spark
from aigc_cli.render.filter import one_line
from aigc_cli.render.tables import print_fields, print_json, print_table
from aigc_cli.render.terminal import Terminal
from aigc_cli.render.tree import SHORT_ID
from aigc_cli.services.feedback_stats import FACETS, Stats, Step, Votes, add_up, summarize
from aigc_cli.services.picking import Known, rankers

VALUES: dict[str, Vote] = {"up": 1, "down": -1}
TITLES = {"generator": N_("generator"), "template": N_("template"), "model": N_("model"), "adapter": N_("adapter")}
STEPS = {
    "few-shot": N_("examples in the prompt"),
    "sft": N_("tuning on liked answers (SFT)"),
    "ranker": N_("choosing among candidates"),
    "kto": N_("tuning on votes (KTO)"),
    "dpo": N_("tuning on pairs (DPO)"),
}
MISSING = {
    "liked": N_("{count} thumbs-up"),
    "disliked": N_("{count} thumbs-down"),
    "votes": N_("{count} votes in all"),
    "pairs": N_("{count} pairs"),
}


@click.group(help=_("See what you said of answers, and what can be learned from it."))
def feedback() -> None:
    """Group the commands below."""


for command in (why, export, import_):
    feedback.add_command(command)


@feedback.command("list", help=_("List the votes, the newest first."))
@click.option(
    "-n", "--limit", type=click.IntRange(min=1), default=20, show_default=True, help=_("How many votes at most.")
)
@click.option("--vote", type=click.Choice(list(VALUES)), help=_("Only thumbs-up, or only thumbs-down."))
@click.option("--generator", metavar="NAME", help=_("Only on what this generator wrote."))
@click.option("--since", default="", metavar="DATE", help=_("Only from this day on, such as 2026-11-24 (UTC)."))
@json_option
@click.pass_obj
def list_(app: App, limit: int, vote: str | None, generator: str | None, since: str, as_json: bool) -> None:
    """Show one line for each vote."""
    value = VALUES[vote] if vote else None
    rated = list(islice(app.store.feedback.ratings(generator=generator, since=since, value=value), limit))
    if as_json:
        print_json(streams.out(app), [_vote_as_data(rating, turn) for rating, turn in rated])
        return
    streams.notices(app)
    if not rated:
        app.notify(Notice(N_("no votes yet; `aigc rate up` likes the newest answer")))
    rows = [
        {
            "turn": turn.id[:SHORT_ID],
            "vote": f"{rating.value:+d}",
            "generator": turn.generator,
            "why": [*rating.reasons, *filter(None, [rating.note])],
            "text": one_line(turn.text),
        }
        for rating, turn in rated
    ]
    columns = {"turn": _("id"), "vote": _("vote"), "generator": _("generator"), "why": _("why"), "text": _("text")}
    print_table(streams.out(app), rows, columns)


@feedback.command(help=_("Count the votes by what they are about, and tell how many more each way to learn needs."))
@json_option
@click.pass_obj
def stats(app: App, as_json: bool) -> None:
    """Show counts, a plot over time, and the next steps."""
    stats = summarize(app.store)
    out = streams.out(app)
    if as_json:
        known = [
            {"model": one.model, "trusted": one.ranker.trusted, **_without_weights(one)}
            for one in rankers(app.paths.rankers)
        ]
        print_json(out, {**_stats_as_data(stats), "rankers": known})
        return
    streams.notices(app)
    if not stats.votes.total:
        app.notify(Notice(N_("no votes yet; `aigc rate up` likes the newest answer")))
    _overview(out, stats)
    for facet in FACETS:
        _facet(out, stats, facet)
    if stats.votes.total:
        out.stream.write("\n")
        print_bars(out, {name: (part.liked, part.disliked) for name, part in stats.over_time(stats.tallies).items()})
    _steps(out, stats.steps)
    _rankers(out, rankers(app.paths.rankers))


def _overview(out: Terminal, stats: Stats) -> None:
    low, high = stats.votes.interval
    share = f"{stats.votes.share:.0%} ({low:.0%}-{high:.0%})" if stats.votes.total else None
    fields: dict[str, object] = {
        _("thumbs-up"): stats.votes.liked,
        _("thumbs-down"): stats.votes.disliked,
        _("share of thumbs-up"): share,
        _("pairs"): _counted(stats.pairs),
        _("duels"): _counted(stats.duels),
        _("signals"): _counted(stats.signals),
    }
    print_fields(out, fields)


def _facet(out: Terminal, stats: Stats, facet: str) -> None:
    """Show the votes by one facet, unless all are of none."""
    parts = stats.by(facet)
    if not any(parts):
        return
    rows = []
    for name, tallies in parts.items():
        votes = add_up(tallies)
        low, high = votes.interval
        trend = stats.over_time(tallies).values()
        rows.append(
            {
                "name": name or _("(none)"),
                "up": votes.liked,
                "down": votes.disliked,
                "share": f"{votes.share:.0%} ({low:.0%}-{high:.0%})",
                "trend": spark(out, [part.share if part.total else None for part in trend]),
            }
        )
    out.stream.write("\n")
    titles = {"name": _(TITLES[facet]), "up": "+", "down": "-", "share": _("share of thumbs-up")}
    print_table(out, rows, titles | {"trend": _("over time")})


def _steps(out: Terminal, steps: Sequence[Step]) -> None:
    rows = [{"step": _(STEPS[step.name]), "name": step.name, "missing": _missing(step)} for step in steps]
    out.stream.write("\n")
    print_table(out, rows, {"name": "", "step": _("next step"), "missing": _("still needs")})


def _rankers(out: Terminal, known: Sequence[Known]) -> None:
    """Show how well the votes tell which answers the user likes, for each model that was asked to choose."""
    rows = [
        {
            "model": one.model,
            "right": f"{one.ranker.accuracy:.0%} ({one.ranker.low:.0%}-{one.ranker.high:.0%})",
            "votes": one.ranker.liked + one.ranker.disliked,
            "used": one.ranker.trusted,
        }
        for one in known
    ]
    if rows:
        out.stream.write("\n")
    titles = {"model": _("choosing (--pick) with"), "right": _("right (chance: 50%)"), "votes": _("votes learned from")}
    print_table(out, rows, titles | {"used": _("used")})


def _missing(step: Step) -> str:
    parts = asdict(step.missing)
    shown = [_(text).format(count=parts[key]) for key, text in MISSING.items() if parts[key]]
    return ", ".join(shown) or _("nothing: it is ready")


def _counted(counts: Mapping[str, int]) -> str:
    """Return how many there are, and of what."""
    parts = ", ".join(f"{name} {count}" for name, count in counts.items())
    return f"{sum(counts.values())} ({parts})" if parts else "0"


def _vote_as_data(rating: Rating, turn: Turn) -> dict[str, object]:
    about = ("conversation", *FACETS, "text")
    return {**asdict(rating), **{key: getattr(turn, key) for key in about}}


def _stats_as_data(stats: Stats) -> dict[str, object]:
    return {
        "votes": _votes_as_data(stats.votes),
        "pairs": stats.pairs,
        "duels": stats.duels,
        "signals": stats.signals,
        "over_time": _over_time_as_data(stats, stats.tallies),
        **{
            f"by_{facet}": [
                {"name": name, **_votes_as_data(add_up(tallies)), "over_time": _over_time_as_data(stats, tallies)}
                for name, tallies in stats.by(facet).items()
            ]
            for facet in FACETS
        },
        "next_steps": [{"name": s.name, "ready": s.ready, "missing": asdict(s.missing)} for s in stats.steps],
    }


def _without_weights(known: Known) -> dict[str, object]:
    return {key: value for key, value in asdict(known.ranker).items() if key not in ("weights", "bias")}


def _over_time_as_data(stats: Stats, tallies: Sequence[Tally]) -> list[dict[str, object]]:
    over_time = stats.over_time(tallies).items()
    return [{"period": period, "liked": votes.liked, "disliked": votes.disliked} for period, votes in over_time]


def _votes_as_data(votes: Votes) -> dict[str, object]:
    return {"liked": votes.liked, "disliked": votes.disliked, "share": votes.share, "interval": votes.interval}
