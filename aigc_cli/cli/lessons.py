"""``aigc feedback why``, ``export`` and ``import``: what votes taught an answer, and votes as datasets."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from aigc_cli.app import App
from aigc_cli.cli import show as streams
from aigc_cli.cli.options import json_option
from aigc_cli.core.dataset import TEST_FRACTION, DatasetKind, Split
from aigc_cli.core.text import N_, Notice
from aigc_cli.i18n import _
from aigc_cli.render.lesson import print_lesson
from aigc_cli.render.tables import print_fields, print_json

ONLY = ("generator", "template", "model", "adapter")


@click.command(help=_("Show which votes shaped an answer. REF is its id, the beginning of it, or `last`."))
@click.argument("ref", default="last")
@json_option
@click.pass_obj
def why(app: App, ref: str, as_json: bool) -> None:
    """Show the examples and the advice that an answer was given, and the template it came from."""
    turn = app.store.answer(ref)
    lesson = app.store.lessons.lesson(turn.id)
    if as_json:
        data = {"id": turn.id, "template": turn.template, "learned_from": lesson.turns, **asdict(lesson)}
        print_json(streams.out(app), data)
        return
    streams.notices(app)
    if not lesson:
        app.notify(Notice(N_("no vote shaped this answer")))
    print_lesson(streams.out(app), lesson, turn.template)


@click.command(
    help=_("Write votes to a file that trainers read unchanged, with a card beside it that says what is in it.")
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["kto", "dpo", "sft", "reward", "csv"]),
    required=True,
    help=_("What for: KTO, DPO or SFT training, a reward model, or a table for people."),
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help=_("File; its name ends with .jsonl or .parquet, for csv with .csv."),
)
@click.option("--generator", metavar="NAME", help=_("Only on what this generator wrote; empty for none."))
@click.option("--template", metavar="NAME", help=_("Only on what was asked with this template, such as summarize.en."))
@click.option("--model", metavar="NAME", help=_("Only on what this model wrote."))
@click.option("--adapter", metavar="NAME", help=_("Only on what was written with this adapter."))
@click.option("--since", default="", metavar="DATE", help=_("Only from this day on, such as 2026-11-24 (UTC)."))
@click.option(
    "--split",
    type=click.Choice(["train", "test", "all"]),
    default="all",
    show_default=True,
    help=_("Which part; a conversation is always in the same one."),
)
@click.option(
    "--test-fraction",
    type=click.FloatRange(0, 1),
    default=TEST_FRACTION,
    show_default=True,
    help=_("Share of the conversations that is for tests."),
)
@click.option("--signals", is_flag=True, help=_("Take what you did with an answer for a vote, where there is no vote."))
@click.option("--redact", is_flag=True, help=_("Make e-mail addresses, telephone numbers, keys and paths unreadable."))
@json_option
@click.pass_obj
def export(
    app: App,
    kind: DatasetKind,
    out: Path,
    generator: str | None,
    template: str | None,
    model: str | None,
    adapter: str | None,
    since: str,
    split: Split,
    test_fraction: float,
    signals: bool,
    redact: bool,
    as_json: bool,
) -> None:
    """Write a dataset and say what is in it; the same votes give the same bytes."""
    from aigc_cli.services.dataset_files import export as write
    from aigc_cli.services.dataset_files import form_of
    from aigc_cli.services.datasets import Wanted, dataset

    form_of(out, kind)
    wanted = Wanted(generator, template, model, adapter, since, signals)
    data = dataset(app.store, kind, wanted, split=split, test_fraction=test_fraction, redact=redact)
    card = write(data, out)
    if as_json:
        print_json(streams.out(app), {**asdict(data.card), "file": out, "card_file": card})
        return
    streams.notices(app)
    titles = {"rows": _("rows"), "counts": _("by label"), "sources": _("by source"), "left_out": _("left out")}
    titles |= {"redacted": _("redacted"), "conversations": _("conversations"), "sha256": "sha256"}
    shown = {key: value for key, value in asdict(data.card).items() if key in titles}
    print_fields(streams.out(app), {titles[key]: _counted(value) for key, value in shown.items()})


@click.command(
    "import", help=_("Take in votes from a file that `aigc feedback export` wrote, or one in the same form.")
)
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def import_(app: App, file: Path, as_json: bool) -> None:
    """Add votes and pairs with their conversations; what was taken in before is left alone."""
    from aigc_cli.services.dataset_files import take_in

    taken = take_in(app.store, file)
    if as_json:
        print_json(streams.out(app), asdict(taken))
        return
    fields = {_("rows"): taken.rows, _("votes added"): taken.votes, _("pairs added"): taken.pairs}
    print_fields(streams.out(app), {**fields, _("rows that cannot be used"): taken.skipped})


def _counted(value: object) -> object:
    return ", ".join(f"{name} {count}" for name, count in value.items()) if isinstance(value, dict) else value
