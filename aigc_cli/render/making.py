"""How the work of a generator is shown: progress while it lasts, and then what was made."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aigc_cli.core.events import PromptProgress, TextDelta
from aigc_cli.core.generator import Artifact, Check, Confirm, Edit, Report
from aigc_cli.core.making import Drafting, Made, MakingEvent
from aigc_cli.core.text import Notice
from aigc_cli.render.aside import Aside
from aigc_cli.render.filter import one_line, sanitize
from aigc_cli.render.front_matter import without_front_matter
from aigc_cli.render.json_ import dumps
from aigc_cli.render.terminal import Terminal

if TYPE_CHECKING:
    from aigc_cli.render.workbench import Workbench

_REPORTS = 10
"""Lines for a whole run where nothing can be drawn in place."""


class MakingRenderer:
    """Shows the events of a generator, in the order in which they happen.

    Args:
        stdout: Takes what was made, unless a file did.
        stderr: Takes everything else.
        json: One object instead of text.
        markdown: Render Markdown on a terminal.
        quiet: No progress and no notices.
    """

    def __init__(
        self, stdout: Terminal, stderr: Terminal, *, json: bool = False, markdown: bool = True, quiet: bool = False
    ) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self._json = json
        self._markdown = markdown
        self._quiet = quiet
        self._aside = Aside(stderr, quiet=quiet)
        self._bench: Workbench | None = None
        self._shown = True
        self._label = ""
        self._tenths = 0
        if stderr.cursor and not quiet:
            from aigc_cli.render.workbench import Workbench

            self._bench = Workbench(stderr)

    def handle(self, event: MakingEvent) -> None:
        """Show ``event``; raises BrokenPipeError if nobody reads the output any more."""
        match event:
            case Notice() | Confirm() | Edit() | Made():
                self.close()
                self._tell(event)
            case Drafting(label=label) if self._bench is None:
                self._label = label
            case Report() if self._bench is None:
                self._line(event)
            case _ if self._bench:
                self._draw(self._bench, event)

    def close(self) -> None:
        """Leave the terminal tidy, also after an interruption. Twice does nothing."""
        if self._bench:
            self._bench.hide()

    def _draw(self, bench: Workbench, event: MakingEvent) -> None:
        match event:
            case Drafting(label=label, shown=shown):
                self._shown = shown
                bench.begin(label)
            case TextDelta(candidate=0, text=text) if self._shown:
                bench.grow(text)
            case PromptProgress():
                bench.read(event)
            case Report():
                bench.report(event)

    def _tell(self, event: MakingEvent) -> None:
        match event:
            case Notice():
                self._aside.notice(event)
            case Made() if self._json:
                self._stdout.stream.write(dumps(as_data(event)) + "\n")
                self._stdout.stream.flush()
            case Made(artifact=artifact, path=path):
                if path is None:
                    print_artifact(self._stdout, artifact, markdown=self._markdown)
                if not self._quiet and (artifact.check.notes or not artifact.check.valid):
                    print_check(self._stderr, artifact.check)

    def _line(self, step: Report) -> None:
        """Write a line for every tenth of the work."""
        tenths = _REPORTS * step.done // max(step.total, 1)
        if tenths > self._tenths and not self._quiet:
            self._tenths = tenths
            self._stderr.stream.write(one_line(f"{step.label or self._label} {step.done}/{step.total}") + "\n")
            self._stderr.stream.flush()


def print_artifact(terminal: Terminal, artifact: Artifact, *, markdown: bool) -> None:
    """Write the text of an artifact: drawn if it is Markdown and wanted so, else as it is, on a terminal filtered."""
    if artifact.format == "markdown" and markdown and terminal.cursor:
        from aigc_cli.render.markdown import print_markdown

        print_markdown(terminal, without_front_matter(artifact.text))
    else:
        text = sanitize(artifact.text) if terminal.is_tty else artifact.text
        terminal.stream.write(text.rstrip("\n") + "\n")
    terminal.stream.flush()


def print_check(terminal: Terminal, check: Check) -> None:
    """Write the marked text, if there is one, and each problem and each note on a line."""
    if check.marked:
        terminal.stream.write(sanitize(check.marked).rstrip("\n") + "\n")
    for problem in check.problems:
        terminal.stream.write(f"- {one_line(problem)}\n")
    for note in check.notes:
        terminal.stream.write(one_line(note) + "\n")
    terminal.stream.flush()


def as_data(made: Made) -> dict[str, object]:
    """Return what JSON says of a run: everything about the answer, and the artifact with its check."""
    answer = asdict(made.answer)
    artifact = {"kind": made.artifact.kind, "title": made.artifact.title, "text": made.artifact.text, "path": made.path}
    check = check_data(made.artifact.check)
    return {
        "version": answer.pop("version"),
        **answer,
        "generator": made.generator,
        "artifact": artifact,
        "check": check,
    }


def check_data(check: Check) -> dict[str, object]:
    """Return what JSON says of a check; its facts stand beside whether it is valid and cannot take that place."""
    own = {"valid": check.valid, "problems": check.problems, "marked": check.marked, "notes": check.notes}
    return {**own, **{name: value for name, value in check.facts.items() if name not in own}}
