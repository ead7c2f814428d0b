"""Every template there is: finding one, filling it in, starting a new one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from aigc_cli.core.errors import (
    BadTemplate,
    NoSuchTemplate,
    TemplateExists,
    UnreadableFile,
    UsageProblem,
)
from aigc_cli.core.template import BASE, PromptTemplate, TemplateInfo
from aigc_cli.templates.language import split_name, text_language


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    language: str
    source: str
    path: Path


class Templates:
    """The templates of the user, of plugins and of the program, in this order of precedence.

    A file overrides those of the same name and language in later sources; one without a language in its name
    overrides those of every language. Files are read when they are needed.
    """

    def __init__(self, user_folder: Path, plugin_folders: Callable[[], Iterable[tuple[str, Path]]]) -> None:
        """``plugin_folders`` gives pairs of a plugin's name and a folder of templates; it is called when needed."""
        self._user_folder = user_folder
        self._plugin_folders = plugin_folders

    def all(self) -> list[TemplateInfo]:
        """Return every template in force by name and language; one whose file is broken says so in ``error``."""
        return [_info(file) for _, file in sorted(self._in_force().items())]

    def get(self, name: str, text: str = "", interface: str = "en") -> PromptTemplate:
        """Return a template in the language that suits.

        ``name`` may say the language ("summarize.zh") and a variant ("summarize#gist"). Without a language it is
        Chinese if ``text``, what the template will work on, is mostly Chinese; else the language of the interface, else
        English, else whatever there is.

        Raises:
            NoSuchTemplate: if no file goes by this name.
            BadTemplate: if its file is wrong.
        """
        in_force = self._in_force()
        name, _, variant = name.partition("#")
        base, language = split_name(name) or (name, "")
        languages = sorted(lang for known, lang in in_force if known == base)
        wanted = [language] if language else ["zh"] if text_language(text) == "zh" else []
        if not language:
            wanted += [interface, "en", *languages]
        for choice in wanted:
            if file := in_force.get((base, choice)) or in_force.get((base, "")):
                return _worded(_load(file), variant)
        raise NoSuchTemplate(name=name)

    def check(self, path: Path) -> list[str]:
        """Return everything that is wrong with a template file, each as an English sentence."""
        from aigc_cli.templates.format import check

        return check(path)

    def new(self, name: str, language: str) -> Path:
        """Write a template for the user to edit, a copy of the one in force if there is one, and return its path.

        ``name`` may say its language itself ("summarize.zh").

        Raises:
            UsageProblem: if this cannot be the name of a template.
            TemplateExists: if the user has this file already.
            UnreadableFile: if it cannot be written.
        """
        from aigc_cli.templates.skeleton import skeleton

        base, own_language = split_name(name) or (name, "")
        key = (base, own_language or language)
        if split_name(".".join(key)) != key:
            detail = f"{name!r} in {language!r} cannot be a template: use letters, digits, '-' and '_'"
            raise UsageProblem(detail=detail)
        path = self._user_folder / f"{'.'.join(key)}.toml"
        original = self._in_force().get(key)
        if original and original.source == "user":
            raise TemplateExists(path=original.path)
        try:
            content = original.path.read_text(encoding="utf-8-sig") if original else skeleton(key[1])
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
        except FileExistsError as error:
            raise TemplateExists(path=error.filename) from error
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableFile(path=path, detail=error) from error
        return path

    def promote(self, template: PromptTemplate, variant: str) -> Path:
        """Let the words of a variant be the template's own, without variants, in the user's copy; return its path.

        Raises:
            NoSuchTemplate: if the template has no such variant.
            UnreadableFile: if the copy cannot be written.
        """
        from aigc_cli.templates.promotion import promoted

        words = template if variant == BASE else _worded(template, variant)
        path = self._user_folder / f"{template.full_name}.toml"
        try:
            text = promoted(template.path.read_text(encoding="utf-8-sig"), words)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_suffix(".new")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            draft.replace(path)
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableFile(path=path, detail=error) from error
        return path

    def _in_force(self) -> dict[tuple[str, str], _File]:
        found: dict[tuple[str, str], _File] = {}
        for source, folder in [("user", self._user_folder), *self._plugin_folders(), ("bundled", bundled_folder())]:
            overridden = {name for name, language in found if not language}
            for file in _files(folder, source):
                if file.name not in overridden:
                    found.setdefault((file.name, file.language), file)
        return found


def bundled_folder() -> Path:
    """Return the folder of the templates that come with the program, in an installation or a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "_prompts"
    return installed if installed.is_dir() else package.parent / "prompts"


def _files(folder: Path, source: str) -> list[_File]:
    """Return the template files of a folder and of the area folders in it, in the order of their paths."""
    found = []
    for path in sorted([*folder.glob("*.toml"), *folder.glob("*/*.toml")]):
        split = split_name(path.stem)
        if path.is_file():
            name, language = split or (path.stem, "")
            found.append(_File(name, language, source, path))
    return found


def _load(file: _File) -> PromptTemplate:
    # Here, not above: this reaches jinja2, which no command needs that uses no template.
    from aigc_cli.templates.format import load

    return load(file.path, file.source)


def _worded(template: PromptTemplate, variant: str) -> PromptTemplate:
    try:
        return template.in_words_of(variant) if variant else template
    except KeyError as error:
        raise NoSuchTemplate(name=f"{template.full_name}#{variant}") from error


def _info(file: _File) -> TemplateInfo:
    known = (file.name, file.language, file.source, file.path)
    try:
        template = _load(file)
    except BadTemplate as error:
        return TemplateInfo(*known, error=str(error.params["detail"]))
    return TemplateInfo(*known, description=template.description, version=template.version)
