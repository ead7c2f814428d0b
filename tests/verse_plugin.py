"""A generator to test with, and its metadata as pip would lay it out."""

from __future__ import annotations

from pathlib import Path

CODE = """
from aigc_cli.api import *

def check(text, options, language):
    lines = text.splitlines()
    wanted = options["lines"]
    problems = () if len(lines) == wanted else (f"{len(lines)} lines instead of {wanted}",)
    notes = ("it is wide",) if options["wide"] else ()
    return Check(not problems, problems, text + "\\n~~~" if problems else "", {"lines": len(lines)}, notes)

def flow(brief):
    opening = Request((Message("system", "Write verse."), Message("user", brief.topic)))
    (title,) = yield Complete(opening, "title")
    lines, turn = [], ""
    if brief.options["as"] == "code" and not (yield Confirm("Really code?", "wide")):
        raise UsageProblem(detail="no code then")
    seed_text = yield Edit(title.text)
    for i in range(brief.options["lines"]):
        yield Report(i, brief.options["lines"], "lines")
        request = Request(
            (*opening.messages, Message("assistant", title.text), Message("user", f"{seed_text} {i}")),
            candidates=brief.candidates or 1,
        )
        done = yield Complete(request, f"line {i + 1}")
        best = done[0]
        lines.append(best.text)
        turn = best.turn
    yield Call(lambda: {"ran": True}, "run")
    if brief.options["short"]:
        lines.pop()
    text = "\\n".join(lines)
    kind = {"md": "markdown", "code": "code"}.get(brief.options["as"], "plain")
    return Artifact("verse", title.text, text, check(text, brief.options, brief.language), kind, turn)

@hookimpl
def aigc_generators():
    en = lambda text, zh="": {"en": text, "zh": zh or text}
    yield Generator(
        "verse",
        en("Write verse.", "写诗句。"),
        flow,
        options=(
            Option("lines", en("How many lines.", "行数。"), "int", 2, minimum=1, maximum=9),
            Option("as", en("Format."), "choice", "plain", choices=("plain", "md", "code")),
            Option("short", en("Leave one out."), "bool", False),
            Option("wide", en("Ask."), "bool"),
            Option("like", en("An example."), "file", multiple=True),
        ),
        reasons={"flat": en("it is flat", "平淡")},
        check=check,
    )
"""


def install(site: Path, name: str = "verse", code: str = CODE, distribution: str = "") -> None:
    """Put a plugin of one module where Python finds it if ``site`` is on its path."""
    distribution = distribution or f"aigc-{name}"
    module = distribution.replace("-", "_")
    (site / f"{module}.py").write_text(code, encoding="utf-8")
    about = site / f"{module}-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(f"[aigc]\n{name} = {module}\n", encoding="utf-8")
