# What a developer and CI do. `just check` is what .ci/run does after the tests.

default:
    @just --list

# Install everything that development needs into the current environment
setup:
    python -m pip install -c constraints.txt -e '.[dev]'

# Run the tests
test *ARGS:
    python -m pytest {{ARGS}}

# Format and mend what can be mended
fix:
    ruff check --fix .
    ruff format .

# Everything that must be green besides the tests
check:
    ruff check .
    ruff format --check .
    mypy
    PYTHONPATH=plugins/aigc-article:plugins/aigc-code:plugins/aigc-poem lint-imports
    python -m scripts.docs --check
    python -m scripts.catalogs --check
    python -m scripts.wheel_smoke

# Generated parts of the documentation and the translation catalogs
docs:
    python -m scripts.docs
    python -m scripts.catalogs

# Measure; `just bench` lists what there is
bench *ARGS:
    python -m benchmarks {{ARGS}}
