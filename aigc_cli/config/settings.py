"""Every setting: its type, default and meaning, and where its value comes from.

A value is looked for in the environment (``AIGC_`` and the key in capitals), then in ``config.toml``, then here.
Command-line options come before all of these; the commands see to that themselves.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from aigc_cli.core.errors import SettingError, UnreadableFile
from aigc_cli.core.text import N_, Notice

PREFIX = "AIGC_"
T = TypeVar("T")


def _setting(default: T, description: str) -> T:
    return field(default=default, metadata={"description": description})


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's settings, each with its default."""

    language: Literal["auto", "en", "zh"] = _setting("auto", N_("language of the interface"))
    color: Literal["auto", "always", "never"] = _setting("auto", N_("when to use colour"))
    markdown: bool = _setting(True, N_("render Markdown in answers shown on a terminal"))
    model: str = _setting("", N_("model to use: an alias, a path, or a source such as pypi:NAME or hf:ORG/REPO/FILE"))
    system: str = _setting("", N_("system prompt of every new conversation"))
    save: bool = _setting(True, N_("keep questions and answers in the history"))
    learn: bool = _setting(True, N_("let answers learn from your votes on earlier ones"))
    signals: bool = _setting(True, N_("note what hints at what you think of an answer, such as copying it"))
    titles: bool = _setting(True, N_("let the model find titles for conversations while the chat is idle"))
    overflow: Literal["error", "drop", "summarize"] = _setting(
        "error", N_("what to do with the oldest turns when a conversation does not fit the context")
    )
    max_tokens: int = _setting(2048, N_("longest answer in tokens; 0 is as long as the context allows"))
    temperature: float = _setting(0.7, N_("randomness of answers; 0 always takes the likeliest token"))
    top_k: int = _setting(40, N_("draw from this many likeliest tokens; 0 is all"))
    top_p: float = _setting(0.95, N_("draw from the likeliest tokens that make up this probability"))
    min_p: float = _setting(0.05, N_("leave out tokens below this share of the likeliest one's probability"))
    repeat_penalty: float = _setting(1.1, N_("penalty on repeated tokens; 1 is none"))
    context: int = _setting(0, N_("tokens that prompt and answer may take together; 0 is what the model allows"))
    threads: int = _setting(0, N_("threads for the engine; 0 fits them to this machine"))
    gpu_layers: int = _setting(-1, N_("layers of the model to put on a GPU; -1 is as many as fit"))
    flash_attention: Literal["auto", "on", "off"] = _setting("auto", N_("flash attention in the engine"))
    kv_type: Literal["f16", "q8_0", "q4_0"] = _setting("f16", N_("precision of the engine's key-value cache"))
    state_cache_mb: int = _setting(2048, N_("disk space for evaluated prompts, in MB; 0 keeps none"))
    disable_plugins: str = _setting("", N_("names of plugins not to load, separated by commas"))


@dataclass(frozen=True, slots=True)
class Explained:
    """A setting with its value and where that came from: a variable, the path of the file, or "default"."""

    key: str
    value: object
    source: str
    description: str
    choices: tuple[str, ...]


def keys() -> tuple[str, ...]:
    """Return the names of all settings."""
    return tuple(f.name for f in fields(Settings))


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings in force.

    Raises:
        SettingError: if a variable or the file has an unknown key or a bad value.
        UnreadableFile: if the file cannot be read or is not TOML.
    """
    values: dict[str, Any] = {item.key: item.value for item in explain(path, environ)}
    return Settings(**values)


def explain(path: Path, environ: Mapping[str, str] = os.environ) -> list[Explained]:
    """Return every setting with its value and its source; raises what `load` raises."""
    written = read(path)
    found = []
    for f in fields(Settings):
        value: object = f.default
        source = "default"
        if f.name in written:
            value, source = parse(f.name, written[f.name]), str(path)
        if (variable := PREFIX + f.name.upper()) in environ:
            value, source = parse(f.name, environ[variable]), variable
        found.append(Explained(f.name, value, source, f.metadata["description"], _choices(f.name)))
    return found


def read(path: Path) -> dict[str, object]:
    """Return what the settings file holds, an empty dictionary if there is none; raises what `load` raises."""
    if not path.exists():
        return {}
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFile(path=path, detail=error) from error
    for key in written:
        _check(key)
    return written


def parse(key: str, value: object) -> object:
    """Return ``value``, a string or what TOML gives, as the type of the setting ``key``.

    Raises:
        SettingError: if there is no such setting or the value does not fit it.
    """
    _check(key)
    wanted = get_type_hints(Settings)[key]
    if get_origin(wanted) is Literal:
        if value not in get_args(wanted):
            raise SettingError(key=key, detail=_one_of(_choices(key), value))
        return value
    if wanted is bool:
        return _boolean(key, value)
    try:
        if wanted is str and isinstance(value, str):
            return value
        if wanted is int and isinstance(value, (int, str)) and not isinstance(value, bool):
            return int(value)
        if wanted is float and isinstance(value, (int, float, str)) and math.isfinite(float(value)):
            return float(value)
    except (ValueError, OverflowError):
        pass
    mismatch = Notice(N_("{value!r} is not of type {type}"), {"value": value, "type": wanted.__name__})
    raise SettingError(key=key, detail=mismatch)


def change(path: Path, key: str, text: str | None) -> None:
    """Write a setting to the file, or remove it if ``text`` is None; comments and order of the file are kept.

    Raises:
        SettingError: if the setting does not exist or the value does not fit it.
        UnreadableFile: if the file cannot be read or written.
    """
    import tomlkit

    _check(key)
    value = None if text is None else parse(key, text)
    read(path)
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
        if value is None:
            document.pop(key, None)
        else:
            document[key] = value
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(".toml.new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(tomlkit.dumps(document))
        draft.replace(path)
    except OSError as error:
        raise UnreadableFile(path=path, detail=error.strerror or error) from error


def _check(key: str) -> None:
    if key not in keys():
        from difflib import get_close_matches

        near = get_close_matches(key, keys(), 1)
        guess = Notice(N_("no such setting; did you mean {near!r}?"), {"near": near[0]}) if near else None
        raise SettingError(key=key, detail=guess or N_("no such setting"))


def _choices(key: str) -> tuple[str, ...]:
    wanted = get_type_hints(Settings)[key]
    return get_args(wanted) if get_origin(wanted) is Literal else ()


def _one_of(choices: tuple[str, ...], value: object) -> Notice:
    return Notice(N_("{value!r} is not one of {choices}"), {"value": value, "choices": ", ".join(choices)})


def _boolean(key: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    try:
        return words[str(value).lower()]
    except KeyError:
        raise SettingError(key=key, detail=_one_of(("true", "false"), value)) from None
