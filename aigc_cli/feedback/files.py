"""Datasets as files: JSON Lines, Parquet (pyarrow) and CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from aigc_cli.core.dataset import Row
from aigc_cli.core.errors import MissingExtra, UnreadableFile
from aigc_cli.core.text import N_, Notice
from aigc_cli.feedback.datasets import as_lines

_MESSAGES = ("prompt", "completion", "chosen", "rejected")


def write(path: Path, form: str, rows: Sequence[Row]) -> None:
    """Write ``rows`` to ``path``; the same rows give the same bytes.

    ``form`` is "jsonl", "parquet" or "csv". In CSV messages are JSON, except for an answer, which is its text.

    Raises:
        MissingExtra: if Parquet is wanted and pyarrow is not installed.
        OSError: if it cannot be written.
    """
    _WRITERS[form](path, rows)


def read(path: Path) -> Iterator[Row]:
    """Yield the rows of a file that `write` wrote, or another program in the same form.

    Raises:
        UnreadableFile: if it cannot be read, or is something else.
        MissingExtra: if it is Parquet and pyarrow is not installed.
    """
    form = path.suffix.lower().removeprefix(".")
    if form not in _READERS:
        raise UnreadableFile(path=path, detail=Notice(N_("its name must end with one of {known}"), {"known": FORMS}))
    try:
        yield from _READERS[form](path)
    except (OSError, ValueError, KeyError, RecursionError) as error:
        raise UnreadableFile(path=path, detail=getattr(error, "strerror", None) or error) from error


def _write_lines(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(as_lines(rows))


def _read_lines(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError(f"line {number} is no object")
                yield row


def _write_parquet(path: Path, rows: Sequence[Row]) -> None:
    arrow, parquet = _arrow()
    message = arrow.list_(arrow.struct([("role", arrow.string()), ("content", arrow.string())]))
    names = list(rows[0]) if rows else ["prompt"]
    kinds = {"label": arrow.bool_(), **dict.fromkeys(_MESSAGES, message)}
    schema = arrow.schema([(name, kinds.get(name, arrow.string())) for name in names])
    parquet.write_table(arrow.Table.from_pylist(list(rows), schema=schema), path)


def _read_parquet(path: Path) -> Iterator[Row]:
    _, parquet = _arrow()
    for batch in parquet.ParquetFile(path).iter_batches():
        yield from batch.to_pylist()


def _write_csv(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # the mark lets spreadsheets see that it is UTF-8
        writer = csv.DictWriter(file, list(rows[0]) if rows else ["prompt"], lineterminator="\n")
        writer.writeheader()
        for row in rows:
            prompt = json.dumps(row["prompt"], ensure_ascii=False)
            label = str(row["label"]).lower()
            writer.writerow({**row, "prompt": prompt, "completion": row["completion"][0]["content"], "label": label})


def _read_csv(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            completion = [{"role": "assistant", "content": row["completion"]}]
            label = {"true": True, "false": False}[row["label"].lower()]
            yield {**row, "prompt": json.loads(row["prompt"]), "completion": completion, "label": label}


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtra(package="pyarrow", extra="learn") from error
    return pyarrow, parquet


_WRITERS: dict[str, Callable[[Path, Sequence[Row]], None]] = {
    "jsonl": _write_lines,
    "parquet": _write_parquet,
    "csv": _write_csv,
}
_READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "jsonl": _read_lines,
    "parquet": _read_parquet,
    "csv": _read_csv,
}
FORMS = ", ".join(f".{form}" for form in _READERS)
