"""Runs one job at low priority, says on standard output how far it is, and stops when standard input ends."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from aigc_cli.tuning.job import Job
from aigc_cli.tuning.train.report import Reporter, Stopped

_NICE = 10


def main(path: Path) -> int:
    """Run the job in the file ``path`` and return the exit code."""
    os.nice(_NICE)
    reporter = Reporter()
    try:
        job = Job.read(path)
        reporter.say("phase", name="load")
        from aigc_cli.tuning.train.run import Unsuited, run

        try:
            run(job, reporter)
        except Unsuited as problem:
            reporter.say("failed", kind=problem.kind, detail=problem.detail)
            return 1
    except Stopped:
        reporter.say("stopped")
    except MemoryError:
        reporter.say("failed", kind="memory", detail="")
        return 1
    except Exception as error:
        import traceback

        traceback.print_exc()
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        # What writes tensors has an error of its own, which gives the reason in words only.
        full = full or "No space left" in str(error) or "Disk quota exceeded" in str(error)
        starved = "can't allocate memory" in str(error) or "not enough memory" in str(error)
        kind = "disk" if full else "memory" if starved else "bug"
        reporter.say("failed", kind=kind, detail=f"{type(error).__name__}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    code = main(Path(sys.argv[1]))
    sys.stdout.flush()
    os._exit(code)  # not waiting for the threads of the libraries, nor for the one that watches standard input
