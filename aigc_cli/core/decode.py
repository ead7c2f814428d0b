"""Bytes from outside made into text."""

from __future__ import annotations

import codecs

from aigc_cli.core.errors import UndecodableInput

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def decode(data: bytes, name: str) -> str:
    """Return ``data`` as text: by its byte order mark, else as UTF-8, else as GB18030, with newlines as line ends.

    Args:
        data: The bytes.
        name: What to call them in an error, such as "standard input" or a path.

    Raises:
        UndecodableInput: if they are none of these, or hold a NUL, which text never does.
    """
    marked = [encoding for mark, encoding in _MARKS.items() if data.startswith(mark)]
    for encoding in marked or ["utf-8", "gb18030"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise UndecodableInput(name=name)
