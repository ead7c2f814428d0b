"""Templates with several wordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_cli.core.errors import NoSuchTemplate
from aigc_cli.templates import Templates
from aigc_cli.templates.format import check, load

TEXT = """# a comment
description = "d"
version = 3
system = "Be kind."
user = "Do it: {{ input }}"

[[variants]]
name = "brief"
user = "Briefly: {{ input }}"

[[variants]]
name = "cool"
system = "Be cool."

[sampling]
temperature = 0.5
"""


@pytest.fixture
def templates(tmp_path: Path) -> Templates:
    """Give the templates of a user whose one file has variants, and of a plugin with another."""
    for folder in ("user", "plugin"):
        (tmp_path / folder).mkdir()
    (tmp_path / "user" / "own.en.toml").write_text(TEXT)
    (tmp_path / "plugin" / "theirs.en.toml").write_text(TEXT)
    return Templates(tmp_path / "user", lambda: [("p", tmp_path / "plugin")])


def test_a_variant_changes_what_it_says_and_nothing_else(templates: Templates) -> None:
    """It has a reference of its own, and an unknown one is refused."""
    brief, cool = templates.get("own#brief"), templates.get("own.en#cool")
    assert (brief.system, brief.user, brief.reference) == ("Be kind.", "Briefly: {{ input }}", "own.en@3#brief")
    assert (cool.system, cool.user, cool.sampling) == ("Be cool.", "Do it: {{ input }}", {"temperature": 0.5})
    assert templates.get("own").reference == "own.en@3"
    with pytest.raises(NoSuchTemplate, match=r"own\.en#none"):
        templates.get("own#none")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('name = "brief"', 'name = "base"', "variants[1].name"),
        ('name = "brief"', 'name = "Two Words"', "variants[1].name"),
        ('name = "brief"', "", "variants[1].name: is missing"),
        ('name = "brief"', 'name = "cool"', "two have the same name"),
        ('user = "Briefly: {{ input }}"', "", "neither 'system' nor 'user'"),
        ('user = "Briefly: {{ input }}"', 'user = "x"', "variants[1]: it must have"),
        ('user = "Briefly: {{ input }}"', 'user = "{{ nobody }}"', "variants[1].user: nothing is called nobody"),
        ('system = "Be cool."', 'system = "Be cool."\ntemperature = 1', "variants[2].temperature: is not a key"),
    ],
)
def test_mistakes_in_variants_are_named(tmp_path: Path, old: str, new: str, problem: str) -> None:
    """Each says where it is."""
    path = tmp_path / "x.en.toml"
    path.write_text(TEXT.replace(old, new))
    assert any(problem in found for found in check(path)), check(path)


@pytest.mark.parametrize("name", ["own", "theirs"])
def test_a_promoted_variant_is_the_template(templates: Templates, tmp_path: Path, name: str) -> None:
    """The user's copy has its words, the next version, the comments and no variants; it comes first."""
    path = templates.promote(templates.get(name), "brief")
    assert path == tmp_path / "user" / f"{name}.en.toml"
    promoted = load(path, "user")
    assert (promoted.user, promoted.system) == ("Briefly: {{ input }}", "Be kind.")
    assert (promoted.version, promoted.variants, promoted.sampling) == (4, (), {"temperature": 0.5})
    assert "# a comment" in path.read_text()
    assert templates.get(name).source == "user"


def test_the_own_words_can_be_kept(templates: Templates) -> None:
    """Promoting `base` drops the variants only; an unknown variant is refused and writes nothing."""
    with pytest.raises(NoSuchTemplate):
        templates.promote(templates.get("theirs"), "none")
    assert templates.get("theirs").source == "p"
    promoted = load(templates.promote(templates.get("theirs"), "base"), "user")
    assert (promoted.user, promoted.variants) == ("Do it: {{ input }}", ())
