"""Try a Python solution: SOLUTION TESTS TOKEN. For any Python 3; imports nothing of aigc.

A test is a statement at the top level that asserts something, a function called test_..., or a method of a TestCase.
Everything else in the file of tests is done in order. Each test becomes a line, TOKEN and JSON; the last says "end".
"""

import ast
import json
import sys
import types
import unittest


def main() -> None:
    """Run the solution and then every test."""
    solution_file, tests_file, token = sys.argv[1:]
    module = types.ModuleType("solution")
    sys.modules["solution"] = module
    try:
        exec(compile(read(solution_file), solution_file, "exec"), module.__dict__)
    except BaseException as error:
        say(token, test="", problem=told(error))
        return
    space = {**module.__dict__, "__name__": "tests"}
    source = read(tests_file)
    try:
        nodes = ast.parse(source).body
    except SyntaxError as error:
        say(token, test="", problem="the tests: " + told(error))
        return
    for node in nodes:
        for name, problem in tried(node, source, space):
            say(token, test=name, problem=problem)
    say(token, end=True)


def tried(node, source, space):
    """Do one statement of the tests, and return pairs of a test and what is wrong."""
    text = ast.get_source_segment(source, node) or ""
    problem = done(lambda: exec(compile(ast.Module([node], []), "tests", "exec"), space))
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test") and not problem:
        return [(node.name, done(space[node.name]))]
    if isinstance(node, ast.ClassDef) and not problem:
        kind = space[node.name]
        return methods(kind) if isinstance(kind, type) and issubclass(kind, unittest.TestCase) else []
    definition = isinstance(node, (ast.FunctionDef, ast.ClassDef))
    if any(isinstance(inner, ast.Assert) for inner in ast.walk(node)) and not definition:
        return [(text, problem and problem + returned(node, space))]
    return [(text, problem)] if problem else []


def methods(kind):
    """Run the tests of a TestCase."""
    results = []
    for case in unittest.defaultTestLoader.loadTestsFromTestCase(kind):
        result = unittest.TestResult()
        case.run(result)
        wrong = [trace for _, trace in result.failures + result.errors]
        results.append((case.id(), wrong[0].strip().splitlines()[-1] if wrong else ""))
    return results


def returned(node, space):
    """Say what the left side of a failed comparison comes to."""
    if isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare):
        try:
            value = eval(compile(ast.Expression(node.test.left), "tests", "eval"), space)
            return ", got " + repr(value)[:200]
        except BaseException:
            return ""
    return ""


def done(work):
    """Do something and return what went wrong."""
    try:
        work()
    except BaseException as error:
        return told(error)
    return ""


def told(error):
    """Return an error as one line."""
    return type(error).__name__ + (": " + str(error) if str(error) else "")


def read(path):
    """Return a file's text."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def say(token, **result):
    """Write one result."""
    sys.stdout.flush()
    print("\n" + token, json.dumps(result), flush=True)


main()
