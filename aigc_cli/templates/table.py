"""Reading a TOML table whose every mistake is to be named."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
_SPOKEN: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


@dataclass
class Table:
    """A table whose values are taken one by one.

    Attributes:
        where: The table's own path in the file, for complaints.
        problems: Complaints, shared with the tables inside.
        taken: Keys that were asked for, which are those the format has.
    """

    data: dict[str, Any]
    where: str = ""
    problems: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def complain(self, key: str, detail: str) -> None:
        """Note what is wrong with a key, or with the table itself if ``key`` is empty."""
        self.problems.append(f"{self._path(key)}: {detail}")

    def take(
        self,
        key: str,
        wanted: type[T],
        *,
        required: bool = False,
        check: Callable[[T], str] | None = None,
    ) -> T | None:
        """Return the value of ``key``, or None if it is missing or bad; bad ones are complained of."""
        self.taken.add(key)
        value = self.data.get(key)
        if value is None:
            if required:
                self.complain(key, "is missing")
            return None
        if wanted is float and type(value) is int:
            value = float(value)
        if type(value) is not wanted or value in (math.inf, -math.inf) or value != value:
            self.complain(key, f"must be {_SPOKEN[wanted]}")
            return None
        if check and (detail := check(value)):
            self.complain(key, detail)
            return None
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty if there is none."""
        values = self.take(key, list) or []
        if not all(isinstance(value, str) and value for value in values):
            self.complain(key, "must be a list of texts that are not empty")
            return ()
        return tuple(values)

    def table(self, key: str) -> Table:
        """Return the table under ``key``, an empty one if there is none."""
        return Table(self.take(key, dict) or {}, self._path(key), self.problems)

    def tables(self, key: str) -> list[Table]:
        """Return the tables of an array of tables, numbered from 1 in complaints."""
        values = self.take(key, list) or []
        if not all(isinstance(value, dict) for value in values):
            self.complain(key, f"must be tables, each written as [[{key}]]")
            return []
        return [Table(value, f"{self._path(key)}[{number}]", self.problems) for number, value in enumerate(values, 1)]

    def refuse_rest(self) -> None:
        """Complain of every key that was never asked for."""
        for key in self.data:
            if key not in self.taken:
                self.complain(key, "is not a key of the format; there are " + ", ".join(sorted(self.taken)))

    def _path(self, key: str) -> str:
        return ".".join(part for part in (self.where, key) if part)
