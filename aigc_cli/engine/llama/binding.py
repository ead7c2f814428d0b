"""The C functions of llama.cpp, loaded without the rest of the binding, and its log.

``import llama_cpp`` also imports numpy, Jinja and a disk cache that the token loop has no use for: 0.2 s, against
0.05 s for the module of C functions alone. So that module is imported beside an empty package, which is taken away
again: whoever imports ``llama_cpp`` later gets all of it, with the same functions.

GNU's OpenMP, which llama.cpp's threads wait for each other with, reads ``GOMP_SPINCOUNT`` when it is loaded. By
default a waiting thread keeps its core busy for so long that on a crowded machine the one it waits for cannot run.
"""

from __future__ import annotations

import collections
import importlib
import importlib.util
import os
import sys
import types
from pathlib import Path
from typing import Any

from aigc_cli.core.errors import EngineError
from aigc_cli.core.text import N_

_PACKAGE = "llama_cpp"
_SPIN = "GOMP_SPINCOUNT"
_SPINS = "1000"
_WARNING = 3
_ERROR = 4


def _load() -> Any:  # noqa: ANN401 - the binding has no usable annotations
    if _PACKAGE in sys.modules:
        return importlib.import_module(f"{_PACKAGE}.llama_cpp")
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.submodule_search_locations is None:
        raise EngineError(detail=N_("llama-cpp-python is not installed"))
    package = types.ModuleType(_PACKAGE)
    package.__path__ = spec.submodule_search_locations
    sys.modules[_PACKAGE] = package
    chosen = os.environ.get(_SPIN)
    os.environ.setdefault(_SPIN, _SPINS)
    try:
        return importlib.import_module(f"{_PACKAGE}.llama_cpp")
    except (OSError, RuntimeError) as error:
        raise EngineError(detail=str(error)) from error
    finally:
        del sys.modules[_PACKAGE]
        if chosen is None:
            del os.environ[_SPIN]


class _Log:
    """Receives every line of llama.cpp's log, which would otherwise go to stderr."""

    def __init__(self) -> None:
        self._descriptor: int | None = None
        self._path: Path | None = None
        self._errors: collections.deque[str] = collections.deque(maxlen=4)

    def write(self, level: int, text: bytes, _data: object) -> None:
        if self._descriptor is not None:
            os.write(self._descriptor, text)
        if level in (_WARNING, _ERROR):
            self._errors.append(text.decode("utf-8", "replace").strip())

    def redirect(self, path: Path | None) -> None:
        if path == self._path:
            return
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._path = path

    def take_errors(self) -> str:
        errors = "; ".join(dict.fromkeys(filter(None, self._errors)))
        self._errors.clear()
        return errors


C: Any = _load()
_log = _Log()
_callback = C.llama_log_callback(_log.write)
C.llama_log_set(_callback, None)
C.llama_backend_init()


def log_to(path: Path | None) -> None:
    """Append llama.cpp's log to ``path`` from now on; None discards it. The log is one for the whole process."""
    _log.redirect(path)


def last_errors() -> str:
    """Return what llama.cpp complained about since this was last asked, as one line; empty if nothing."""
    return _log.take_errors()
