"""What the documents say about prompt templates is so."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import fields
from pathlib import Path

import pytest
from aigc_process import Aigc
from prose import ROOT, examples, named_files

from aigc_cli.core.request import Sampling
from aigc_cli.core.template import Variable
from aigc_cli.templates.format import RESERVED
from aigc_cli.templates.sandbox import FILTERS

GUIDES = [ROOT / "docs" / "prompts.md", ROOT / "docs" / "zh" / "prompts.md"]
PLUGINS = sorted((ROOT / "plugins").glob("*/README.md"))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.parent.name)
def test_the_guide_names_every_key(guide: Path) -> None:
    """Every key of the format, every sampling field, filter and reserved name is described."""
    text = guide.read_text(encoding="utf-8")
    keys = {
        "description",
        "version",
        "system",
        "user",
        "[variables.NAME]",
        "[[examples]]",
        "[[variants]]",
        "[sampling]",
        "assistant",
    }
    keys |= {field.name for field in fields(Variable)} - {"name"}
    keys |= {field.name for field in fields(Sampling)} - {"logit_bias"} | {"max_tokens", "stop", *FILTERS}
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []
    assert all(f"`{{{{ {name} }}}}`" in text for name in RESERVED)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.parent.name)
def test_the_example_of_the_guide(aigc: Aigc, guide: Path, home: Path) -> None:
    """The template shown has no mistakes, and every command shown works and prints what is shown."""
    ((name, text),) = named_files(guide, "toml").items()
    path = home / "aigc" / "config" / "prompts" / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert aigc("prompts", "check", str(path)).out == ""
    shown = examples(guide)
    assert len(shown) == 4
    for example in shown:
        text = "some text" if example.reads_stdin else ""
        ended = aigc(*shlex.split(example.arguments), input=text, AIGC_MODEL="echo")
        assert ended.code == 0, (example, ended.err)
        assert ended.out == example.output.lstrip() or not example.output.strip()


@pytest.mark.parametrize("readme", [ROOT / "prompts" / "README.md", *PLUGINS], ids=lambda path: path.parent.name)
def test_the_examples_of_the_readmes(aigc: Aigc, readme: Path, home: Path) -> None:
    """Every command shown for the templates of a folder or a plugin works; generators are tested by their plugins."""
    for folder in readme.parent.glob("aigc_*/prompts"):
        shutil.copytree(folder, home / "aigc" / "config" / "prompts")
    all_shown = examples(readme)
    assert len(all_shown) >= 3
    shown = [example for example in all_shown if "-t" in shlex.split(example.arguments)]
    for example in shown:
        text = "```\nsome text\n```\n" if example.reads_stdin else ""
        ended = aigc(*shlex.split(example.arguments), input=text, AIGC_MODEL="echo")
        assert ended.code == 0, (example, ended.err)
        assert ended.out


@pytest.mark.parametrize("readme", PLUGINS, ids=lambda path: path.parent.name)
def test_the_readme_of_a_plugin_names_its_templates(readme: Path) -> None:
    """Every template that a plugin holds is named in its README."""
    names = {path.name.partition(".")[0] for path in readme.parent.glob("aigc_*/prompts/*.toml")}
    text = readme.read_text(encoding="utf-8")
    assert names
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
