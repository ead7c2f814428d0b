"""Model files from strangers."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aigc_cli.core.errors import BadModelFile
from aigc_cli.core.gguf import read_header
from aigc_cli.engine.llama.engine import LlamaEngine
from aigc_cli.engine.llama.probe import check
from aigc_cli.engine.llama.settings import LlamaSettings

Ask = Callable[..., Any]


def _refused(path: Path) -> str:
    with pytest.raises(BadModelFile) as caught:
        LlamaEngine(path, LlamaSettings(), print)
    return str(caught.value)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    """A missing file, an empty one, a text and a folder are errors that name the file."""
    (tmp_path / "empty.gguf").touch()
    (tmp_path / "text.gguf").write_text("hello " * 100, encoding="utf-8")
    for name in ("missing.gguf", "empty.gguf", "text.gguf", "."):
        assert str(tmp_path / name) in _refused(tmp_path / name)


def test_a_truncated_model_is_refused(model_path: Path, tmp_path: Path) -> None:
    """A download that broke off is an error."""
    path = tmp_path / "cut.gguf"
    path.write_bytes(model_path.read_bytes()[:50_000_000])
    _refused(path)


def test_a_model_that_kills_llama_cpp_is_refused(model_path: Path, tmp_path: Path) -> None:
    """A file over which llama.cpp ends its process is an error here, not the end of this one."""
    data = bytearray(model_path.read_bytes())
    key = b"llama.attention.head_count_kv"
    at = data.index(key) + len(key) + 4
    data[at : at + 4] = (2**31 + 7).to_bytes(4, "little")
    path = tmp_path / "deadly.gguf"
    path.write_bytes(data)
    _refused(path)


def test_a_sound_file_is_probed_once(model_path: Path, tmp_path: Path) -> None:
    """A file that was found sound is remembered until it changes."""
    path = tmp_path / "model.gguf"
    path.symlink_to(model_path)
    check(path, tmp_path / "cache")
    (mark,) = (tmp_path / "cache" / "sound").iterdir()
    assert mark.stat().st_mode & 0o777 == 0o600
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF")
    with pytest.raises(BadModelFile):
        check(broken, tmp_path / "cache")
    assert len(list((tmp_path / "cache" / "sound").iterdir())) == 1


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_mutation_ends_the_process(model_path: Path, tmp_path: Path) -> None:
    """300 copies of the model with damage in head, metadata, tensor table or length: each loads or is refused."""
    whole = model_path.read_bytes()
    head = min(tensor.offset for tensor in read_header(model_path).tensors)
    path = tmp_path / "mutant.gguf"
    path.write_bytes(whole)
    draw = random.Random(20)
    for number in range(300):
        with path.open("r+b") as file:
            for _ in range(draw.choice([1, 1, 2, 8])):
                place = draw.choice([draw.randrange(24), draw.randrange(3000), head - draw.randrange(1, 20_000)])
                file.seek(place)
                file.write(bytes([draw.choice([0, 1, 255, whole[place] ^ (1 << draw.randrange(8))])]))
            if number % 10 == 0:
                file.truncate(draw.randrange(len(whole)))
        done = subprocess.run([sys.executable, "-c", _LOAD, path], capture_output=True, timeout=300, check=False)
        assert done.returncode in (0, 3), (number, done.returncode, done.stdout, done.stderr)
        assert done.stdout.count(b"\n") == (done.returncode == 3), (number, done.stdout)
        with path.open("r+b") as file:
            file.write(whole if number % 10 == 0 else whole[:head])


_LOAD = """
import sys
from pathlib import Path
from aigc_cli.core.errors import AigcError
from aigc_cli.engine.llama.engine import LlamaEngine
from aigc_cli.engine.llama.settings import LlamaSettings
try:
    LlamaEngine(Path(sys.argv[1]), LlamaSettings(), print)
except AigcError as error:
    print(error)
    sys.exit(error.exit_code)
"""
