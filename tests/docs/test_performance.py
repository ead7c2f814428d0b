"""The pages with measurements and the results behind them."""

from __future__ import annotations

from benchmarks import _report


def test_the_tables_are_those_of_the_results() -> None:
    """The pages say what is in the results; `python -m benchmarks report` writes them."""
    for path in _report.PAGES:
        page = path.read_text(encoding="utf-8")
        assert _report.filled(page) == page


def test_every_result_is_in_the_page() -> None:
    """No benchmark that was run as it is documented is left out."""
    page = "".join(path.read_text(encoding="utf-8") for path in _report.PAGES)
    for path in (_report.FOLDER / "results").glob("*.json"):
        assert f"<!-- python -m benchmarks {path.stem.replace('-', ' ')} -->" in page
