"""Finding templates: sources, languages, new files."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from aigc_cli.core.errors import BadTemplate, NoSuchTemplate, TemplateExists, UnreadableFile, UsageProblem
from aigc_cli.templates import Templates


def write(folder: Path, name: str, user: str = "{{ input }}") -> Path:
    """Write a template file, with the folders it is in."""
    path = folder / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'description = "d"\nuser = "{user}"', encoding="utf-8")
    return path


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Return the user's folder of templates, which is not there yet."""
    return tmp_path / "mine"


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """Return the folder of a plugin's templates."""
    folder = tmp_path / "plugin"
    folder.mkdir()
    return folder


@pytest.fixture
def templates(mine: Path, plugin: Path) -> Templates:
    """Return templates from three sources."""
    return Templates(mine, lambda: [("poem", plugin)])


def test_precedence_of_sources(templates: Templates, mine: Path, plugin: Path) -> None:
    """The user's file overrides a plugin's, and a plugin's overrides the bundled one, language by language."""
    assert templates.get("summarize.en").source == "bundled"
    write(plugin, "summarize.en")
    assert templates.get("summarize.en").source == "poem"
    write(mine, "reading/summarize.en")
    assert templates.get("summarize.en").source == "user"
    assert templates.get("summarize.zh").source == "bundled"


def test_a_file_without_a_language_serves_all(templates: Templates, mine: Path) -> None:
    """A user's NAME.toml overrides NAME in every language, but not the user's own NAME.zh.toml."""
    write(mine, "summarize")
    assert templates.get("summarize", text="你好").full_name == "summarize"
    assert templates.get("summarize.en").full_name == "summarize"
    write(mine, "summarize.zh")
    assert templates.get("summarize", text="你好").full_name == "summarize.zh"
    assert templates.get("summarize").full_name == "summarize"


def test_choice_of_language(templates: Templates, mine: Path) -> None:
    """Explicit, then Chinese text, then the interface, then English, then whatever there is."""
    assert templates.get("summarize.en", text="你好", interface="zh").language == "en"
    assert templates.get("summarize", text="你好", interface="en").language == "zh"
    assert templates.get("summarize", text="hello", interface="zh").language == "zh"
    assert templates.get("summarize", text="hello", interface="fr").language == "en"
    write(mine, "nur.de")
    assert templates.get("nur", text="hello", interface="zh").language == "de"


@pytest.mark.parametrize("name", ["nothing", "summarize.fr", "", "../summarize", "/etc/passwd", "a" * 5000])
def test_unknown_names(templates: Templates, name: str) -> None:
    """A name that no file has is an error, whatever characters are in it."""
    with pytest.raises(NoSuchTemplate):
        templates.get(name)


def test_a_broken_file_is_listed_and_harms_no_other(templates: Templates, mine: Path) -> None:
    """A listing shows a broken file with its error; using it fails, using another works."""
    write(mine, "bad.en", "{{ nope }}")
    (mine / "summarize.en.toml").write_bytes(b"\xff")
    (mine / "dangling.toml").symlink_to(mine / "nowhere")
    listed = {(info.name, info.language): info for info in templates.all()}
    assert "nope" in listed["bad", "en"].error
    assert "UTF-8" in listed["summarize", "en"].error
    assert listed["summarize", "zh"].error == ""
    with pytest.raises(BadTemplate, match="nope"):
        templates.get("bad")
    assert templates.get("title").name == "title"


def test_new_writes_a_sound_private_file(templates: Templates, mine: Path) -> None:
    """A new template works as it is and can be read by its owner only."""
    for language in ("en", "zh"):
        path = templates.new("greeting", language)
        assert path == mine / f"greeting.{language}.toml"
        assert templates.check(path) == []
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(mine.stat().st_mode) == 0o700
    assert "语气" in templates.get("greeting.zh").user


def test_new_starts_from_the_one_in_force(templates: Templates) -> None:
    """A new template with the name of a bundled one is a copy of it, which then overrides it."""
    before = templates.get("summarize.zh")
    path = templates.new("summarize.zh", "en")
    after = templates.get("summarize.zh")
    assert (after.source, after.path, after.user) == ("user", path, before.user)


def test_new_never_overwrites(templates: Templates, mine: Path) -> None:
    """A file of the user's own is left as it is, also when it is in an area folder."""
    path = write(mine, "writing/greeting.en", "mine {{ input }}")
    with pytest.raises(TemplateExists, match="greeting"):
        templates.new("greeting", "en")
    assert "mine" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["../x", "a/b", "", "a b", ".hidden", "x.y.z"])
def test_new_refuses_what_is_no_name(templates: Templates, mine: Path, name: str) -> None:
    """A name that is none writes nothing anywhere."""
    with pytest.raises(UsageProblem):
        templates.new(name, "en")
    assert not mine.exists()


def test_new_reports_a_folder_it_cannot_make(tmp_path: Path) -> None:
    """Where the folder cannot be made, the error names the path."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="greeting"):
        Templates(tmp_path / "file" / "prompts", list).new("greeting", "en")
