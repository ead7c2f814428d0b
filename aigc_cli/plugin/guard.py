"""Running a plugin's code so that it can neither stop, nor silence, nor change the program."""

from __future__ import annotations

import builtins
import io
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib.abc import MetaPathFinder
from typing import TypeVar

from aigc_cli.plugin.checks import Misbehaviour

T = TypeVar("T")
PATIENCE = 5.0
"""Seconds that loading a plugin, or one hook, may take."""
HEAVY = frozenset({"jax", "llama_cpp", "tensorflow", "torch", "transformers"})
"""Libraries that take seconds to import, which is for the moment when they are needed."""
_OURS = "aigc_cli"
_STREAMS = ("stdin", "stdout", "stderr", "excepthook", "displayhook")


def attempt(function: Callable[[], T]) -> T:
    """Return what ``function``, code of a plugin's, returns.

    It runs in a thread that is left behind if it takes too long. What it writes to standard output is a fault, as that
    carries answers only; what it writes to standard error is dropped. What it changes in the program is put back. A
    heavy library is not imported for it.

    Raises:
        Misbehaviour: if it does one of these things.
        BaseException: whatever it raises.
    """
    outcome: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(function())
        except BaseException as error:  # raised again below
            errors.append(error)

    before = _places()
    written = io.StringIO()
    worker = threading.Thread(target=run, name="plugin", daemon=True)
    with redirect_stdout(written), redirect_stderr(io.StringIO()), _nothing_heavy(worker):
        worker.start()
        worker.join(PATIENCE)
    changed = _put_back(before)
    if worker.is_alive():
        raise Misbehaviour(f"it takes longer than {PATIENCE:g} seconds")
    if changed:
        raise Misbehaviour(f"it changes parts of the program: {', '.join(sorted(changed)[:3])}")
    if errors:
        raise errors[0]
    if text := written.getvalue():
        raise Misbehaviour(f"it writes to standard output: {text[:40]!r}")
    return outcome[0]


@contextmanager
def _nothing_heavy(thread: threading.Thread) -> Iterator[None]:
    """Let ``thread`` import nothing that takes seconds; other threads may, such as the one that loads the model."""

    class Watch(MetaPathFinder):
        def find_spec(self, fullname: str, path: object, target: object = None) -> None:
            if fullname in HEAVY and threading.current_thread() is thread:
                raise Misbehaviour(f"it imports {fullname} before that is needed")

    watch = Watch()
    sys.meta_path.insert(0, watch)
    try:
        yield
    finally:
        sys.meta_path.remove(watch)


def _places() -> dict[tuple[int, str], tuple[object, str, object]]:
    """Return where the functions, classes and streams of the program are, and what is there."""
    found = {}
    for owner, name, value in _members():
        found[id(owner), name] = (owner, name, value)
    return found


def _members() -> Iterator[tuple[object, str, object]]:
    for name in _STREAMS:
        yield sys, name, getattr(sys, name)
    for library in (builtins, json, os):
        yield from ((library, name, value) for name, value in list(vars(library).items()) if callable(value))
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] == _OURS:
            for name, value in list(vars(module).items()):
                if callable(value):
                    yield module, name, value
                if isinstance(value, type) and value.__module__ == module_name:
                    yield from ((value, key, member) for key, member in vars(value).items() if callable(member))


def _put_back(before: dict[tuple[int, str], tuple[object, str, object]]) -> list[str]:
    """Undo changes and return the names of what was changed."""
    changed = []
    for owner, name, value in before.values():
        if vars(owner).get(name) is not value:
            setattr(owner, name, value)
            changed.append(f"{getattr(owner, '__name__', owner)}.{name}")
    return changed
