"""Installing and removing the packages of plugins, with the pip of the running environment."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.utils import canonicalize_name

from aigc_cli.core.errors import InstallFailed, NoSuchPlugin, UsageProblem
from aigc_cli.core.text import N_, Notice
from aigc_cli.plugin.discovery import Found, installed

OURS = "aigc-cli"
SHORT_NAMES = ("article", "code", "poem")
"""Plugins that live beside aigc, each in the package ``aigc-NAME``."""
_REPOSITORY = re.compile(r"(git\+.*|(https?|ssh|file)://.*?(?<!\.whl|\.zip)(?<!\.tar\.gz))", re.DOTALL)
_ERROR = re.compile(r"error: (.*)", re.IGNORECASE)
_SCP = re.compile(r"(?P<user>[\w.-]+@[\w.-]+):(?P<path>[^:]+)")


def install(wanted: str, *, editable: bool = False) -> list[Found]:
    """Install a package and return the plugins in it.

    Args:
        wanted: One of `SHORT_NAMES`, a requirement as pip takes it, the path of a folder or wheel, or the URL of a git
            repository.
        editable: Use the folder where it is, so that changes in it count at once.

    Raises:
        UsageProblem: if it cannot be what is to be installed.
        InstallFailed: if pip cannot install it, or it has no plugin.
    """
    if not wanted or wanted.startswith("-"):
        raise UsageProblem(detail=Notice(N_("{name!r} is no package"), {"name": wanted}))
    with TemporaryDirectory(prefix="aigc-") as folder:
        report = Path(folder) / "report.json"
        source = target(wanted)
        _pip(wanted, ["install", "--report", os.fspath(report), *(["-e"] if editable else []), source])
        asked_for = [one["metadata"]["name"] for one in json.loads(report.read_bytes())["install"] if one["requested"]]
    importlib.invalidate_caches()
    # Of what was there already pip reports nothing.
    names = {canonicalize_name(name) for name in asked_for or [re.split(r"[\s<>=!~;\[@]", source)[0]]}
    plugins = [plugin for plugin in installed() if canonicalize_name(plugin.distribution) in names]
    if not plugins:
        remedy = Notice(N_("it is installed, but has no plugin for aigc; `pip uninstall` removes it"))
        raise InstallFailed(name=wanted, detail=remedy)
    return plugins


def uninstall(name: str) -> str:
    """Remove the package of a plugin, which is named by the plugin or by the package, and return the package's name.

    Raises:
        NoSuchPlugin: if there is none.
        UsageProblem: if several packages have a plugin of this name.
        InstallFailed: if pip cannot remove it.
    """
    wanted = canonicalize_name(name)
    found = {plugin.distribution for plugin in installed() if canonicalize_name(plugin.distribution) == wanted}
    found = found or {plugin.distribution for plugin in installed() if plugin.name == name}
    found -= {OURS}
    if not found:
        raise NoSuchPlugin(name=name)
    if len(found) > 1:
        text = N_("several packages have a plugin {name!r}; say which: {packages}")
        raise UsageProblem(detail=Notice(text, {"name": name, "packages": ", ".join(sorted(found))}))
    (distribution,) = found
    _pip(name, ["uninstall", "--yes", distribution])
    return distribution


def target(wanted: str) -> str:
    """Return what pip is to install."""
    if wanted in SHORT_NAMES:
        return os.fspath(_shipped() / f"aigc-{wanted}")
    if scp := _SCP.fullmatch(wanted):
        return f"git+ssh://{scp['user']}/{scp['path']}"
    if _REPOSITORY.fullmatch(wanted):
        return wanted if wanted.startswith("git+") else f"git+{wanted}"
    if "://" not in wanted and (os.sep in wanted or wanted.startswith(".")):
        path = Path(wanted).expanduser()
        if not path.exists():
            raise UsageProblem(detail=Notice(N_("there is no {path}"), {"path": path}))
        return os.fspath(path.absolute())
    return wanted


def _shipped() -> Path:
    """Return the folder of the plugins that come with the program, in an installation or a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "_plugins"
    return installed if installed.is_dir() else package.parent / "plugins"


def _pip(name: str, args: Sequence[str]) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        *args[:1],
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        *args[1:],
    ]
    with TemporaryDirectory(prefix="aigc-") as folder:  # `-m` would run a pip.py of the current one
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode:
        said = [line.strip() for line in (done.stdout + done.stderr).decode("utf-8", "replace").splitlines()]
        errors = [match[1] for line in said if (match := _ERROR.fullmatch(line))]
        words = (errors or [*filter(None, said)] or ["nothing"])[-1]
        raise InstallFailed(name=name, detail=Notice(N_("pip says: {words}"), {"words": words}))
