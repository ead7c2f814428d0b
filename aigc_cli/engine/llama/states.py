"""Evaluated prompts kept on disk, so that another process need not evaluate them again.

One file for each, as ``llama_state_seq_save_file`` writes it: magic, version, number of tokens, tokens, keys and
values. Its name is the fingerprint of everything that the values depend on besides the tokens, and the CRC-32 of the
content. A file that is not what its name says is removed and never loaded.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import os
import secrets
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from aigc_cli.engine.llama.binding import C
from aigc_cli.engine.llama.context import Context

_HEAD = struct.Struct("<III")
_SUFFIX = ".kv"
_CHUNK = 1 << 22
_MAX_TOKENS = 1 << 20


class StateCache:
    """A folder of evaluated prompts, the least recently used of which go first.

    Nothing in it is needed: whatever cannot be read or written is passed over.

    Args:
        folder: Where they are; made at need, for its owner alone.
        limit: Bytes that all files together may have.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit

    def known(self, fingerprint: str) -> Iterator[tuple[Path, list[int]]]:
        """Yield each file with ``fingerprint``, and the tokens it says it holds."""
        for path in self._folder.glob(f"{fingerprint}-*{_SUFFIX}"):
            tokens = _tokens(path)
            if tokens:
                yield path, tokens

    def load(self, path: Path, context: Context) -> bool:
        """Let sequence 0 of ``context`` hold what is in ``path``; False if it is damaged or does not fit."""
        try:
            if f"{_checksum(path):08x}" != path.stem.rpartition("-")[2]:
                path.unlink()
                return False
            os.utime(path)
        except OSError:
            return False
        tokens = (ctypes.c_int32 * context.cells)()
        count = ctypes.c_size_t()
        name = str(path).encode("utf-8", "surrogateescape")
        return bool(C.llama_state_seq_load_file(context.handle, name, 0, tokens, context.cells, ctypes.byref(count)))

    def save(self, fingerprint: str, context: Context, sequence: int, tokens: list[int]) -> Path | None:
        """Keep what ``sequence`` of ``context`` holds; return its file, or None if it is not worth it or fails."""
        size = C.llama_state_seq_get_size(context.handle, sequence)
        if size > self._limit:
            return None
        draft = self._folder / f"{secrets.token_hex(8)}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._make_room(size)
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            held = (ctypes.c_int32 * len(tokens))(*tokens)
            name = str(draft).encode("utf-8", "surrogateescape")
            if not C.llama_state_seq_save_file(context.handle, name, sequence, held, len(tokens)):
                draft.unlink()
                return None
            path = self._folder / f"{fingerprint}-{_checksum(draft):08x}{_SUFFIX}"
            draft.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink()
            return None
        return path

    def _make_room(self, size: int) -> None:
        files = sorted(((p.stat().st_mtime_ns, p.stat().st_size, p) for p in self._folder.iterdir()), reverse=True)
        for _, bytes_there, path in files:
            size += bytes_there
            if size > self._limit:
                path.unlink(missing_ok=True)


def _tokens(path: Path) -> list[int]:
    try:
        with path.open("rb") as file:
            magic, version, count = _HEAD.unpack(file.read(_HEAD.size))
            tokens = array.array("i", file.read(4 * min(count, _MAX_TOKENS)))
    except (OSError, ValueError, struct.error):
        return []
    sound = (magic, version, count) == (C.LLAMA_STATE_SEQ_MAGIC, C.LLAMA_STATE_SEQ_VERSION, len(tokens))
    return tokens.tolist() if sound else []


def _checksum(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            value = zlib.crc32(chunk, value)
    return value
