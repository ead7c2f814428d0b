"""Build the wheels, install them into a fresh environment without development tools, and use them.

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


def main() -> None:
    """Raise if anything is not as it should be."""
    with tempfile.TemporaryDirectory() as folder:
        wheels = [build(project, Path(folder)) for project in (ROOT, *sorted((ROOT / "plugins").glob("aigc-*")))]
        home = Path(folder) / "venv"
        venv.create(home, with_pip=True)
        pip = [home / "bin" / "python", "-m", "pip", "install", "-q"]
        run([*pip, "-c", ROOT / "constraints.txt", *wheels], folder)
        environ = {"AIGC_HOME": folder, "HOME": folder, "LANG": "C.UTF-8"}
        use(home / "bin" / "aigc", environ, folder)
    print(f"the wheels work: {', '.join(wheel.name for wheel in wheels)}")


def build(project: Path, folder: Path) -> Path:
    """Return the wheel of a project."""
    before = set(folder.glob("*.whl"))
    run([sys.executable, "-m", "build", "-q", "--wheel", "--outdir", folder, project], folder)
    (wheel,) = set(folder.glob("*.whl")) - before
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
    plugins = json.loads(run([aigc, "plugins", "list", "--json"], folder, environ))
    assert {plugin["state"] for plugin in plugins} == {"enabled"}, plugins
    report = json.loads(run([aigc, "doctor", "--json"], folder, environ))
    assert report["engine"]["cpu_features"], report


def run(command: list[object], folder: str | Path, environ: dict[str, str] | None = None) -> str:
    """Return what a command prints; raise if it fails."""
    variables = {**os.environ, **(environ or {})}
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=folder, env=variables, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
