"""The file format: what is read, and how every mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aigc_cli.core.errors import BadTemplate
from aigc_cli.core.template import Example, Variable
from aigc_cli.templates.format import check, load

GOOD = """
description = "d"
version = 3
system = "Be {{ tone }}."
user = '''
Do it: {{ input }}
'''

[variables.tone]
type = "choice"
choices = ["kind", "冷静"]
default = "kind"
help = "how"

[variables.count]
type = "int"

[[examples]]
user = "u {{ tone }}"
assistant = "a"

[sampling]
temperature = 0
seed = 7
max_tokens = 50
stop = ["###"]
"""


def write(folder: Path, text: str, name: str = "x.en.toml") -> Path:
    """Write a template file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    """A file that uses the whole format becomes a template with all of it."""
    template = load(write(tmp_path, GOOD), "user")
    assert (template.name, template.language, template.version) == ("x", "en", 3)
    assert template.reference == "x.en@3"
    assert template.user == "Do it: {{ input }}"
    assert template.variables == (
        Variable("tone", "choice", "kind", "how", ("kind", "冷静")),
        Variable("count", "int", None, "", ()),
    )
    assert template.examples == (Example("u {{ tone }}", "a"),)
    assert template.sampling == {"temperature": 0.0, "seed": 7}
    assert (template.max_tokens, template.stop) == (50, ("###",))
    assert template.takes_input


def test_defaults(tmp_path: Path) -> None:
    """A description and a system prompt are enough: the input is the user's message, the version is 1."""
    template = load(write(tmp_path, 'description = "d"\nsystem = "s"', "x.toml"), "user")
    assert (template.user, template.version, template.reference) == ("{{ input }}", 1, "x@1")


def test_a_template_may_work_on_variables_alone(tmp_path: Path) -> None:
    """A template whose texts do not mention the input takes none."""
    assert not load(write(tmp_path, GOOD.replace("{{ input }}", "it")), "user").takes_input


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('description = "d"', ""), "description: is missing"),
        (("version = 3", "version = 0"), "version: must be at least 1"),
        (("version = 3", "version = true"), "version: must be a whole number"),
        (("version = 3", "colour = 3"), "colour: is not a key of the format"),
        (('help = "how"', 'hlp = "how"'), "variables.tone.hlp: is not a key of the format"),
        (('default = "kind"', 'default = "loud"'), "variables.tone.default: must be one of kind, 冷静"),
        (('default = "kind"', "default = 1"), "variables.tone.default: must be a text"),
        (('choices = ["kind", "冷静"]', ""), "variables.tone.choices: a variable of type 'choice' needs them"),
        (('type = "int"', 'type = "number"'), "variables.count.type: must be one of str, int, float, bool, choice"),
        (("[variables.count]", "[variables.input]"), "variables.input: is not a name for a variable"),
        (("[variables.count]", '[variables."a b"]'), "variables.a b: is not a name for a variable"),
        (('assistant = "a"', ""), "examples[1].assistant: is missing"),
        (('user = "u {{ tone }}"', 'user = "{{ input }}"'), "examples[1].user: nothing is called input here"),
        (("Do it: {{ input }}", "{{ inptu }}"), "user: nothing is called inptu here"),
        (("Be {{ tone }}.", "{{ tone"), "system: line 1: "),
        (("Be {{ tone }}.", "{% if count < 'a' %}x{% endif %}"), "system: '<' not supported"),
        (("temperature = 0", "temperature = -1"), "sampling.temperature: must not be negative"),
        (("temperature = 0", 'temperature = "0"'), "sampling.temperature: must be a number"),
        (("temperature = 0", "temperature = nan"), "sampling.temperature: must be a number"),
        (("temperature = 0", "top_p = 1.5"), "sampling.top_p: must be between 0 and 1"),
        (("seed = 7", "seed = 7.5"), "sampling.seed: must be a whole number"),
        (("seed = 7", "[sampling.logit_bias]\n7 = 1.0"), "sampling.logit_bias: is not a key of the format"),
        (('stop = ["###"]', 'stop = "###"'), "sampling.stop: must be a list"),
        (('stop = ["###"]', 'stop = [""]'), "sampling.stop: must be a list of texts that are not empty"),
        (("[[examples]]", "[examples]"), "examples: must be a list"),
        (("[sampling]", "[[versions]]"), "versions: is not a key of the format"),
    ],
)
def test_every_mistake_is_named(tmp_path: Path, change: tuple[str, str], problem: str) -> None:
    """One wrong thing gives one problem, which says where it is."""
    assert change[0] in GOOD
    found = check(write(tmp_path, GOOD.replace(*change)))
    assert [text for text in found if text.startswith(problem)], found


def test_all_problems_are_found_at_once(tmp_path: Path) -> None:
    """A file with several mistakes is reported with all of them, in one error when it is used."""
    path = write(tmp_path, 'user = 3\nversion = "1"\nx = 1')
    assert len(check(path)) == 4
    with pytest.raises(BadTemplate, match="description: is missing; version: must be a whole number; user:"):
        load(path, "user")


def test_variables_must_be_tables(tmp_path: Path) -> None:
    """The short form that other tools use for variables is refused with the place named."""
    assert "variables.tone: must be a table" in check(
        write(tmp_path, 'description = "d"\nuser = "{{ tone }}"\n[variables]\ntone = "x"')
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a = [", "Invalid"),
        (b"a = " + b"[" * 20_000, "too deeply"),
        (b"#" * 300_000, "larger than 256 KiB"),
        (b"", "neither 'system' nor 'user'"),
    ],
)
def test_files_that_are_no_templates(tmp_path: Path, content: bytes, problem: str) -> None:
    """Bytes that are not text, not TOML, too deep, too many or none at all are problems, not crashes."""
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    assert any(problem in text for text in check(path)), check(path)


def test_files_from_windows(tmp_path: Path) -> None:
    """A byte order mark and CRLF line ends, as Notepad writes them, change nothing."""
    path = tmp_path / "x.en.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load(path, "user").user == "Do it: {{ input }}"


def test_missing_and_misnamed_files(tmp_path: Path) -> None:
    """A file that is not there, is a folder, or has no proper name is a problem."""
    assert check(tmp_path / "none.toml") == ["No such file or directory"]
    (tmp_path / "folder.toml").mkdir()
    assert check(tmp_path / "folder.toml") == ["Is a directory"]
    assert "its name is not" in check(write(tmp_path, GOOD, "a.b.c.toml"))[0]
    assert "its name is not" in check(write(tmp_path, GOOD, "a.txt"))[0]


TOML_VALUES = st.sampled_from(['"x"', '"{{ input }}"', "1", "-1", "1.5", "true", "[]", '["a"]', "{}", "nan", "{a=1}"])
VARIABLE_KEYS = ["variables", "variables.a", "variables.a.type", "variables.a.default", "variables.a.choices"]
OTHER_KEYS = ["description", "version", "user", "system", "examples", "sampling", "sampling.temperature", "other"]
KEYS = st.sampled_from(VARIABLE_KEYS + OTHER_KEYS)


@given(st.lists(st.tuples(KEYS, TOML_VALUES), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_toml_is_a_template_or_has_problems(tmp_path: Path, lines: list[tuple[str, str]]) -> None:
    """Whatever values the keys have, reading ends in a template or in problems."""
    path = write(tmp_path, "\n".join(f"{key} = {value}" for key, value in lines))
    if not check(path):
        assert load(path, "user").description
