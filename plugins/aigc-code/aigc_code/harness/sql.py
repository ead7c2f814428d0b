"""Try a solution in SQL with SQLite: SOLUTION TESTS TOKEN. For any Python 3; imports nothing of aigc.

Cases are separated by a line ``-- case``. A case is what to do before the solution, and a line ``-- expect: JSON`` with
the rows of the solution's last query; ``-- expect ordered: JSON`` where their order matters. A file ``signature.sql``
is done first in every case. Each case becomes a line, TOKEN and JSON; the last says "end".
"""

import json
import os
import re
import sqlite3
import sys

CASE = re.compile(r"^--\s*case\b.*$", re.MULTILINE)
EXPECT = re.compile(r"^--\s*expect( ordered)?:(.*)$", re.MULTILINE)


def main() -> None:
    """Run every case in a database of its own."""
    solution_file, tests_file, token = sys.argv[1:]
    schema = read("signature.sql") if os.path.exists("signature.sql") else ""
    for case in CASE.split(read(tests_file)):
        expected = EXPECT.search(case)
        if expected:
            say(token, test=case.strip(), problem=tried(schema, case, read(solution_file), expected))
    say(token, end=True)


def tried(schema, case, solution, expected):
    """Return what is wrong in one case."""
    database = sqlite3.connect(":memory:")
    try:
        database.executescript(schema)
        database.executescript(case)
        rows = last_rows(database, solution)
        wanted = json.loads(expected[2])
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        return type(error).__name__ + ": " + str(error)
    if not expected[1]:
        rows, wanted = sorted(rows, key=repr), sorted(wanted, key=repr)
    return "" if rows == wanted else "got " + json.dumps(rows)[:200]


def last_rows(database, solution):
    """Do one statement after the other and return the rows of the last that gives any."""
    rows, statement = [], ""
    for part in re.split(r"(;)", solution + ";"):
        statement += part
        if sqlite3.complete_statement(statement):
            found = [list(row) for row in database.execute(statement)]
            rows, statement = found or rows, ""
    return rows


def read(path):
    """Return a file's text."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def say(token, **result):
    """Write one result."""
    print("\n" + token, json.dumps(result), flush=True)


main()
