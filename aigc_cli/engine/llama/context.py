"""What llama.cpp has evaluated: one llama context, grown as it fills."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from typing import Any, Literal

from aigc_cli.core.errors import EngineError, OutOfMemory
from aigc_cli.core.text import N_
from aigc_cli.engine.llama.binding import C, last_errors
from aigc_cli.engine.llama.cores import Governor
from aigc_cli.engine.llama.model import Model
from aigc_cli.engine.llama.settings import LlamaSettings

_KV_TYPES = {"f16": C.GGML_TYPE_F16, "q8_0": C.GGML_TYPE_Q8_0, "q4_0": C.GGML_TYPE_Q4_0}
_FLASH = {
    "auto": C.LLAMA_FLASH_ATTN_TYPE_AUTO,
    "on": C.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    "off": C.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}
_SMALLEST = 1024
_BATCHES = (64, 256)
_GPU_BATCH = 512
_BATCH_WORK = 5e10  # weights times tokens: about a second of two cores
_LOOK = 8  # tokens between two looks at how busy the machine is
_NO_ABORT = C.ggml_abort_callback()
_NO_ROOM = 1
_ABORTED = 2

Decoded = Literal["done", "aborted"]


class Context:
    """A llama context with room for some cells (positions of all sequences together) and sequences.

    Clearing the memory for 8192 tokens takes 0.1 s with the smallest of models, most of what a short answer takes.
    So a context starts small and is replaced by a larger one, with what it has evaluated, when that is needed.

    Args:
        model: The model to evaluate with.
        settings: Memory types and batch size.
        limit: Cells that it never grows beyond.
        cells: Cells to begin with.
        threads: Threads to evaluate with.
        governor: Changes the number of threads while tokens are decoded; None leaves it.

    Attributes:
        batch: Tokens that can be evaluated at once.
        cells: Cells there are now.

    Raises:
        OutOfMemory: if the memory cannot be had.
    """

    def __init__(
        self,
        model: Model,
        settings: LlamaSettings,
        limit: int,
        cells: int = 0,
        threads: int = 1,
        governor: Governor | None = None,
    ) -> None:
        self._model = model
        self._settings = settings
        self.limit = limit
        self.threads = threads
        self.batch = settings.batch or _batch(model)
        self._governor = governor
        self._decoded = 0
        self.handle: Any = None
        self._memory: Any = None
        self._adapters: list[tuple[object, float]] = []
        self._cancel = threading.Event()
        self._abort = C.ggml_abort_callback(lambda _: self._cancel.is_set())
        self._open(min(limit, max(cells, _SMALLEST)), 1)

    def reserve(self, cells: int, sequences: int = 1) -> bool:
        """Make room for so many cells and sequences, keeping what sequence 0 holds; False if the limit forbids.

        Raises:
            OutOfMemory: if the memory cannot be had; there is as much as before then.
        """
        if cells > self.limit:
            return False
        if cells <= self.cells and sequences <= self.sequences:
            return True
        size = C.llama_state_seq_get_size(self.handle, 0)
        state = (ctypes.c_uint8 * size)()
        kept = C.llama_state_seq_get_data(self.handle, state, size, 0)
        before = self.cells, self.sequences
        wanted = 1 << (max(cells, self.cells) - 1).bit_length()
        C.llama_free(self.handle)
        try:
            self._open(min(self.limit, wanted), max(sequences, self.sequences))
        except OutOfMemory:
            self._open(*before)
            raise
        finally:
            if self.handle:
                C.llama_state_seq_set_data(self.handle, state, kept, 0)
        return True

    def decode(
        self, tokens: Sequence[int], positions: Sequence[int], sequences: Sequence[int], *, all_logits: bool
    ) -> Decoded:
        """Evaluate one batch; with ``all_logits`` every entry gives logits, otherwise only the last.

        Raises:
            EngineError: if llama.cpp cannot.
            OutOfMemory: if an attempt to grow has left no context at all.
        """
        if not self.handle:
            raise OutOfMemory(detail=N_("the context does not fit"))
        count = len(tokens)
        batch = self._batch
        batch.n_tokens = count
        self._tokens[:count] = list(tokens)
        self._positions[:count] = list(positions)
        self._logits[:count] = [int(all_logits)] * (count - 1) + [1]
        for entry, sequence in enumerate(sequences):
            self._sequence_ids[entry] = self._ids[sequence]
        status = C.llama_decode(self.handle, batch)
        if status == _ABORTED:
            return "aborted"
        if status:
            detail = N_("the context is full") if status == _NO_ROOM else last_errors()
            raise EngineError(detail=detail or f"llama_decode: {status}")
        return "done"

    def advance(self, tokens: Sequence[int], positions: Sequence[int], sequences: Sequence[int]) -> None:
        """Evaluate one more token of each of some sequences; all give logits."""
        self.decode(tokens, positions, sequences, all_logits=True)
        if self._governor is None:
            return
        self._decoded += 1
        if self._decoded == 1:
            self._governor.start()
        elif self._decoded % _LOOK == 0:
            threads = self._governor.look()
            if threads != self.threads:
                self.use_threads(threads)

    def evaluate(self, tokens: Sequence[int], position: int, cancel: threading.Event, sequence: int = 0) -> Decoded:
        """Evaluate ``tokens`` of ``sequence`` from ``position`` on, at most `batch`; ``cancel`` ends it early.

        llama.cpp asks on a CPU between the operations whether to go on, some 500 times for a batch. That is
        nothing beside a batch of prompt tokens and too much beside a single one, so `decode` goes without.
        """
        self._cancel = cancel
        self._decoded = 0
        C.llama_set_abort_callback(self.handle, self._abort, None)
        try:
            count = len(tokens)
            done = self.decode(tokens, range(position, position + count), [sequence] * count, all_logits=False)
            if done == "done":
                C.llama_synchronize(self.handle)
            return done
        finally:
            C.llama_set_abort_callback(self.handle, _NO_ABORT, None)

    def evaluated(self, sequence: int = 0) -> int:
        """Return how many positions of ``sequence`` are in memory."""
        return int(C.llama_memory_seq_pos_max(self._memory, sequence)) + 1

    def truncate(self, sequence: int, length: int) -> bool:
        """Forget ``sequence`` from position ``length`` on; False, and forgotten whole, where a model cannot."""
        if C.llama_memory_seq_rm(self._memory, sequence, length, -1):
            return True
        C.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        return False

    def copy(self, source: int, target: int) -> None:
        """Let ``target`` hold what ``source`` holds, without evaluating it again or taking memory."""
        C.llama_memory_seq_rm(self._memory, target, -1, -1)
        C.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def keep_only(self, sequence: int) -> None:
        """Forget every sequence but one, which becomes sequence 0."""
        C.llama_memory_seq_keep(self._memory, sequence)
        if sequence:
            self.copy(sequence, 0)
            C.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def clear(self) -> None:
        """Forget everything that was evaluated."""
        C.llama_memory_clear(self._memory, False)

    def use_threads(self, threads: int) -> None:
        """Evaluate with so many threads from now on; results do not depend on it."""
        self.threads = threads
        C.llama_set_n_threads(self.handle, threads, threads)

    def use_adapters(self, adapters: Sequence[tuple[object, float]]) -> None:
        """Apply LoRA adapters at scales from now on; what was evaluated with others has to be cleared."""
        self._adapters = list(adapters)
        apply_adapters(self.handle, adapters)

    def close(self) -> None:
        """Free the memory."""
        if self.handle:
            C.llama_free(self.handle)
            self.handle = None

    def _open(self, cells: int, sequences: int) -> None:
        params = context_params(self._settings)
        params.n_ctx = cells
        params.n_batch = params.n_ubatch = max(self.batch, sequences)
        params.n_seq_max = sequences
        params.kv_unified = True
        params.n_threads = params.n_threads_batch = self.threads
        last_errors()
        self.handle = C.llama_init_from_model(self._model.handle, params)
        if not self.handle:
            raise OutOfMemory(detail=last_errors() or N_("the context does not fit"))
        self.cells = int(C.llama_n_ctx(self.handle))
        self.sequences = sequences
        self._memory = C.llama_get_memory(self.handle)
        self._allocate_batch(params.n_batch, sequences)
        if self._adapters:
            self.use_adapters(self._adapters)

    def _allocate_batch(self, size: int, sequences: int) -> None:
        self._tokens = (ctypes.c_int32 * size)()
        self._positions = (ctypes.c_int32 * size)()
        self._logits: Any = (ctypes.c_int8 * size)()
        self._counts = (ctypes.c_int32 * size)(*([1] * size))
        self._sequence_ids = (ctypes.POINTER(ctypes.c_int32) * size)()
        self._ids: list[Any] = [ctypes.pointer(ctypes.c_int32(sequence)) for sequence in range(sequences)]
        self._batch = C.llama_batch(
            n_tokens=0,
            token=self._tokens,
            pos=self._positions,
            n_seq_id=self._counts,
            seq_id=self._sequence_ids,
            logits=self._logits,
        )


def _batch(model: Model) -> int:
    """Return how many tokens of a prompt to evaluate at once.

    Many are faster where each is little work, for threads wait for each other after every operation. But what is
    cancelled is lost, and cancelling waits for the end of an operation. The number does not depend on the speed that
    is met: a prompt that is parted differently gives slightly different logits, and a seed should give one text.
    It is also how often progress can be told.
    """
    least, most = _BATCHES
    if model.gpu_layers:
        return _GPU_BATCH
    return max(least, min(most, 1 << int(_BATCH_WORK / max(model.weights, 1)).bit_length() - 1))


def apply_adapters(context: Any, adapters: Sequence[tuple[object, float]]) -> None:  # noqa: ANN401 - a C pointer
    """Apply LoRA adapters, by their handles, at scales in a llama context from now on."""
    handles = (C.llama_adapter_lora_p_ctypes * len(adapters))(*(handle for handle, _ in adapters))
    scales = (ctypes.c_float * len(adapters))(*(scale for _, scale in adapters))
    if C.llama_set_adapters_lora(context, handles, len(adapters), scales):
        raise EngineError(detail=last_errors() or "llama_set_adapters_lora")


def context_params(settings: LlamaSettings) -> Any:  # noqa: ANN401 - a C structure
    """Return llama.cpp's defaults with the attention and the memory type that the user has set."""
    params = C.llama_context_default_params()
    params.flash_attn_type = _FLASH[settings.flash_attention]
    params.type_k = params.type_v = _KV_TYPES[settings.kv_type]
    return params
