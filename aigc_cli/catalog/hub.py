"""Files of a Hugging Face repository, or of a server that speaks like one.

What has arrived stays in a partial file, and the next attempt, in this process or another, asks for the rest only.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx

from aigc_cli import __version__
from aigc_cli.catalog.disk import need_room
from aigc_cli.catalog.source import HubSource
from aigc_cli.core.errors import BadModelFile, DownloadFailed, DownloadRefused, WrongHash
from aigc_cli.core.text import N_, Notice

Progress = Callable[[int, "int | None"], None]

_CHUNK = 1 << 20
_REDIRECTS = 5
_PATIENCE = (0.5, 1.0, 2.0, 4.0)  # seconds before attempts that follow one without any progress
_TIMEOUT = httpx.Timeout(30.0, connect=15.0)
_REFUSALS = {
    401: N_("there is no such repository, or it wants a token in HF_TOKEN"),
    403: N_("the repository is closed to you; accept its licence on its page and set HF_TOKEN"),
    404: N_("there is no such file in the repository"),
}


class _Trouble(Exception):
    """A server that does not do what it should."""

    def __init__(self, template: str, **params: object) -> None:
        super().__init__(template.format(**params))
        self.notice = Notice(template, params)


class _Unfinished(_Trouble):
    """It broke off or is busy; another attempt may succeed."""


class _Refused(_Trouble):
    """Another attempt would not help."""


def fetch(
    source: HubSource, folder: Path, *, endpoint: str, token: str, sha256: str | None, progress: Progress
) -> tuple[Path, str]:
    """Fetch a file, going on where an earlier attempt left off.

    Args:
        source: The file.
        folder: Where it goes, a folder of its own; on failure it is left there as far as it has come.
        endpoint: Such as "https://huggingface.co".
        token: Sent to the endpoint and to no other host; may be empty.
        sha256: What the file must have; without it, what the server says it has.
        progress: Is handed bytes done and, where known, bytes in all. It may raise to stop.

    Returns:
        The file and its SHA-256.

    Raises:
        DownloadFailed: if the server cannot be reached or breaks off time and again.
        DownloadRefused: if the server does not give the file.
        WrongHash: if the file is not what it should be; it is discarded.
        BadModelFile: if what arrives does not begin as GGUF; it is discarded.
        NoRoom: if the disk is too small for the file.
        OSError: if the partial file cannot be written.
    """
    url = f"{endpoint.rstrip('/')}/{source.repo}/resolve/main/{quote(source.file)}"
    try:
        with _Part(folder) as arrived, httpx.Client(timeout=_TIMEOUT) as client:
            expected = _Download(source, arrived, _Connection(client, url, token), sha256, progress).run()
            actual = arrived.sha256
            if expected and actual != expected:
                arrived.restart()
                raise WrongHash(name=source, expected=expected, actual=actual)
            return arrived.path, actual
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise DownloadRefused(
            name=source,
            detail=Notice(N_("{endpoint!r} is no address ({error})"), {"endpoint": endpoint, "error": error}),
        ) from error
    except _Refused as refusal:
        raise DownloadRefused(name=source, detail=refusal.notice) from refusal


class _Part:
    """The partial file, the hash of what is in it, and the tag of the file on the server that it is a part of."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self.path = folder / "part"
        self._tag_path = folder / "tag"
        self._file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        self._digest = hashlib.sha256()
        self.size = 0
        self.tag = ""
        if self._tag_path.exists():
            self.tag = self._tag_path.read_text(encoding="utf-8", errors="replace")
            while chunk := self._file.read(_CHUNK):
                self._count(chunk)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def restart(self, tag: str = "") -> None:
        """Begin anew, with a part of the file that has this tag; without one, it can never be gone on with."""
        self._file.seek(0)
        self._file.truncate()
        self._digest = hashlib.sha256()
        self.size = 0
        self.tag = tag
        self._tag_path.unlink(missing_ok=True)
        if tag:
            self._tag_path.write_text(tag, encoding="utf-8")

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._count(chunk)

    def _count(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self.size += len(chunk)

    def __enter__(self) -> _Part:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class _Connection:
    """Requests to one address and wherever it redirects to."""

    def __init__(self, client: httpx.Client, url: str, token: str) -> None:
        self._client = client
        self._url = httpx.URL(url)
        self._token = token

    @contextmanager
    def get(self, headers: dict[str, str]) -> Iterator[tuple[httpx.Response, str]]:
        """Give the final response, and the SHA-256 of the file if the hub announced it.

        Redirects are followed by hand: the hub announces the hash in the one that leads to its storage, and the
        token must not travel there.
        """
        url, announced = self._url, ""
        for _ in range(_REDIRECTS + 1):
            sent = {"User-Agent": f"aigc/{__version__}", "Accept-Encoding": "identity", **headers}
            if self._token and _origin(url) == _origin(self._url):
                sent["Authorization"] = f"Bearer {self._token}"
            response = self._client.send(self._client.build_request("GET", url, headers=sent), stream=True)
            try:
                announced = announced or _sha256(response.headers.get("X-Linked-ETag", ""))
                if not response.has_redirect_location:
                    own = url == self._url  # the ETag of a storage may look like a SHA-256 and be another hash
                    yield response, announced or (_sha256(response.headers.get("ETag", "")) if own else "")
                    return
                url = url.join(response.headers["Location"])
            finally:
                response.close()
            if url.scheme != "https" and self._url.scheme == "https":
                raise _Refused(N_("the server leads to an address without encryption"))
        raise _Refused(N_("the server leads from address to address without end"))


class _Download:
    """One file on its way."""

    def __init__(
        self, source: HubSource, part: _Part, connection: _Connection, sha256: str | None, progress: Progress
    ) -> None:
        self._source = source
        self._part = part
        self._connection = connection
        self._sha256 = sha256
        self._progress = progress

    def run(self) -> str:
        """Fetch what is missing, in as many attempts as it takes; return the hash to expect, empty if unknown."""
        failures = 0
        while True:
            before = self._part.size
            try:
                return self._attempt()
            except httpx.UnsupportedProtocol:
                raise
            except (httpx.TransportError, _Unfinished) as error:
                failures = 0 if self._part.size > before else failures + 1
                if failures > len(_PATIENCE):
                    raise DownloadFailed(name=self._source, detail=self._reason(error)) from error
                if failures:
                    time.sleep(_PATIENCE[failures - 1])

    def _reason(self, error: Exception) -> Notice:
        words = str(error) or type(error).__name__
        if self._part.size:
            kept = N_("{error} ({megabytes} MB have arrived and are kept)")
            return Notice(kept, {"error": words, "megabytes": self._part.size // 10**6})
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
            away = N_("{host} cannot be reached ({error}); a mirror can be named in HF_ENDPOINT")
            return Notice(away, {"host": error.request.url.host, "error": words})
        return Notice("{error}", {"error": words})

    def _attempt(self) -> str:
        part = self._part
        asked = {"Range": f"bytes={part.size}-"} if part.size and part.tag else {}
        with self._connection.get(asked) as (response, announced):
            tag = announced or response.headers.get("ETag", "")
            complete, total = self._examine(response, tag)
            if announced and self._sha256 and announced != self._sha256:
                raise WrongHash(name=self._source, expected=self._sha256, actual=announced)
            if not complete:
                if response.status_code == 200:
                    part.restart("" if tag.startswith("W/") else tag)
                need_room(self._source, (total or 0) - part.size, part.path.parent)
                self._receive(response, total)
        if total is not None and part.size != total:
            raise _Unfinished(N_("{size} of {total} bytes arrived"), size=part.size, total=total)
        return self._sha256 or announced

    def _receive(self, response: httpx.Response, total: int | None) -> None:
        for chunk in response.iter_raw():  # as it comes: gathering it would lose what a broken connection still gave
            if self._part.size == 0 and chunk[:4] != b"GGUF"[: len(chunk)]:
                self._part.restart()
                raise BadModelFile(path=self._source, detail=N_("it does not begin as one"))
            self._part.write(chunk)
            self._progress(self._part.size, total)

    def _examine(self, response: httpx.Response, tag: str) -> tuple[bool, int | None]:
        """Return whether everything has arrived already, and the size of the whole file if the server tells it."""
        status, headers = response.status_code, response.headers
        if status in (206, 416):
            ranged = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", headers.get("Content-Range", ""))
            total = int(ranged[2]) if ranged and ranged[2] != "*" else None
            fits = total == self._part.size if status == 416 else ranged and ranged[1] == str(self._part.size)
            if not fits or tag != self._part.tag:
                self._part.restart()
                raise _Unfinished(N_("the file on the server has changed"))
            return status == 416, total
        if status == 429 or status >= 500:
            raise _Unfinished(N_("the server is busy (HTTP {status})"), status=status)
        if status != 200:
            raise _Refused(_REFUSALS.get(status, N_("the server answers with HTTP {status}")), status=status)
        if headers.get("Content-Encoding", "identity") != "identity":
            raise _Refused(N_("the server compresses what it sends, unasked"))
        length = headers.get("Content-Length", "")
        return False, int(length) if length.isdecimal() else None


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _sha256(etag: str) -> str:
    """Return the hash that an ETag is, empty if it is something else."""
    match = re.fullmatch(r'(?:W/)?"?([0-9a-fA-F]{64})"?', etag.strip())
    return match[1].lower() if match else ""
