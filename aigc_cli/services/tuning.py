"""From votes to an adapter that may answer: freeze the votes, train, convert, examine."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeAlias

from aigc_cli.catalog.disk import disk_errors
from aigc_cli.config.paths import Paths
from aigc_cli.core.engine import Engine
from aigc_cli.core.errors import AigcError, DiskFull, TrainingFailed, UnreadableFile, Untunable
from aigc_cli.core.gguf import GgufHeader, read_model
from aigc_cli.core.message import Message
from aigc_cli.core.model import InstalledModel
from aigc_cli.core.request import AdapterUse
from aigc_cli.core.text import N_, Notice
from aigc_cli.core.tuning import Adapter, State, Wanted
from aigc_cli.services.adapters import Adapters
from aigc_cli.services.examine import FULL, Examining, everyday_questions, examine, gentle_strength, neutral_text
from aigc_cli.services.lessons import Lessons, gather, read_evidence
from aigc_cli.services.loading import Loader
from aigc_cli.store import Store
from aigc_cli.store.rows import now
from aigc_cli.tuning import recipes, runner
from aigc_cli.tuning.convert import ARCHITECTURES
from aigc_cli.tuning.gate import FIDELITY_LIMIT
from aigc_cli.tuning.job import Event, Job, Stage
from aigc_cli.tuning.recipes import Data, Estimate

_SAMPLE = 20  # rows whose tokens are counted
_LENGTHS = (128, 1024)  # least and greatest number of tokens that a row may have
_STEP = 64
_PARITY = 240  # tokens
_NAMES = 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training would do.

    Attributes:
        name: Of the adapter.
        stages: In order.
        data: What there is to learn from.
        held_back: Votes that are kept for the examination.
        row_tokens: Tokens of a prompt with its answer, on average.
        max_length: Tokens beyond which one is cut.
        estimate: What it will take.
        resumes: It goes on with one that was stopped, with the votes of then.
    """

    name: str
    model: InstalledModel
    method: Wanted
    generator: str | None
    stages: tuple[Stage, ...]
    data: Data
    held_back: int
    row_tokens: int
    max_length: int
    estimate: Estimate
    resumes: bool


@dataclass(frozen=True, slots=True)
class Tuned:
    """The training is over; the state of ``adapter`` says whether it passed."""

    adapter: Adapter


@dataclass(frozen=True, slots=True)
class Paused:
    """The training was stopped and can be resumed."""

    name: str


TuneEvent: TypeAlias = Event | Examining | Tuned | Paused


class Tuner:
    """Trains adapters for models of the user's on the user's votes.

    Args:
        store: The votes.
        adapters: The adapters.
        loader: Finds and loads models.
        paths: The folders.
        threads: Threads to train with; 0 fits them to this machine.
    """

    def __init__(self, store: Store, adapters: Adapters, loader: Loader, paths: Paths, threads: int) -> None:
        from aigc_cli.engine.llama.cores import usable_cores

        self._store = store
        self._adapters = adapters
        self._loader = loader
        self._folder = paths.adapters
        self._cache = paths.cache / "tuning"
        self._threads = threads or usable_cores()

    def tunable(self, model: str | None) -> InstalledModel:
        """Return a model that can be trained; raises `Untunable` or what `Loader.find` raises."""
        found = self._loader.find(model)
        if not found.sha256:
            raise Untunable(model=found.alias, detail=N_("register it first, with `aigc models add`"))
        architecture = read_model(found.path).architecture
        if architecture not in ARCHITECTURES:
            names = {"name": architecture, "known": ", ".join(ARCHITECTURES)}
            text = N_("its architecture is {name!r}, and those that can be are: {known}")
            raise Untunable(model=found.alias, detail=Notice(text, names))
        return found

    def lessons(self, generator: str | None) -> Lessons:
        """Return what there is to learn from."""
        return gather(self._store, generator)

    def questions(self, adapter: Adapter) -> list[str]:
        """Return questions to compare an adapter by: those of held-back votes first, then everyday ones."""
        held = [prompt[-1].content for prompt in self.lessons(adapter.generator or None).evidence.questions]
        return [*held, *everyday_questions()]

    def prove(self, adapter: Adapter, notify: Callable[[Notice], None]) -> Adapter:
        """Return ``adapter`` compared anew with its model; see `aigc_cli.services.proof.prove`."""
        from aigc_cli.services.proof import prove

        self._loader.load(adapter.model)
        return prove(self._store, self._loader.engine(), adapter, notify)

    def plan(self, model: str | None, method: Wanted, generator: str | None, name: str | None) -> Plan:
        """Return what a training would do.

        Raises:
            MissingExtra: if packages are missing.
            Untunable: if the model cannot be trained here.
            TooFewVotes: if the votes do not suffice for the method.
            AdapterExists: if the name is taken by a finished adapter.
        """
        runner.require()
        found = self.tunable(model)
        if begun := self._begun(found, name):
            return self._resumed(found, begun)
        lessons = self.lessons(generator)
        stages = recipes.stages(method, lessons.data)
        tokens = self._tokens(found, lessons)
        longest = min(_LENGTHS[1], max(_LENGTHS[0], -(-max(tokens) // _STEP) * _STEP))
        mean = sum(tokens) // len(tokens)
        return Plan(
            name or self._free_name(method),
            found,
            method,
            generator,
            stages,
            lessons.data,
            len(lessons.evidence.votes),
            mean,
            longest,
            self.estimate(stages, mean, found),
            resumes=False,
        )

    def estimate(self, stages: Sequence[Stage], row_tokens: int, model: InstalledModel) -> Estimate:
        """Return what stages will take, by the last run on this machine where there is one."""
        rates = [one.card["rate"] for one in self._adapters.all() if "rate" in one.card]
        vocabulary = _vocabulary(read_model(model.path))
        return recipes.estimate(stages, row_tokens, model.parameters, vocabulary, rates[-1] if rates else None)

    def train(self, plan: Plan, cancel: threading.Event) -> Generator[TuneEvent, None, None]:
        """Do what ``plan`` says; `Tuned` comes last, or `Paused` after ``cancel`` was set.

        Raises:
            TrainingBusy: if another process trains.
            TrainingFailed: if the training process fails.
            DiskFull: if there is no space for it; adapters that were there are as they were.
        """
        folder = self._adapters.folder(plan.name)
        with runner.only_one(self._folder), disk_errors(folder):
            if not plan.resumes:
                self._freeze(plan, folder)
            self._loader.unload()  # the memory is needed for the training
            done: Event = {}
            with runner.training(folder / "job.json", folder / "train.log") as events:
                for event in events:
                    yield event
                    if event["event"] == "failed":
                        raise _failure(plan, event, folder)
                    if event["event"] == "done":
                        done = event
                    elif cancel.is_set():
                        break
            if not done:
                yield Paused(plan.name)
                return
            yield from self._finish(plan, folder, done)

    def _begun(self, model: InstalledModel, name: str | None) -> Adapter | None:
        """Return the training to go on with: the one of this name, or the newest that was stopped."""
        begun = {
            one.name: one
            for one in self._adapters.all()
            if one.model_sha256 == model.sha256 and one.state == "unfinished"
        }
        if name is None:
            return begun.popitem()[1] if begun else None
        self._adapters.check_name(name, begun)
        return begun.get(name)

    def _free_name(self, method: str) -> str:
        taken = {one.name for one in self._adapters.all()}
        return next(name for name in (f"{method}-{number}" for number in range(1, _NAMES)) if name not in taken)

    def _resumed(self, model: InstalledModel, begun: Adapter) -> Plan:
        path = self._adapters.folder(begun.name) / "job.json"
        try:
            job = Job.read(path)
        except (OSError, ValueError) as error:
            raise UnreadableFile(path=path, detail=error) from error
        card = begun.card
        return Plan(
            begun.name,
            model,
            begun.method,  # type: ignore[arg-type]  # it was one when it was written
            begun.generator or None,
            job.stages,
            Data(**card["data"]),
            card["held_back"],
            card["row_tokens"],
            job.max_length,
            self.estimate(job.stages, card["row_tokens"], model),
            resumes=True,
        )

    def _engine(self, model: InstalledModel) -> Engine:
        self._loader.load(model.alias)
        return self._loader.engine()

    def _tokens(self, model: InstalledModel, lessons: Lessons) -> list[int]:
        """Count the tokens of some rows."""
        engine = self._engine(model)
        rows = lessons.rows["kto"]
        return [
            engine.count([Message(one["role"], one["content"]) for one in (*row["prompt"], *row["completion"])])
            for row in rows[:: max(1, len(rows) // _SAMPLE)]
        ]

    def _freeze(self, plan: Plan, folder: Path) -> None:
        """Write down the votes and the job, and the adapter's name where others see it."""
        lessons = self.lessons(plan.generator)
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700, parents=True)
        lessons.write(folder / "dataset", [stage.method for stage in plan.stages])
        parity = self._engine(plan.model).score(neutral_text())[:_PARITY]
        Job(
            base=plan.model.path,
            base_sha256=plan.model.sha256,
            cache=self._cache,
            folder=folder,
            stages=plan.stages,
            max_length=plan.max_length,
            threads=self._threads,
            parity_text=neutral_text(),
            parity_tokens=tuple(token.token for token in parity),
            parity_logprobs=tuple(token.logprob for token in parity),
            parity_limit=FIDELITY_LIMIT,
        ).write(folder / "job.json")
        card = {
            "stages": [asdict(stage) for stage in plan.stages],
            "data": asdict(lessons.data),
            "data_sha256": lessons.sha256,
            "held_back": plan.held_back,
            "row_tokens": plan.row_tokens,
            "license": plan.model.license,
        }
        names = plan.name, now(), plan.model.alias, plan.model.sha256, plan.method, plan.generator or ""
        self._store.adapters.add(Adapter(*names, card=card))

    def _finish(self, plan: Plan, folder: Path, done: Event) -> Generator[TuneEvent, None, None]:
        """Convert and examine what was trained, and let its name be known."""
        self._adapters.write(folder / "adapter", plan.model, plan.name)
        shutil.rmtree(folder / "home", ignore_errors=True)
        adapter = self._adapters.get(plan.name)
        known = {name: done[name] for name in ("versions", "precision", "memory", "seconds")}
        rate = recipes.work(plan.stages, plan.row_tokens, plan.model.parameters) / max(1.0, done["seconds"])
        engine = self._engine(plan.model)
        use = AdapterUse(self._adapters.file(plan.name))
        evidence = read_evidence(folder / "dataset")
        if theirs := done["logprobs"]:
            ours = engine.score(neutral_text(), (), (use,))[: len(theirs)]
            distance = sum(abs(a.logprob - b) for a, b in zip(ours, theirs, strict=True)) / len(theirs)
            evidence = replace(evidence, fidelity=distance)
        known["strength"] = strength = gentle_strength(engine, use.path)
        if strength != FULL:
            self._adapters.write(folder / "adapter", plan.model, plan.name, strength)
        found = yield from examine(engine, use, evidence)
        state: State = "passed" if found.verdict.passed else "refused"
        adapter = replace(adapter, state=state, card={**adapter.card, **known, "rate": rate}, gate=found.plain())
        self._store.adapters.save(adapter)
        yield Tuned(adapter)


def _failure(plan: Plan, event: Event, folder: Path) -> AigcError:
    kind, detail = event["kind"], event["detail"]
    if kind == "disk":
        return DiskFull(path=folder)
    if kind == "parity":
        text = N_("transformers and llama.cpp read it differently: {detail}")
        return Untunable(model=plan.model.alias, detail=Notice(text, {"detail": detail}))
    if kind == "unsupported":
        return Untunable(model=plan.model.alias, detail=detail)
    return TrainingFailed(detail=N_("not enough memory") if kind == "memory" else detail, log=folder / "train.log")


def _vocabulary(header: GgufHeader) -> int:
    tokens = header.metadata.get("tokenizer.ggml.tokens")
    return getattr(tokens, "length", 0)
