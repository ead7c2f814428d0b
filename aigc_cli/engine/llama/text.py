"""From the bytes of tokens to text that may be shown: whole characters, and nothing of a stop string."""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class AnswerText:
    """Grows by the bytes of one token at a time and gives out what is certain to belong to the answer.

    A character is given out when all its bytes are there. The end of the text is held back while it could be the
    beginning of a stop string. The answer ends before the first occurrence of any of them.

    Attributes:
        stopped: Whether a stop string was met; nothing may be added afterwards.
    """

    def __init__(self, stop: Sequence[str] = ()) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._stop = tuple(filter(None, stop))
        self._longest = max(map(len, self._stop), default=0)
        self._held = ""
        self.stopped = False

    def add(self, piece: bytes) -> str:
        """Add the bytes of a token and return the text that can be shown now."""
        text = self._decoder.decode(piece)
        if not self._stop:
            return text
        text = self._held + text
        found = [at for at in map(text.find, self._stop) if at >= 0]
        if found:
            self._held = ""
            self.stopped = True
            return text[: min(found)]
        keep = self._beginnings(text)
        self._held = text[keep:]
        return text[:keep]

    def finish(self) -> str:
        """Return the text still held back, now that no more follows. An unfinished character is left out."""
        held, self._held = self._held, ""
        return held

    def _beginnings(self, text: str) -> int:
        """Return where the longest end of ``text`` starts that is the beginning of a stop string."""
        for start in range(max(0, len(text) - self._longest + 1), len(text)):
            tail = text[start:]
            if any(stop.startswith(tail) for stop in self._stop):
                return start
        return len(text)
