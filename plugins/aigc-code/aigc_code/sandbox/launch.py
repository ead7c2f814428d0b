"""The side of the sandbox that the program is on; run as a script, with nothing but the standard library.

A line of JSON on standard input is the job. While standard input stays open, the program may run: its end, whether
closed or by the death of the process that holds it, has everything killed. How the program ended is written, as JSON,
to the descriptor that the only argument names, when nothing of it is left.

    launcher            sees to the end; under root, stays root
     └ child            gives up root, sets the limits
        └ the program   by way of bubblewrap, of a first process in new namespaces, or at once

Everything is imported before root is given up: what lies in root's folders cannot be read afterwards.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import sys
from contextlib import suppress
from typing import Any, NoReturn

_LINUX = sys.platform == "linux"
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/etc/alternatives", "/etc/ld.so.cache")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_NOBODY = 65534
_TICK = 0.02  # seconds between two looks at the program

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 4, 36, 38
_NEW_NAMESPACES = 0x00020000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000  # NS UTS IPC USER PID NET
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
_MNT_DETACH = 2
_SYS_MOUNT_SETATTR = 442
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID = 1, 2

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Run the job and say how it ended."""
    tell = int(sys.argv[1])
    job = _read_job()
    if _LINUX:
        _call("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child = os.fork()
    if child == 0:
        os.close(tell)
        _in_child(job)
    code, memory = _wait(child, job["memory"])
    os.write(tell, json.dumps({"code": code, "memory": memory}).encode())


def _read_job() -> dict[str, Any]:
    line = b""
    while not line.endswith(b"\n"):
        chunk = os.read(0, 1 << 16)
        if not chunk:
            sys.exit(1)
        line += chunk
    job: dict[str, Any] = json.loads(line)
    return job


# The launcher: seeing to the end


def _wait(child: int, memory: int) -> tuple[int | None, bool]:
    """Wait for the child's end and then kill what is left; returns its exit code, and whether it took too much."""
    too_much = False
    while (ended := _reap(child)) is None:
        if select.select([0], [], [], _TICK)[0] or (too_much := _resident() > memory):
            break
    _kill_all(child)
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, 0)
            ended = _code(status) if pid == child else ended
    return ended, too_much


def _reap(child: int) -> int | None:
    """Take note of processes that ended, and return the exit code of the child if it is among them."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == child:
                return _code(ended[1])
    return None


def _code(status: int) -> int:
    """Return a process's exit code, or 128 and the number of the signal that ended it."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _kill_all(child: int) -> None:
    """Kill every descendant, also those that left the child's session.

    All are stopped before any is killed: killing one at the limit of processes makes room for another.
    """
    stopped: set[int] = set()
    while fresh := set(_descendants()) - stopped:
        for pid in fresh:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        stopped |= fresh
    for pid in stopped:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if not _LINUX:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)


def _descendants() -> list[int]:
    """Return the living descendants; none where the system has no /proc."""
    if not _LINUX:
        return []
    children: dict[int, list[int]] = {}
    for name in filter(str.isdecimal, os.listdir("/proc")):
        with suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            state, parent = file.read().rpartition(b")")[2].split()[:2]
            if state not in b"ZX":
                children.setdefault(int(parent), []).append(int(name))
    found = list(children.get(os.getpid(), []))
    for pid in found:
        found += children.get(pid, [])
    return found


def _resident() -> int:
    """Return how many bytes of memory the descendants take together."""
    pages = 0
    for pid in _descendants():
        with suppress(OSError), open(f"/proc/{pid}/statm", "rb") as file:
            pages += int(file.read().split()[1])
    return pages * resource.getpagesize()


# The child: giving up and going in


def _in_child(job: dict[str, Any]) -> NoReturn:
    """Become the program; exits with 127, having said why, where that fails."""
    try:
        os.setsid()
        _give_up_root(job["folder"])
        if _LINUX:
            _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            _call("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)  # changing the user makes /proc/self the kernel's
        _set_limits(job)
        {"bubblewrap": _by_bubblewrap, "namespaces": _by_namespaces, "limits": _by_limits}[job["level"]](job)
    except BaseException as error:
        os.write(2, f"sandbox: {type(error).__name__}: {error}\n".encode())
    os._exit(127)


def _give_up_root(folder: str) -> None:
    """Become nobody, or fail: neither the number of root's processes nor whom they kill is limited."""
    if os.geteuid() == 0:
        os.chown(folder, _NOBODY, _NOBODY)
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


def _set_limits(job: dict[str, Any]) -> None:
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: job["cpu"],
        resource.RLIMIT_DATA: job["memory"],
        resource.RLIMIT_FSIZE: job["file"],
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_NPROC: _running() + job["processes"],  # counts all that the user runs
    }
    for kind, value in limits.items():
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def _running() -> int:
    """Return how many processes and threads the user has."""
    count = 0
    for pid in filter(str.isdecimal, os.listdir("/proc")) if _LINUX else ():
        with suppress(OSError):
            if os.stat(f"/proc/{pid}").st_uid == os.getuid():
                count += len(os.listdir(f"/proc/{pid}/task"))
    return count if _LINUX else 256


def _environ(folder: str) -> dict[str, str]:
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"}


def _become(command: list[str], folder: str) -> NoReturn:
    """Replace this process by the program, which has nothing to read."""
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    os.execve(command[0], command, _environ(folder))  # noqa: S606


def _write_files(job: dict[str, Any]) -> None:
    """Write the files into the current folder."""
    for name, text in job["files"].items():
        with open(name, "wb") as file:
            file.write(text.encode())


def _by_limits(job: dict[str, Any]) -> NoReturn:
    os.chdir(job["folder"])
    _write_files(job)
    if _LINUX:
        _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _become(job["command"], job["folder"])


def _by_bubblewrap(job: dict[str, Any]) -> NoReturn:
    size = ["--size", str(job["folder_bytes"])]
    args = [job["bubblewrap"], "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    for path in (*_SYSTEM, *job["visible"]):
        args += ["--ro-bind-try", path, path]
    args += ["--proc", "/proc", "--dev", "/dev", *size, "--tmpfs", "/tmp", *size, "--tmpfs", "/work"]  # noqa: S108
    for name, text in job["files"].items():
        memory = os.memfd_create(name, 0)
        os.write(memory, text.encode())
        os.lseek(memory, 0, os.SEEK_SET)
        args += ["--file", str(memory), f"/work/{name}"]
    args += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/work", "--", *job["command"]]
    _become(args, "/work")


def _by_namespaces(job: dict[str, Any]) -> NoReturn:
    """Be the parent of the first process in new namespaces, and end as it does."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", _NEW_NAMESPACES)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "wb") as file:
            file.write(text.encode())
    if (first := os.fork()) == 0:
        _be_first(job)
    _end_as(first)


def _be_first(job: dict[str, Any]) -> NoReturn:
    """Be the first process: with its end, the kernel kills all others of the namespace."""
    try:
        _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _change_root(job)
        os.chdir("/work")
        _write_files(job)
        _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if (program := os.fork()) == 0:
            _become(job["command"], "/work")
        _end_as(program)
    except BaseException as error:
        os.write(2, f"sandbox: {type(error).__name__}: {error}\n".encode())
    os._exit(127)


def _end_as(child: int) -> NoReturn:
    """Wait for a child, taking note of all others that end, and exit as it did."""
    while (ended := _reap(child)) is None:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    os._exit(ended)


def _change_root(job: dict[str, Any]) -> None:
    """See nothing but a folder in memory, with the system's programs in it that cannot be written to."""
    root = job["folder"]
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    _mount("tmpfs", root, "tmpfs", _MS_NOSUID | _MS_NODEV, f"size={job['folder_bytes']},mode=755")
    for path in (*_SYSTEM, *job["visible"]):
        _show(root, path)
    for name in ("work", "tmp", "proc", "dev"):
        os.makedirs(f"{root}/{name}", exist_ok=True)
    for name in _DEVICES:
        _bind(f"/dev/{name}", f"{root}/dev/{name}")
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"{root}/dev/{name}")
    with suppress(OSError):  # refused where the /proc of a container is covered in part; few programs miss it
        _mount("proc", f"{root}/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    os.chdir(root)
    _call("pivot_root", b".", b".")
    _call("umount2", b".", _MNT_DETACH)
    os.chdir("/")


def _show(root: str, path: str) -> None:
    """Have ``path`` in the new root as it is here, but not to be written to."""
    if os.path.islink(path):
        os.symlink(os.readlink(path), root + path)
    elif os.path.exists(path) and not os.path.exists(root + path):
        _bind(path, root + path)
        attributes = (ctypes.c_uint64 * 4)(_MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID)
        target, size = os.fsencode(root + path), ctypes.sizeof(attributes)
        if _libc.syscall(_SYS_MOUNT_SETATTR, _AT_FDCWD, target, _AT_RECURSIVE, attributes, size) != 0:
            _fail(f"mount_setattr {path}")


def _bind(path: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        os.close(os.open(target, os.O_CREAT))
    _mount(path, target, None, _MS_BIND | _MS_REC)


def _mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    name = kind.encode() if kind else None
    _call("mount", source.encode(), os.fsencode(target), name, ctypes.c_ulong(flags), data.encode())


def _call(name: str, *args: object) -> None:
    """Call a function of the C library.

    Raises:
        OSError: if it fails.
    """
    if getattr(_libc, name)(*args) != 0:
        _fail(name)


def _fail(name: str) -> NoReturn:
    number = ctypes.get_errno()
    raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    main()
