"""A loaded GGUF model: its weights, its vocabulary, what its metadata says."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Sequence
from pathlib import Path

from aigc_cli.core.errors import BadModelFile, OutOfMemory
from aigc_cli.core.gguf import read_model
from aigc_cli.core.text import N_, Notice
from aigc_cli.engine.llama.binding import C, last_errors

_ALL_LAYERS = -1


class Model:
    """The weights, and the tokenizer that belongs to them.

    Args:
        path: A GGUF file that `probe.check` found sound; llama.cpp may end the process over one that is not.
        gpu_layers: Layers to put on a GPU; negative is all.

    Attributes:
        path: The file.
        header: What is in its head.
        weights: How many numbers it is made of.
        gpu_layers: Layers that are on a GPU.

    Raises:
        BadModelFile: if llama.cpp refuses the file, or the model is of a kind that does not continue a text.
    """

    def __init__(self, path: Path, gpu_layers: int) -> None:
        self.path = path
        self.header = read_model(path)
        params = C.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
        last_errors()
        self.handle = C.llama_model_load_from_file(str(path).encode("utf-8", "surrogateescape"), params)
        if not self.handle:
            raise BadModelFile(path=path, detail=last_errors() or N_("llama.cpp cannot load it"))
        if C.llama_model_has_encoder(self.handle) or not C.llama_model_has_decoder(self.handle):
            self.close()
            raise BadModelFile(path=path, detail=N_("it is not a model that continues a text"))
        self.vocab = C.llama_model_get_vocab(self.handle)
        self.layers: int = C.llama_model_n_layer(self.handle)
        total = self.layers + 1  # the output layer counts as one
        self.gpu_layers = total if gpu_layers < 0 else min(gpu_layers, total)
        self.vocabulary: int = C.llama_vocab_n_tokens(self.vocab)
        self.weights: int = C.llama_model_n_params(self.handle)
        self.dimensions: int = C.llama_model_n_embd(self.handle)
        self.trained_context: int = C.llama_model_n_ctx_train(self.handle)
        self.bos: int = C.llama_vocab_bos(self.vocab)
        self.eos: int = C.llama_vocab_eos(self.vocab)
        turn_end: int = C.llama_vocab_eot(self.vocab)
        self.end_of_turn = turn_end if turn_end >= 0 else self.eos
        self.adds_bos: bool = bool(C.llama_vocab_get_add_bos(self.vocab)) and self.bos >= 0
        self.is_end: Callable[[int], bool] = functools.partial(C.llama_vocab_is_eog, self.vocab)
        self.is_control: Callable[[int], bool] = functools.partial(C.llama_vocab_is_control, self.vocab)
        self._buffer = ctypes.create_string_buffer(256)
        self._pieces: dict[int, bytes] = {}

    @property
    def name(self) -> str:
        """The name in the model's own metadata, or that of its file."""
        return self.metadata("general.name") or self.path.stem

    @property
    def chat_template(self) -> str | None:
        """The Jinja chat template in the file; None if there is none."""
        template = C.llama_model_chat_template(self.handle, None)
        return template.decode("utf-8", "replace") if template else None

    @functools.cached_property
    def longest_piece(self) -> int:
        """The number of bytes of the longest token, or more; a text has at least its bytes by this many tokens."""
        return max(len(C.llama_vocab_get_text(self.vocab, token) or b"") for token in range(self.vocabulary)) or 1

    def metadata(self, key: str) -> str:
        """Return the metadata value of ``key``, or an empty string."""
        size = C.llama_model_meta_val_str(self.handle, key.encode("utf-8"), self._buffer, len(self._buffer))
        return self._buffer.value.decode("utf-8", "replace") if size > 0 else ""

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of ``text``; with ``special``, the names of control tokens become those tokens."""
        data = text.encode("utf-8", "replace")
        size = len(data) + 8
        while True:
            tokens = (ctypes.c_int32 * size)()
            count = C.llama_tokenize(self.vocab, data, len(data), tokens, size, False, special)
            if count >= 0:
                return tokens[:count]
            size = -count

    def piece(self, token: int) -> bytes:
        """Return the bytes that ``token`` adds to a text; none for a control token."""
        piece = self._pieces.get(token)
        if piece is None:
            piece = self._pieces[token] = self._read_piece(token, special=False)
        return piece

    def literal(self, token: int) -> str:
        """Return how a control token is written in a chat template."""
        return self._read_piece(token, special=True).decode("utf-8", "replace")

    def detokenize(self, tokens: Sequence[int]) -> bytes:
        """Return the bytes of ``tokens``, control tokens left out."""
        return b"".join(map(self.piece, tokens))

    def close(self) -> None:
        """Free the weights; every context and adapter of this model has to be freed before."""
        if self.handle:
            C.llama_model_free(self.handle)
            self.handle = None

    def _read_piece(self, token: int, *, special: bool) -> bytes:
        while True:
            size = C.llama_token_to_piece(self.vocab, token, self._buffer, len(self._buffer), 0, special)
            if size >= 0:
                return self._buffer.raw[:size]
            self._buffer = ctypes.create_string_buffer(-size)


def load_model(path: Path, gpu_layers: int | None, notify: Callable[[Notice], None]) -> Model:
    """Load ``path`` with as many of ``gpu_layers`` on a GPU as fit; None is all of them.

    Raises:
        BadModelFile: if it cannot be loaded even without a GPU.
    """
    if not C.llama_supports_gpu_offload():
        return Model(path, 0)
    wanted = _ALL_LAYERS if gpu_layers is None else gpu_layers
    while True:
        try:
            return Model(path, wanted)
        except BadModelFile:
            if wanted == 0:
                raise
        wanted = fewer_layers(path, wanted, notify)


def fewer_layers(path: Path, layers: int, notify: Callable[[Notice], None]) -> int:
    """Return the number of layers to try on a GPU after ``layers`` did not fit, and tell the user.

    Raises:
        OutOfMemory: if there were none already.
    """
    if layers == 0:
        raise OutOfMemory(detail=last_errors() or N_("the context does not fit"))
    total = read_model(path).layers + 1
    fewer = min(total, layers if layers > 0 else total) * 2 // 3
    notify(Notice(N_("the model does not fit on the GPU; trying with {layers} layers there"), {"layers": fewer}))
    return fewer
