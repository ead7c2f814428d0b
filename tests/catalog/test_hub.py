"""Fetching from a hub, over connections of every quality."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from gguf_files import METADATA, gguf, tiny_model
from model_server import ModelServer, model_server

from aigc_cli.catalog import hub
from aigc_cli.catalog.catalog import Catalog
from aigc_cli.core.errors import BadModelFile, DownloadFailed, DownloadRefused, ModelError, NoRoom, WrongHash

SOURCE = "hf:org/Tiny-GGUF/Tiny-Q4_0.gguf"


def stop_after(n_bytes: int) -> Callable[[int, int | None], None]:
    """Return a progress callback that interrupts like Ctrl+C."""

    def progress(done: int, total: int | None) -> None:
        if done >= n_bytes:
            raise KeyboardInterrupt

    return progress


def left_in(folder: Path) -> list[str]:
    """Return the files of the folder, without locks."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock" and p.name != ".lock")


def test_fetches_checks_and_registers(catalog: Catalog, server: ModelServer, folder: Path) -> None:
    """A pulled model is the server's file, byte for byte, registered under a name made from it, for its owner only."""
    hosted = server.host(SOURCE, tiny_model())
    seen: list[tuple[int, int | None]] = []
    model = catalog.pull(SOURCE, progress=lambda done, total: seen.append((done, total)))
    assert model.path.read_bytes() == hosted.data
    assert (model.alias, model.source, model.sha256, model.size) == (
        "tiny-q4_0",
        SOURCE,
        hosted.sha256,
        len(hosted.data),
    )
    assert seen[-1] == (len(hosted.data), len(hosted.data))
    assert left_in(folder) == ["tiny-q4_0.gguf", "tiny-q4_0.json"]
    assert {oct(p.stat().st_mode & 0o777) for p in folder.rglob("*") if p.is_file()} == {"0o600"}
    assert {oct(p.stat().st_mode & 0o777) for p in (folder, folder / ".downloads")} == {"0o700"}
    assert catalog.installed() == [model]


def test_does_not_fetch_what_is_here(catalog: Catalog, server: ModelServer) -> None:
    """Pulling again asks the server for nothing."""
    server.host(SOURCE, tiny_model())
    first = catalog.pull(SOURCE)
    server.requests.clear()
    assert catalog.pull(SOURCE) == catalog.pull(SOURCE, sha256=first.sha256) == first
    assert server.requests == []


def test_goes_on_when_the_connection_breaks(catalog: Catalog, server: ModelServer) -> None:
    """After a break only the rest is asked for, and the whole is sound."""
    hosted = server.host(SOURCE, tiny_model(), cuts=[10_000, 30_000])
    assert catalog.pull(SOURCE).path.read_bytes() == hosted.data
    assert server.ranges() == [None, "bytes=10000-", "bytes=30000-"]


def test_goes_on_after_an_interruption(catalog: Catalog, server: ModelServer, folder: Path) -> None:
    """What had arrived when the user stopped is kept, and the next pull fetches the rest."""
    hosted = server.host(SOURCE, tiny_model(), cuts=[20_000])
    with pytest.raises(KeyboardInterrupt):
        catalog.pull(SOURCE, progress=stop_after(20_000))
    assert left_in(folder) == ["part", "tag"]
    assert Catalog(folder, {"HF_ENDPOINT": server.url}).pull(SOURCE).path.read_bytes() == hosted.data
    assert server.ranges() == [None, "bytes=20000-"]


def test_finishes_a_part_that_is_complete(catalog: Catalog, server: ModelServer, folder: Path) -> None:
    """A process that died between the last byte and the registration leaves nothing to fetch."""
    hosted = server.host(SOURCE, tiny_model(), announced="")
    with pytest.raises(KeyboardInterrupt):
        catalog.pull(SOURCE, progress=stop_after(len(hosted.data)))
    (tag,) = folder.rglob("tag")
    tag.write_text('"v1"', encoding="utf-8")  # the server's 416 has this ETag
    assert catalog.pull(SOURCE).path.read_bytes() == hosted.data
    assert server.ranges() == [None, f"bytes={len(hosted.data)}-"]


@pytest.mark.parametrize("announced", [None, ""])
def test_starts_over_when_the_file_has_changed(catalog: Catalog, server: ModelServer, announced: str | None) -> None:
    """A part of an older file is not continued with a newer one, with or without an announced hash."""
    server.host(SOURCE, tiny_model("old"), announced=announced)
    with pytest.raises(KeyboardInterrupt):
        catalog.pull(SOURCE, progress=stop_after(1))
    hosted = server.host(SOURCE, tiny_model("new"), announced=announced)
    assert catalog.pull(SOURCE).path.read_bytes() == hosted.data


def test_starts_over_where_parts_are_not_given(catalog: Catalog, server: ModelServer) -> None:
    """A server that ignores Range sends everything again, and nothing is doubled."""
    hosted = server.host(SOURCE, tiny_model(), ranges=False, cuts=[10_000])
    assert catalog.pull(SOURCE).path.read_bytes() == hosted.data


def test_waits_for_a_busy_server(catalog: Catalog, server: ModelServer) -> None:
    """Being told to come back later is not the end."""
    server.host(SOURCE, tiny_model(), statuses=[503, 429, 500])
    assert catalog.pull(SOURCE).alias == "tiny-q4_0"


def test_gives_up_and_keeps_what_arrived(catalog: Catalog, server: ModelServer, folder: Path) -> None:
    """A server that sends nothing more, however often it is asked, ends in an error and a part to go on with."""
    server.host(SOURCE, tiny_model(), cuts=[10_000] * 20)
    with pytest.raises(DownloadFailed, match="arrived and are kept"):
        catalog.pull(SOURCE)
    assert left_in(folder) == ["part", "tag"]
    assert len(server.ranges()) == 6


def test_says_when_the_server_cannot_be_reached(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network is a download that failed, not a bug."""
    monkeypatch.setattr(hub, "_PATIENCE", (0,))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(DownloadFailed, match=r"127\.0\.0\.1 cannot be reached .*refused.*HF_ENDPOINT"):
            Catalog(folder, {"HF_ENDPOINT": endpoint}).pull(SOURCE)


@pytest.mark.parametrize(
    ("status", "detail"), [(401, "HF_TOKEN"), (403, "licence"), (404, "no such file"), (418, "HTTP 418")]
)
def test_says_why_the_server_refuses(
    catalog: Catalog, server: ModelServer, folder: Path, status: int, detail: str
) -> None:
    """Each refusal says what to do, is not tried again, and leaves nothing behind."""
    server.host(SOURCE, tiny_model(), statuses=[status])
    with pytest.raises(DownloadRefused, match=detail):
        catalog.pull(SOURCE)
    assert len(server.requests) == 1
    assert catalog.installed() == []


@pytest.mark.parametrize("endpoint", ["nonsense", "ftp://example.org", "http://"])
def test_refuses_an_endpoint_that_is_none(folder: Path, endpoint: str) -> None:
    """A wrong HF_ENDPOINT is named in the error."""
    with pytest.raises(DownloadRefused, match="is no address"):
        Catalog(folder, {"HF_ENDPOINT": endpoint}).pull(SOURCE)


def test_discards_a_file_with_the_wrong_hash(catalog: Catalog, server: ModelServer, folder: Path) -> None:
    """A file that is not the announced one is not kept, not even in part."""
    hosted = server.host(SOURCE, tiny_model(), announced="0" * 64)
    with pytest.raises(WrongHash) as caught:
        catalog.pull(SOURCE)
    assert caught.value.params["actual"] == hosted.sha256
    assert left_in(folder) == ["part"]
    assert (next(folder.rglob("part"))).stat().st_size == 0


def test_an_etag_of_the_storage_is_no_hash(catalog: Catalog, server: ModelServer) -> None:
    """Only the hub's word counts: the storage may use 64 hexadecimal digits for something else."""
    hosted = server.host(SOURCE, tiny_model(), announced="", etag='"' + "0" * 64 + '"')
    assert catalog.pull(SOURCE).sha256 == hosted.sha256


@pytest.mark.parametrize("announced", [None, ""])
def test_holds_the_file_against_the_users_hash(catalog: Catalog, server: ModelServer, announced: str | None) -> None:
    """The hash the user gives counts, and where the server announces another, nothing is fetched for it."""
    hosted = server.host(SOURCE, tiny_model(), announced=announced)
    with pytest.raises(WrongHash):
        catalog.pull(SOURCE, sha256="1" * 64)
    assert catalog.installed() == []
    assert catalog.pull(SOURCE, sha256=hosted.sha256.upper()).sha256 == hosted.sha256


def test_stops_at_the_first_bytes_of_something_else(catalog: Catalog, server: ModelServer) -> None:
    """A page instead of a model is refused as soon as it begins."""
    server.host(SOURCE, b"<!DOCTYPE html>" * 1000)
    with pytest.raises(BadModelFile, match="does not begin"):
        catalog.pull(SOURCE)


@pytest.mark.parametrize(
    ("data", "detail"),
    [(gguf({**METADATA, "general.type": "adapter"}), "LoRA adapter"), (gguf()[:-1200], "part of the file is missing")],
)
def test_does_not_register_what_is_no_model(
    catalog: Catalog, server: ModelServer, folder: Path, data: bytes, detail: str
) -> None:
    """A file that arrives as it should and is no usable model is discarded."""
    server.host(SOURCE, data)
    with pytest.raises(BadModelFile, match=detail):
        catalog.pull(SOURCE)
    assert left_in(folder) == []


def test_asks_for_room_first(catalog: Catalog, server: ModelServer) -> None:
    """A file larger than the disk is refused before it is fetched."""
    server.host(SOURCE, tiny_model(), size=10**18)
    with pytest.raises(NoRoom, match="1000000000000 MB"):
        catalog.pull(SOURCE)


def test_token_stays_with_the_endpoint(folder: Path, server: ModelServer) -> None:
    """HF_TOKEN reaches the hub and not the storage that the hub redirects to."""
    with model_server() as storage:
        data = tiny_model()
        server.host(SOURCE, data, storage=storage.url)
        storage.host(SOURCE, data)
        Catalog(folder, {"HF_ENDPOINT": server.url, "HF_TOKEN": "secret"}).pull(SOURCE)
        assert [headers["Authorization"] for _, headers in server.requests] == ["Bearer secret"]
        assert [headers["Authorization"] for _, headers in storage.requests] == [None]


def test_does_not_follow_into_the_open() -> None:
    """A redirect from an encrypted address to one without encryption is refused, and so are endless ones."""
    for location, detail in [("http://elsewhere/x", "without encryption"), ("https://hub/x", "without end")]:
        transport = httpx.MockTransport(lambda request, to=location: httpx.Response(302, headers={"Location": to}))
        with httpx.Client(transport=transport) as client:
            connection = hub._Connection(client, "https://hub/x", "")
            with pytest.raises(hub._Refused, match=detail), connection.get({}):
                pass


def test_two_processes_fetch_once(server: ModelServer, folder: Path) -> None:
    """Of two pulls of one model at once, one fetches and the other waits, says so, and finds it there."""
    server.host(SOURCE, tiny_model(rows=2000), pause=0.01)
    script = (
        "import sys; from pathlib import Path; from aigc_cli.catalog.catalog import Catalog\n"
        f"c = Catalog(Path({str(folder)!r}), {{'HF_ENDPOINT': {server.url!r}}}, print)\n"
        f"print(c.pull({SOURCE!r}).sha256)"
    )
    pulls = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        for _ in range(2)
    ]
    said = [pull.communicate(timeout=60)[0] for pull in pulls]
    assert [pull.returncode for pull in pulls] == [0, 0]
    assert {text.split()[-1] for text in said} == {server.hub["/org/Tiny-GGUF/resolve/main/Tiny-Q4_0.gguf"].sha256}
    assert sum("waiting" in text for text in said) == 1
    assert server.ranges() == [None]


def test_every_error_is_one_of_ours(catalog: Catalog, server: ModelServer) -> None:
    """Whatever status the server thinks of, the pull ends in a model error."""
    for status in (204, 206, 300, 304, 305, 400, 416, 451, 501):
        server.host(SOURCE, tiny_model(), statuses=[status] * 9)
        with pytest.raises(ModelError):
            catalog.pull(SOURCE)
