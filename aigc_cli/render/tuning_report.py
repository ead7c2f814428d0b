"""The report of an adapter: one HTML page that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from aigc_cli.core.tuning import Adapter
from aigc_cli.i18n import _
from aigc_cli.render.filter import sanitize
from aigc_cli.render.training import CHECKS, PHASES, figure

_ANSWERS = 20
_WIDTH, _HEIGHT, _MARGIN = 480, 160, 40
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{border-bottom:1px solid #ccc;padding:.3rem .6rem;
text-align:left;vertical-align:top}td{white-space:pre-wrap;overflow-wrap:anywhere}.bad{color:#a00}.good{color:#060}
code{background:#eee;padding:0 .2rem}svg{max-width:100%}
"""


def tuning_report(adapter: Adapter, curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return the page of an adapter.

    Args:
        adapter: With what is known of it.
        curves: For each stage what its trainer logged at each step.
    """
    parts = [
        f"<h1>{escape(adapter.name)}</h1><p>{escape(_verdict(adapter))}</p>",
        _section(_("How it was made"), _card(adapter)),
        _section(_("Training"), "".join(_curve(name, log) for name, log in curves.items())),
        _section(_("Examination"), _checks(adapter.gate)),
        _section(_("Compared with the model alone"), _proof(adapter.proof)),
        _section(_("Before and after"), _answers(adapter.gate)),
        _section(_("How to undo it"), _undo(adapter)),
    ]
    head = f'<meta charset="utf-8"><title>{escape(adapter.name)}</title><style>{_STYLE}</style>'
    return f"<!doctype html><html><head>{head}</head><body>{''.join(parts)}</body></html>\n"


def _verdict(adapter: Adapter) -> str:
    if adapter.state == "passed":
        return _("It has passed its examination.")
    failed = [_(check["reason"]) for check in adapter.gate.get("checks", ()) if not check["passed"]]
    return _("It has not passed its examination: {reasons}.").format(reasons=", ".join(failed) or _(adapter.state))


def _section(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>{body}" if body else ""


def _table(rows: Sequence[Sequence[str]], titles: Sequence[str] = ()) -> str:
    head = f"<tr>{''.join(f'<th>{escape(title)}</th>' for title in titles)}</tr>" if titles else ""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{head}{body}</table>"


def _text(value: object) -> str:
    return escape(sanitize(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))


def _card(adapter: Adapter) -> str:
    facts = {"model": adapter.model, "model_sha256": adapter.model_sha256, "method": adapter.method}
    facts |= {"generator": adapter.generator, "created": adapter.created}
    return _table([(_text(key), _text(value)) for key, value in {**facts, **adapter.card}.items() if value])


def _checks(gate: Mapping[str, Any]) -> str:
    rows = []
    for check in gate.get("checks", ()):
        word = _("passed") if check["passed"] else _(check["reason"])
        mark = f'<span class="{"good" if check["passed"] else "bad"}">{escape(word)}</span>'
        rows.append(
            (escape(_(CHECKS[check["name"]])), *(figure(check, side) for side in ("base", "adapter", "limit")), mark)
        )
    return _table(rows, (_("test"), _("model"), _("adapter"), _("limit"), "")) if rows else ""


def _proof(proof: Mapping[str, Any]) -> str:
    if not proof:
        return f"<p>{_text(_('Not compared yet.'))}</p>"
    told = _("It wins {share:.0%} of {count} comparisons (95 % interval {low:.0%} to {high:.0%}).")
    figures = {key: proof[key] for key in ("share", "low", "high")}
    return f"<p>{_text(told.format(count=proof['comparisons'], **figures))}</p>"


def _answers(gate: Mapping[str, Any]) -> str:
    rows = [
        (_text(one["question"]), _text(one["base"]), _text(one["adapter"]))
        for one in gate.get("answers", ())[:_ANSWERS]
    ]
    return _table(rows, (_("question"), _("model"), _("adapter"))) if rows else ""


def _undo(adapter: Adapter) -> str:
    commands = ("aigc tune rollback", "aigc ask --adapter none …", f"aigc tune delete {adapter.name}")
    return f"<ul>{''.join(f'<li><code>{escape(command)}</code></li>' for command in commands)}</ul>"


def _curve(name: str, log: Sequence[Mapping[str, Any]]) -> str:
    """Return the loss of a stage as a line."""
    points = [(entry["step"], float(entry["loss"])) for entry in log if "loss" in entry and "step" in entry]
    if not points:
        return ""
    last, most = max(step for step, _loss in points), max(loss for _step, loss in points) or 1.0
    least = min(0.0, *(loss for _step, loss in points))

    def place(step: float, loss: float) -> str:
        x = _MARGIN + (_WIDTH - 2 * _MARGIN) * step / last
        return f"{x:.1f},{_HEIGHT - _MARGIN / 2 - (_HEIGHT - _MARGIN) * (loss - least) / (most - least):.1f}"

    line = " ".join(place(step, loss) for step, loss in points)
    title = escape(f"{_(PHASES[name])} ({name}): {_('loss')}")
    texts = (
        f'<text x="4" y="{_MARGIN / 2}" font-size="12">{most:.3g}</text>'
        f'<text x="{_WIDTH - _MARGIN}" y="{_HEIGHT - 4}" font-size="12">{last}</text>'
    )
    shape = f'<polyline fill="none" stroke="#06c" stroke-width="2" points="{line}"/>'
    return f'<p>{title}</p><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">{shape}{texts}</svg>'
