"""Whether llama.cpp survives a model file, found out in a process that may die, and the hash of one that it does.

``python -m aigc_cli.engine.llama.probe FILE`` loads the file as the engine would, renders its chat template and
evaluates two tokens. llama.cpp ends the process over some damaged files, and a template may fill the memory; then
only this process is gone. A file is hashed while that process works, so once in its life.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from aigc_cli.core.errors import AigcError, BadModelFile
from aigc_cli.core.gguf import read_model
from aigc_cli.core.text import N_

_SOUND = "sound"
_SECONDS = 900
_CHUNK = 1 << 20
_HASH_LENGTH = 64
_TEMPLATE_BYTES = 1 << 30
_SAMPLE = "Hello, 世界 <|im_start|>\n\t 1234"


def check(path: Path, cache: Path | None) -> str:
    """Find out whether ``path`` can be loaded, unless it was found sound before, and return its SHA-256 in hexadecimal.

    Args:
        path: A model file.
        cache: Folder that remembers the hashes of sound files by path, inode, size and time of change; None remembers
            nothing.

    Raises:
        BadModelFile: if it cannot.
    """
    read_model(path)
    mark = _mark(path, cache) if cache else None
    known = _remembered(mark) if mark else ""
    if known:
        return known
    with concurrent.futures.ThreadPoolExecutor(1) as pool:  # hashing releases the interpreter lock
        digest = pool.submit(_hash, path)
        _probe(path)
        sha256 = digest.result()
    if mark:
        with contextlib.suppress(OSError):  # then it is probed again next time
            mark.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
                out.write(sha256)
    return sha256


def _probe(path: Path) -> None:
    command = [sys.executable, "-m", __name__, str(path.absolute())]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "CUDA_VISIBLE_DEVICES": ""}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            cwd=os.sep,  # `python -m` would import from the user's current folder
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BadModelFile(path=path, detail=N_("llama.cpp does not finish loading it")) from None
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").strip()
        raise BadModelFile(path=path, detail=said or N_("llama.cpp crashes when it loads it"))


def main(arguments: Sequence[str]) -> int:
    """Load the model file that is the only argument; return 0 if that went well, else say on stdout why not."""
    from aigc_cli.core.message import Message
    from aigc_cli.engine.llama.chat import model_template
    from aigc_cli.engine.llama.context import Context
    from aigc_cli.engine.llama.model import Model
    from aigc_cli.engine.llama.settings import LlamaSettings

    _limit("RLIMIT_CORE", 0)
    (name,) = arguments
    try:
        model = Model(Path(name), gpu_layers=0)
        tokens = model.tokenize(_SAMPLE, special=True)
        model.detokenize([*tokens, model.vocabulary - 1])
        context = Context(model, LlamaSettings(batch=32), limit=64)
        context.decode([tokens[0], model.vocabulary - 1], [0, 1], [0, 0], all_logits=False)
        _limit("RLIMIT_AS", _address_space() + _TEMPLATE_BYTES)
        model_template(model).pieces([Message("user", _SAMPLE)])
    except AigcError as error:
        print(error.params["detail"])  # noqa: T201 - the answer to the process that asked
        return error.exit_code
    return 0


def _mark(path: Path, cache: Path) -> Path:
    path = path.resolve()
    facts = path.stat()
    key = f"{path}\0{facts.st_ino}\0{facts.st_size}\0{facts.st_mtime_ns}"
    return cache / _SOUND / hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _remembered(mark: Path) -> str:
    """Return the hash that is kept in ``mark``; empty if there is none, or not a whole one."""
    try:
        known = mark.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""
    return known if len(known) == _HASH_LENGTH else ""


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise BadModelFile(path=path, detail=error.strerror or str(error)) from error
    return digest.hexdigest()


def _limit(name: str, value: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no limits of this kind
        return
    resource.setrlimit(getattr(resource, name), (value, value))


def _address_space() -> int:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except OSError:  # not Linux: the limit is as good as none
        return 1 << 46
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
