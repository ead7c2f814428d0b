"""The rates that llama.cpp's own programs report of themselves."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

_READING = re.compile(r"prompt eval time .*?([\d.]+) tokens per second|Prompt: ([\d.]+) t/s")
_WRITING = re.compile(r"(?<!prompt )eval time .*?([\d.]+) tokens per second|Generation: ([\d.]+) t/s")


def llama_bench(program: str, model: Path, threads: int, read: int, write: int) -> float:
    """Return tokens per second, of reading if ``write`` is 0, else of writing without a prompt."""
    command = [program, "-m", str(model), "-t", str(threads), "-p", str(read), "-n", str(write)]
    (test,) = json.loads(_output([*command, "-fa", "1", "-r", "1", "-o", "json"], errors=False))
    return float(test["avg_ts"])


def llama_cli(program: str, model: Path, threads: int, prompt: str, cells: int, write: int) -> float:
    """Return tokens per second, of reading ``prompt`` if one token is to be written, else of writing."""
    command = [program, "-m", str(model), "-t", str(threads), "-c", str(cells), "-p", prompt, "-n", str(write)]
    told = _output([*command, "--ignore-eos", "--single-turn", "--seed", "1"], errors=True)
    found = (_READING if write == 1 else _WRITING).search(told)
    if found is None:
        raise ValueError(f"{program} reports no rate: {told[-500:]}")
    return float(found[1] or found[2])


def _output(command: list[str], *, errors: bool) -> str:
    done = subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if errors else subprocess.DEVNULL,
    )
    return done.stdout.decode("utf-8", "replace")
