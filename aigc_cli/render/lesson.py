"""What shaped an answer."""

from __future__ import annotations

from aigc_cli.core.lesson import Lesson
from aigc_cli.i18n import _
from aigc_cli.render.filter import one_line
from aigc_cli.render.tables import print_fields, print_table
from aigc_cli.render.terminal import Terminal
from aigc_cli.render.tree import SHORT_ID


def print_lesson(terminal: Terminal, lesson: Lesson, template: str) -> None:
    """Write a line for every answer that was shown as an example, and for every instruction.

    Args:
        terminal: Where to.
        lesson: What shaped the answer.
        template: The reference of the prompt template it was made with, which names the variant; may be empty.
    """
    print_fields(terminal, {_("template"): template})
    rows = [
        {"id": one.turn[:SHORT_ID], "why": _("you liked"), "text": f"{one_line(one.question)} → {one_line(one.answer)}"}
        for one in lesson.examples
    ]
    rows += [
        {"id": turn[:SHORT_ID], "why": _("you disliked: {reason}").format(reason=advice.reason), "text": advice.text}
        for advice in lesson.advice
        for turn in advice.turns
    ]
    print_table(terminal, rows, {"id": _("id"), "why": _("why"), "text": _("what it taught")})
