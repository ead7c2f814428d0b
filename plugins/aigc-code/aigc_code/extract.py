"""Finding the program in what a model wrote."""

from __future__ import annotations

import re

from aigc_code.languages import Language

_FENCE = re.compile(
    r"^[ \t]*(?:```|~~~)[ \t]*([\w+#-]*)[^\n]*\n(.*?)(?:^[ \t]*(?:```|~~~)|\Z)", re.DOTALL | re.MULTILINE
)


def program(text: str, language: Language, begun: str = "") -> str:
    """Return the program in an answer, without what a model likes to add to it; empty if there is none.

    It is the block that defines what ``begun`` begins, else the first one marked as of the language, else the first.

    Args:
        text: What the model wrote.
        language: Of the program.
        begun: The beginning of the definition that it was to write; empty for any.
    """
    blocks = [(tag.lower(), body) for tag, body in _FENCE.findall(text)]
    ours = [body for tag, body in blocks if tag in (language.name, *language.tags)]
    name = language.name_of(begun)
    defining = [body for body in ours or [body for _, body in blocks] if name and language.name_of(body) == name]
    found = next(iter(defining or ours or [body for _, body in blocks]), "")
    return language.tidy(found.strip("\n").rstrip(), begun).strip("\n")


def tests(text: str, language: Language, name: str) -> list[str]:
    """Return the tests in an answer that use ``name``, each once; of SQL, all cases.

    Args:
        text: What the model wrote.
        language: Of the tests.
        name: What they are to test.
    """
    source = "\n".join(body for _, body in _FENCE.findall(text))
    mark = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])") if name else re.compile("")
    found = [test.strip() for test in language.test.findall(source)]
    return list(dict.fromkeys(test for test in found if mark.search(test) and not language.fault(test)))
