"""Programs of every language tried with tests."""

from __future__ import annotations

import pytest
from aigc_code import choice, extract
from aigc_code.languages import LANGUAGES
from aigc_code.trial import Trial, can_run, try_out

RIGHT = {
    "python": "def add(a, b):\n    return a + b",
    "javascript": "function add(a, b) {\n  return a + b;\n}",
    "bash": "add() {\n  echo $(($1 + $2))\n}",
    "sql": "SELECT a + b FROM pairs;",
}
TESTS = {
    "python": "assert add(1, 2) == 3\nassert add(1, 2) == 4\n",
    "javascript": "assert.deepStrictEqual(add(1, 2), 3)\nassert.deepStrictEqual(add(1, 2), 4)\n",
    "bash": '[ "$(add 1 2)" = 3 ]\n[ "$(add 1 2)" = 4 ]\n',
    "sql": "INSERT INTO pairs VALUES (1, 2);\n-- expect: [[3]]\n-- case\n-- expect: [[4]]\n",
}
SIGNATURE = {"sql": "CREATE TABLE pairs (a INTEGER, b INTEGER);"}


@pytest.fixture(params=LANGUAGES)
def name(request: pytest.FixtureRequest) -> str:
    """Return one language after the other."""
    found: str = request.param
    if not can_run(LANGUAGES[found]):
        pytest.skip(f"nothing runs {found} here")
    return found


def tried(name: str, program: str, tests: str) -> Trial:
    """Try a program with the signature of its language."""
    return try_out(LANGUAGES[name], program, tests, SIGNATURE.get(name, ""))


def test_tests_that_hold_are_told_from_those_that_do_not(name: str) -> None:
    """Of a right and a wrong test, one holds and one fails, with what is wrong."""
    trial = tried(name, RIGHT[name], TESTS[name])
    assert (len(trial.passed), len(trial.failed), trial.ended, trial.holds) == (1, 1, True, False)
    assert all(trial.failed.values())


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("python", "raise SystemExit(0)"),
        ("python", "import os\nos._exit(0)"),
        ("javascript", "process.exit(0)"),
        ("bash", "exit 0"),
    ],
)
def test_a_program_that_ends_itself_has_passed_nothing(name: str, program: str) -> None:
    """Exit code 0 before the tests is no success."""
    if not can_run(LANGUAGES[name]):
        pytest.skip(f"nothing runs {name} here")
    trial = tried(name, program, TESTS[name])
    assert (trial.holds, trial.ended, trial.passed) == (False, False, ())


def test_a_program_that_cannot_be_read_fails(name: str) -> None:
    """A mistake of syntax is told, and nothing holds."""
    trial = tried(name, "((", TESTS[name])
    assert not trial.holds
    assert any(trial.failed.values())


def test_without_tests_nothing_holds(name: str) -> None:
    """A file in which nothing is asserted verifies nothing."""
    assert not tried(name, RIGHT[name], "").holds


def test_every_stub_is_a_program_that_fails_a_real_test(name: str) -> None:
    """What tests are measured by can be run, and does not pass a test that says something."""
    for stub in LANGUAGES[name].stubs:
        trial = tried(name, stub.format(name="add"), TESTS[name])
        assert trial.ended
        assert not trial.passed


@pytest.mark.parametrize(
    "tests",
    [
        "def test_sum():\n    assert add(1, 1) == 2\n",
        "import unittest as u\nclass T(u.TestCase):\n    def test_it(self):\n        self.assertEqual(add(1, 1), 2)\n",
        "from solution import add as plus\nfor n in range(3):\n    assert plus(n, 1) == n + 1\n",
    ],
    ids=["function", "TestCase", "loop"],
)
def test_python_tests_may_have_several_forms(tests: str) -> None:
    """Functions, methods of a TestCase and assertions in other statements are tests, and they can fail."""
    assert tried("python", RIGHT["python"], tests).holds
    wrong = tried("python", RIGHT["python"].replace("+", "-"), tests)
    assert wrong.ended
    assert wrong.failed


def test_javascript_tests_may_have_several_lines_and_names() -> None:
    """A statement goes on over lines, and test(name, function) is a test."""
    if not can_run(LANGUAGES["javascript"]):
        pytest.skip("nothing runs javascript here")
    tests = (
        "const cases = [\n  [1, 2, 3],\n];\n"
        "test('sums', () => {\n  for (const [a, b, c] of cases) assert(add(a, b) === c);\n});\n"
    )
    trial = tried("javascript", RIGHT["javascript"], tests)
    assert (trial.holds, trial.passed) == (True, ("sums",))


def test_rows_may_be_expected_in_an_order() -> None:
    """Without "ordered" any order is right, with it only one."""
    setup = "INSERT INTO pairs VALUES (1, 0);\nINSERT INTO pairs VALUES (2, 0);\n"
    query = "SELECT a FROM pairs ORDER BY a DESC;"
    assert tried("sql", query, setup + "-- expect: [[1], [2]]").holds
    assert not tried("sql", query, setup + "-- expect ordered: [[1], [2]]").holds
    assert tried("sql", query, setup + "-- expect ordered: [[2], [1]]").holds


def test_the_program_is_found_in_an_answer() -> None:
    """Of several blocks it is the one that defines what was asked for, without what tries it."""
    answer = (
        "Run this:\n```bash\npip install x\n```\nand\n```py\nimport os\n\ndef add(a, b):\n    return a + b\n\n"
        "print(add(1, 2))\nassert add(1, 1) == 2\n```\nDone."
    )
    program = extract.program(answer, LANGUAGES["python"], "def add(a, b):")
    assert program == "import os\n\ndef add(a, b):\n    return a + b"


def test_what_breaks_off_is_cut_to_what_can_be_read() -> None:
    """An answer at the limit of its length ends in half a statement, which is dropped."""
    answer = "```python\ndef add(a, b):\n    return a + b\n\ndef sub(a, b):\n    return a -"
    assert extract.program(answer, LANGUAGES["python"], "def add(a, b):").endswith("return a + b")


def test_the_definition_is_all_that_is_taken_where_it_was_begun() -> None:
    """In a language with braces, what follows the definition is dropped."""
    answer = "```javascript\nfunction add(a, b) {\n  return a + b;\n}\nconsole.log(add(1, 2));\n```"
    assert extract.program(answer, LANGUAGES["javascript"], "function add(a, b) {") == RIGHT["javascript"]


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("python", "async def add(a):"),
        ("javascript", "export const add = (a) => {"),
        ("javascript", "const add = function (a) {"),
        ("bash", "function add () {"),
    ],
)
def test_the_name_is_read_from_a_signature(name: str, signature: str) -> None:
    """The forms of a definition are known."""
    assert LANGUAGES[name].name_of(signature) == "add"


def test_agreement_decides_where_the_tests_are_not_to_be_trusted() -> None:
    """Two programs that agree on two tests are worth more than one that passes three; trusted tests count alone."""
    trials = {
        "x": Trial(("1", "2"), {"3": "no"}, ended=True),
        "y": Trial(("1", "2"), {"3": "no"}, ended=True),
        "z": Trial(("1", "2", "3"), {"4": "no"}, ended=True),
    }
    assert choice.best(["z", "x", "y"], trials, trusted=False) == "x"
    assert choice.best(["z", "x", "y"], trials, trusted=True) == "z"


def test_tests_that_a_stub_passes_do_not_count() -> None:
    """A test that a function without effect passes is dropped, and all are if one constant passes all."""
    nothing = Trial(("t",), {"1": "no", "2": "no"}, ended=True)
    assert choice.telling(["t", "1", "2"], [nothing, Trial(("1",), {"t": "no", "2": "no"}, ended=True)]) == ["1", "2"]
    assert choice.telling(["t", "1", "2"], [nothing, Trial(("1", "2"), {}, ended=True)]) == []
