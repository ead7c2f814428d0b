"""Running programs nobody has read: apart from the user's files, processes and network, and within limits.

`run` is the way in. It starts ``launch.py`` as a process of its own, which takes the program away with everything that
it started when it ends, when its time is over, or when this process dies. `isolation` says how well programs can be
kept apart on this machine.
"""

from aigc_code.sandbox.outside import LEVELS, Ended, Level, Limits, isolation, reachable, run, works

__all__ = ["LEVELS", "Ended", "Level", "Limits", "isolation", "reachable", "run", "works"]
