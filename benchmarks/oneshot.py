"""One short answer as a whole process, against the same with llama-cpp-python's own high-level API in a bare script."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from aigc_cli.app import App
from benchmarks._paired import compare

PROMPT = "Say hello"
TOKENS = 16

BARE = """
import sys
from llama_cpp import Llama

model = Llama(model_path=sys.argv[1], verbose=False)
messages = [{"role": "user", "content": sys.argv[2]}]
for chunk in model.create_chat_completion(messages, max_tokens=int(sys.argv[3]), stream=True):
    print(chunk["choices"][0]["delta"].get("content", ""), end="", flush=True)
"""


def run(rounds: int = 15) -> dict[str, dict[str, object]]:
    """Measure with the starter model and a warm file cache, each command in turn in every round."""
    aigc = str(Path(sys.executable).parent / "aigc")
    with tempfile.TemporaryDirectory() as home:
        environ = {**os.environ, "AIGC_HOME": home}
        model = App(environ).loader.find(None)
        assert model
        ask = [aigc, "ask", PROMPT, "--max-tokens", str(TOKENS)]
        commands = {
            "high-level API, bare script": [sys.executable, "-c", BARE, str(model.path), PROMPT, str(TOKENS)],
            "aigc ask": ask,
            "aigc ask --no-save": [*ask, "--no-save"],
        }
        return compare(commands, environ, rounds)
