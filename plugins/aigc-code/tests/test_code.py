"""The generator, run on texts that stand for a model's."""

from __future__ import annotations

from typing import Any

import pytest
from aigc_code import CODE, aigc_templates
from aigc_code.languages import LANGUAGES
from aigc_code.sandbox import LEVELS, isolation, reachable
from aigc_code.words import consent

from aigc_cli.api import Call, Complete, Confirm
from aigc_cli.testing import Played, play

(TEMPLATES,) = aigc_templates()
SIGNATURE = "def add(a, b):"
TESTS = "assert add(1, 2) == 3\nassert add(0, 0) == 0"
RIGHT, WRONG = "\n    return a + b\n", "\n    return a - b\n"
OWN = "1, 2) == 3\nassert add(2, 2) == 4"

pytestmark = pytest.mark.skipif(not LANGUAGES["python"].program(reachable), reason="no Python that everybody may run")


def write(*texts: str, n: int = 1, confirm: bool = True, **options: Any) -> Played:
    """Run the generator with options; an answer goes on after the signature."""
    given = {"file": SIGNATURE, "attempts": 1, **options}
    return play(CODE, "Add.", texts, options=given, candidates=n, confirm=confirm, templates=TEMPLATES)


def facts(played: Played) -> dict[str, Any]:
    """Return what was found out."""
    return dict(played.artifact.check.facts)


def test_the_program_that_passes_is_chosen() -> None:
    """Of two candidates from one request the one that passes the user's tests is returned, verified by these."""
    played = write(WRONG, RIGHT, n=2, tests=TESTS)
    (request,) = [step.request for step in played.steps if isinstance(step, Complete)]
    assert request.candidates == 2
    assert (played.artifact.text, played.artifact.format) == ("def add(a, b):\n    return a + b", "code")
    assert played.artifact.check.valid
    assert played.artifact.check.notes == ("Verified: it passes all of your tests (2).",)
    assert facts(played)["verified_by"] == "user"
    assert facts(played)["isolation"] == isolation()


def test_failures_are_fed_back() -> None:
    """The second round is shown the program that failed, the test it fails and what it returned."""
    played = write(WRONG, RIGHT, tests=TESTS, attempts=2)
    first, second = [step.request for step in played.steps if isinstance(step, Complete)]
    assert "return a - b" not in first.messages[-2].content
    assert "return a - b" in second.messages[-2].content
    assert "assert add(1, 2) == 3: AssertionError, got -1" in second.messages[-2].content
    assert (played.artifact.check.valid, facts(played)["attempts"]) == (True, 2)


def test_a_failing_program_is_not_called_verified() -> None:
    """Where the attempts are used up, the check fails and says by how much and why."""
    played = write(WRONG, tests=TESTS)
    assert not played.artifact.check.valid
    assert played.artifact.check.problems[0] == "Not verified: it passes 1 of your 2 tests."
    assert "got -1" in played.artifact.check.problems[1]
    assert (facts(played)["verified"], facts(played)["verified_by"]) == (False, None)


def test_own_tests_are_not_called_the_users() -> None:
    """What passes the tests that the model wrote is said to pass those, and they are told."""
    played = write(RIGHT, OWN)
    assert played.artifact.check.valid
    assert facts(played)["verified_by"] == "own"
    assert facts(played)["tests"] == "assert add(1, 2) == 3\nassert add(2, 2) == 4"
    assert "none of them is yours" in played.artifact.check.notes[0]


@pytest.mark.parametrize("own", ["0, 0) == 0", "1, 2) == add(1, 2)", "", "1, 2) is None", "1, 2"])
def test_tests_that_prove_nothing_verify_nothing(own: str) -> None:
    """Tests of the model's own that a constant passes, that say nothing or cannot be read leave it unverified."""
    played = write(RIGHT, own)
    assert not played.artifact.check.valid
    assert facts(played)["verified_by"] is None


def test_own_tests_that_fail_are_said_to_be_perhaps_wrong() -> None:
    """A right program that fails a wrong test of the model's own is not verified, and it is said why."""
    played = write(RIGHT, OWN + "\nassert add(1, 1) == 3")
    assert played.artifact.check.problems[0] == (
        "Not verified: it passes 2 of the model's own 3 tests, which may be wrong too."
    )


def test_tests_of_the_user_without_assertions_verify_nothing() -> None:
    """A file of tests that asserts nothing is no proof."""
    played = write(RIGHT, tests="x = add(1, 2)")
    assert played.artifact.check.problems == ("Not verified: there is no test that asserts anything about it.",)


def test_a_program_that_ends_itself_is_not_verified() -> None:
    """Exit code 0 before the tests is no success."""
    played = write("\n    return a\nimport os\nif add(1, 2):\n    os._exit(0)\n", tests=TESTS)
    assert not played.artifact.check.valid
    assert played.artifact.check.problems[0] == "Not verified: it broke before the first test."
    assert "it ended by itself" in played.artifact.check.problems[1]


def test_nothing_is_run_with_no_run() -> None:
    """With --no-run there is neither a question nor a step that could run anything."""
    played = write(RIGHT, run=False, tests=TESTS)
    assert [type(step) for step in played.steps] == [Complete]
    assert played.artifact.check.problems == ("It was not run, so nothing is verified.",)


def test_nothing_is_run_without_consent() -> None:
    """Before the question only the sandbox itself is tried, and after a no nothing is run."""
    played = write(RIGHT, confirm=False, tests=TESTS)
    kinds = [type(step) for step in played.steps]
    assert kinds == [Call, Call, Confirm, Complete]
    assert "--run agrees beforehand" in played.artifact.check.problems[0]


def test_nothing_is_run_where_the_sandbox_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where root cannot be given up, nobody is asked and nothing is run, also with --run."""
    monkeypatch.setattr("aigc_code.flow.isolation", lambda: None)
    played = write(RIGHT, run=True, tests=TESTS)
    assert [type(step) for step in played.steps] == [Call, Call, Complete]
    assert "the sandbox does not work" in played.artifact.check.problems[0]


def test_run_is_what_agrees_beforehand() -> None:
    """The question is answered by --run where nobody can be asked, and by nothing else."""
    (question,) = [step for step in write(RIGHT, tests=TESTS).steps if isinstance(step, Confirm)]
    assert question.allowed_by == "run"
    assert write(RIGHT, confirm=False, run=True, tests=TESTS).artifact.check.valid


@pytest.mark.parametrize("level", LEVELS)
def test_the_question_says_how_well_programs_are_kept_apart(level: str) -> None:
    """Without isolation the question says so, in both languages."""
    assert ("WITHOUT isolation" in consent(level, "python", "en")) == (level == "limits")
    assert ("没有隔离" in consent(level, "python", "zh")) == (level == "limits")


def test_without_a_signature_the_name_is_the_programs() -> None:
    """Tests are written for the function that the model chose to define."""
    played = write("\ndef plus(a, b):\n    return a + b\n", "1, 2) == 3", file=None)
    assert facts(played)["tests"] == "assert plus(1, 2) == 3"
    assert played.artifact.check.valid


def test_an_engine_that_does_not_go_on_is_understood() -> None:
    """An answer that begins with a block of its own is read as a whole."""
    played = write(f"```python\n{SIGNATURE}{RIGHT}```\n", tests=TESTS)
    assert played.artifact.check.valid


def test_the_flow_speaks_the_language_of_the_brief() -> None:
    """Problems are in Chinese where the brief is."""
    options = {"file": SIGNATURE, "tests": TESTS, "run": False}
    played = play(CODE, "相加", [RIGHT], options=options, candidates=1, language="zh", templates=TEMPLATES)
    assert played.artifact.check.problems == ("程序没有运行，因此未经验证。",)


def test_every_option_is_documented() -> None:
    """The README names every option and every language."""
    readme = (TEMPLATES.parents[1] / "README.md").read_text(encoding="utf-8")
    chinese = (TEMPLATES.parents[1] / "README.zh.md").read_text(encoding="utf-8")
    for option in CODE.options:
        assert f"`--{option.name}" in readme, option.name
        assert f"`--{option.name}" in chinese, option.name
    for name in LANGUAGES:
        assert name in readme.lower()
