"""Attacks on the sandbox, at every level that works on this machine."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from aigc_code.languages import LANGUAGES
from aigc_code.sandbox import LEVELS, Level, Limits, reachable, run, works

PYTHON = LANGUAGES["python"].program(reachable)
QUICK = Limits(seconds=1.0)
ROOT = os.geteuid() == 0
NOBODY = 65534

pytestmark = pytest.mark.skipif(not PYTHON, reason="there is no Python that everybody may run")


@pytest.fixture(scope="module", params=LEVELS)
def level(request: pytest.FixtureRequest) -> Level:
    """Return one level after the other; one that does not work is never attacked."""
    found: Level = request.param
    if not works(found):
        pytest.skip(f"{found} does not work on this machine")
    return found


@pytest.fixture
def apart(level: Level) -> Level:
    """Return one level after the other at which a program sees nothing of the user's."""
    if level == "limits":
        pytest.skip("at this level a program is not kept from that, as the README says")
    return level


def attack(source: str, level: Level, limits: Limits = QUICK) -> tuple[int | None, str, str]:
    """Run a program in Python."""
    ended = run([PYTHON, "-c", source], {}, limits, level)
    return ended.code, ended.output, ended.stopped


def alive(mark: str) -> bool:
    """Say whether a process of this machine has ``mark`` in its command line."""
    return bool(_marked(mark))


def _marked(mark: str) -> set[int]:
    """Return the processes of this machine that have ``mark`` in their command lines."""
    found = set()
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if mark in process.read_text(errors="replace"):
                found.add(int(process.parent.name))
    return found


def test_a_program_has_its_files_and_an_environment_of_its_own(level: Level) -> None:
    """It can read what it was given and write beside it, and nothing of this environment is in its own."""
    os.environ["AIGC_SECRET"] = "x"
    source = "import os\nopen('b', 'w').write(open('a').read())\nprint(open('b').read(), sorted(os.environ))"
    try:
        ended = run([PYTHON, "-c", source], {"a": "日出"}, level=level)
    finally:
        del os.environ["AIGC_SECRET"]
    assert ended.code == 0
    assert ended.output.startswith("日出 ")
    assert "AIGC" not in ended.output


def test_the_exit_code_is_the_programs(level: Level) -> None:
    """An exit code is told as it is, and a signal as 128 and its number."""
    assert attack("raise SystemExit(3)", level) == (3, "", "")
    assert attack("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", level) == (128 + signal.SIGSEGV, "", "")


def test_a_fork_bomb_is_stopped(level: Level) -> None:
    """A program that forks without end meets the limit, and all of it is gone afterwards."""
    mark = secrets.token_hex(8)
    source = f"import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n# {mark}"
    code, _, stopped = attack(source, level)
    assert (code, stopped) == (128 + signal.SIGKILL, "time")
    assert not alive(mark)


def test_there_are_not_more_processes_than_allowed(level: Level) -> None:
    """The system refuses a process beyond the limit."""
    source = "import os, time\ntry:\n    while os.fork():\n        pass\n    time.sleep(9)\n"
    source += "except OSError:\n    print('refused')"
    assert attack(source, level) == (0, "refused\n", "")


@pytest.mark.parametrize(
    "source",
    [
        "x = []\nwhile True:\n    x.append(bytearray(16 << 20))",
        "import mmap\nx = []\nwhile True:\n    x.append(mmap.mmap(-1, 16 << 20))\n    x[-1].write(b'x' * (16 << 20))",
        "import os, time\nfor _ in '12345':\n    if not os.fork(): break\nx = b'x' * (100 << 20)\ntime.sleep(30)",
    ],
    ids=["own", "shared", "of many processes"],
)
def test_memory_is_bounded(level: Level, source: str) -> None:
    """More memory than allowed is refused or ends the program, also when it is shared or spread over processes."""
    code, output, stopped = attack(source, level, Limits(seconds=20, memory=256 << 20))
    assert stopped == "memory" or (code == 1 and "MemoryError" in output)


def test_a_file_of_10_gb_cannot_be_written(level: Level) -> None:
    """A file ends at the limit."""
    source = "f = open('big', 'wb')\nfor _ in range(10 << 10):\n    f.write(bytes(1 << 20))"
    code, output, _ = attack(source, level, Limits(seconds=20))
    assert code == 1
    assert "File too large" in output


def test_many_files_do_not_fill_the_disk(apart: Level) -> None:
    """The folder is in memory and has a size."""
    source = "for i in range(50):\n    open(str(i), 'wb').write(bytes(8 << 20))"
    code, output, _ = attack(source, apart, Limits(seconds=20))
    assert code == 1
    assert "No space left" in output


def test_there_is_no_network(apart: Level) -> None:
    """A server on this machine cannot be reached."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code, output, _ = attack(f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)", apart)
    assert code == 1
    assert "Connection refused" in output or "Network is unreachable" in output


def test_files_of_the_user_are_not_there(apart: Level, tmp_path: Path) -> None:
    """Neither the home folder nor a file that everybody may read is to be seen."""
    (tmp_path / "secret").write_text("secret")
    for path in (Path.home(), tmp_path / "secret", Path("/etc/passwd")):
        code, output, _ = attack(f"import os; os.stat({str(path)!r})", apart)
        assert (code, "FileNotFoundError" in output) == (1, True)


def test_the_system_cannot_be_written_to(apart: Level) -> None:
    """The folders of the system are read-only, and nothing can be put beside them on the disk."""
    code, output, _ = attack("open('/usr/hacked', 'w')", apart)
    assert code == 1
    assert "Read-only file system" in output or "Permission denied" in output


@pytest.mark.skipif(not ROOT, reason="without root, the level decides")
def test_under_root_a_program_is_nobody(level: Level) -> None:
    """Root is given up: the program may neither read root's files nor kill root's processes."""
    assert attack("import os; print(os.getuid(), os.geteuid())", level)[1] == "65534 65534\n"
    assert "Error" in attack("import os; os.listdir('/root')", level)[1]


def test_the_parent_is_not_killed(level: Level) -> None:
    """A program that kills its parents and everything else it can reach harms nobody outside."""
    if level == "limits" and attack("import os; print(os.getuid())", level)[1] != f"{NOBODY}\n":
        pytest.skip("at this level a program is not kept from that, as the README says")
    source = (
        "import os, signal\npid = os.getppid()\nwhile pid > 0:\n    try:\n        os.kill(pid, 9)\n"
        "        pid = int(open(f'/proc/{pid}/stat').read().rpartition(')')[2].split()[1])\n"
        "    except OSError:\n        break\ntry:\n    os.kill(-1, 9)\nexcept OSError:\n    pass\nprint('here')"
    )
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        code, output, _ = attack(source, level)
        assert (code, output) == (0, "here\n")
        assert bystander.poll() is None
        bystander.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("lasts", ["", "time.sleep(30)"], ids=["ends", "is stopped"])
def test_nothing_stays_alive(level: Level, lasts: str) -> None:
    """A process that became a daemon and ignores every signal is gone when the program has ended or was stopped."""
    mark = secrets.token_hex(8)
    source = (
        "import os, signal, time\nfor s in range(1, 32):\n    try:\n        signal.signal(s, signal.SIG_IGN)\n"
        "    except OSError:\n        pass\nif not os.fork():\n    os.setsid()\n    if not os.fork():\n"
        f"        os.closerange(0, 3)\n        time.sleep(60)  # {mark}\n    os._exit(0)\ntime.sleep(0.3)\n{lasts}"
    )
    _, _, stopped = attack(source, level)
    assert stopped == ("time" if lasts else "")
    assert not alive(mark)


def test_output_is_bounded(level: Level) -> None:
    """A program that writes without end is stopped as soon as that is too much."""
    code, output, stopped = attack("while True:\n    print('x' * 1000)", level, Limits(seconds=60, output=5000))
    assert (code, len(output), stopped) == (128 + signal.SIGKILL, 5000, "output")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_the_program_ends_with_aigc(level: Level, end: signal.Signals) -> None:
    """When the process that runs a program is killed or interrupted, nothing of the program stays."""
    mark = secrets.token_hex(8)
    source = f"import time; time.sleep(60)  # {mark}"
    script = f"from aigc_code.sandbox import run\nrun([{PYTHON!r}, '-c', {source!r}], {{}}, level={level!r})"
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.DEVNULL) as runner:
        started = _until(lambda: bool(_marked(mark) - {runner.pid}))
        runner.send_signal(end)
    assert started
    assert _until(lambda: not alive(mark))


def _until(holds: Callable[[], bool]) -> bool:
    """Wait until something holds, or for 20 seconds."""
    pause = threading.Event()
    end = time.monotonic() + 20
    while not (held := holds()) and time.monotonic() < end:
        pause.wait(0.02)
    return held
