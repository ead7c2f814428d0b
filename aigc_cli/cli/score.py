"""``aigc score``: how likely a model finds a text."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

import click

from aigc_cli.app import App
from aigc_cli.cli import show
from aigc_cli.cli.options import json_option, model_option
from aigc_cli.cli.texts import piped_text
from aigc_cli.core.errors import UsageProblem
from aigc_cli.i18n import _
from aigc_cli.render.heat import legend, print_heat
from aigc_cli.render.tables import print_fields, print_json
from aigc_cli.services.attachments import read_text


@click.command(
    help=_(
        "Score a text under a model: mean log-likelihood and perplexity, and the text coloured by surprise. "
        "Without FILE the text is read from a pipe."
    )
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@model_option
@json_option
@click.pass_obj
def score(app: App, /, file: Path | None, model: str | None, as_json: bool) -> None:
    """Show the log-probability of every token of a text given those before it."""
    show.notices(app)
    text = read_text(file) if file else piped_text()
    name = app.loader.load(model)
    tokens = app.loader.engine().score(text)
    if not tokens:
        raise UsageProblem(detail=_("there is nothing to score: a text needs two tokens at least"))
    mean = sum(token.logprob for token in tokens) / len(tokens)
    facts = {"model": name, "mean_log_likelihood": mean, "perplexity": math.exp(-mean)}
    out = show.out(app)
    if as_json:
        print_json(out, {"version": 1, **facts, "tokens": [asdict(token) for token in tokens]})
        return
    print_heat(out, tokens)
    out.stream.write("\n")
    print_fields(
        out,
        {
            _("model"): name,
            _("tokens"): len(tokens),
            _("mean log-likelihood"): f"{mean:.4f}",
            _("perplexity"): f"{math.exp(-mean):.2f}",
        },
    )
    if colors := legend(out):
        out.stream.write(f"{_('probability')}  {colors}\n")
