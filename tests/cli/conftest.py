"""What the tests of commands share."""

from __future__ import annotations

import pytest
from aigc_process import Aigc, run


@pytest.fixture
def aigc() -> Aigc:
    """Return a function that runs a command line in a process of its own and returns how it ended."""
    return run
