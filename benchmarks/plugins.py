"""What installed plugins cost a command that needs none: ``aigc --help`` with many of them against none."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks._paired import compare


def run(rounds: int = 40, plugins: int = 30) -> dict[str, dict[str, object]]:
    """Measure, with and without plugins in turn in every round; no plugin could be imported without an error."""
    aigc = str(Path(sys.executable).parent / "aigc")
    with tempfile.TemporaryDirectory() as folder:
        none, many = Path(folder, "none"), Path(folder, "many")
        none.mkdir()
        many.mkdir()
        for number in range(plugins):
            _install(many, f"plugin-{number}")
        commands = {
            f"aigc --help, {count} plugins": ["env", f"PYTHONPATH={site}", aigc, "--help"]
            for count, site in ((0, none), (plugins, many))
        }
        results = compare(commands, {**os.environ, "AIGC_HOME": folder}, rounds)
    without, with_ = results.values()
    with_["ms_per_plugin"] = round((float(str(with_["ms"])) - float(str(without["ms"]))) / plugins, 3)
    return results


def _install(site: Path, name: str) -> None:
    module = name.replace("-", "_")
    about = site / f"aigc_{module}-1.0.dist-info"
    about.mkdir()
    (site / f"aigc_{module}.py").write_text("raise SystemExit('a plugin was imported')\n", encoding="utf-8")
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: aigc-{name}\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(f"[aigc]\n{name} = aigc_{module}\n", encoding="utf-8")
