"""Build the wheel, install it into a fresh environment without development tools, and use it and its plugins.

Catches what an editable install hides: a missing dependency, a data file that is not shipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLUGINS = ("article", "code", "poem")


def main() -> None:
    """Raise if anything is not as it should be."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = build(ROOT, Path(folder))
        home = Path(folder) / "venv"
        venv.create(home, with_pip=True)
        pip = [home / "bin" / "python", "-m", "pip", "install", "-q"]
        run([*pip, "-c", ROOT / "constraints.txt", wheel], folder)
        environ = {"AIGC_HOME": folder, "HOME": folder, "LANG": "C.UTF-8"}
        use(home / "bin" / "aigc", environ, folder)
    print(f"the wheel works: {wheel.name}")


def build(project: Path, folder: Path) -> Path:
    """Return the wheel of a project."""
    run([sys.executable, "-m", "build", "-q", "--wheel", "--outdir", folder, project], folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def use(aigc: Path, environ: dict[str, str], folder: str) -> None:
    """Try what depends on data files and on every runtime library but the engine."""
    assert run([aigc, "--version"], folder, environ).startswith("aigc ")
    assert "用法" in run([aigc, "--help"], folder, {**environ, "LANG": "zh_CN.UTF-8"})
    assert run([aigc, "-m", "echo", "你好"], folder, environ) == "你好\n"
    assert len(json.loads(run([aigc, "history", "search", "你好", "--json"], folder, environ))) == 2
    names = {template["name"] for template in json.loads(run([aigc, "prompts", "list", "--json"], folder, environ))}
    assert {"summarize", "translate", "commit-message"} <= names, names
    assert json.loads(run([aigc, "models", "list", "--available", "--json"], folder, environ))
    for name in PLUGINS:
        run([aigc, "plugins", "install", name], folder, environ)
    plugins = json.loads(run([aigc, "plugins", "list", "--json"], folder, environ))
    assert {plugin["name"]: plugin["state"] for plugin in plugins} == dict.fromkeys(PLUGINS, "enabled"), plugins
    report = json.loads(run([aigc, "doctor", "--json"], folder, environ))
    assert report["engine"]["cpu_features"], report


def run(command: list[object], folder: str | Path, environ: dict[str, str] | None = None) -> str:
    """Return what a command prints; raise if it fails."""
    variables = {**os.environ, **(environ or {})}
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=folder, env=variables, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
