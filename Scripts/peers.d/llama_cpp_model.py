"""Runs a GGUF model in llama.cpp through its C interface, with little work in Python."""

import ctypes
from pathlib import Path

import llama_cpp
import numpy as np


@llama_cpp.llama_log_callback
def silent(level, text, user_data) -> None:
    pass


class LlamaCppModel:
    """Decodes a batch of sequences of equal length. All settings except the threads are defaults."""

    def __init__(self, path: Path, sequences: int, context: int, mapped: bool) -> None:
        llama_cpp.llama_log_set(silent, None)
        llama_cpp.llama_backend_init()
        options = llama_cpp.llama_model_default_params()
        options.load_mode = (
            llama_cpp.LLAMA_LOAD_MODE_MMAP if mapped else llama_cpp.LLAMA_LOAD_MODE_NONE
        )
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), options)
        if not self.model:
            raise SystemExit(f"peers: llama.cpp cannot load {path}")
        scope = llama_cpp.llama_context_default_params()
        scope.n_ctx = sequences * context
        scope.n_seq_max = sequences
        self.context = llama_cpp.llama_init_from_model(self.model, scope)
        self.memory = llama_cpp.llama_get_memory(self.context)
        self.words = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))
        self.sequences = sequences
        self.batches: dict[int, llama_cpp.llama_batch] = {}

    def use_threads(self, threads: int) -> None:
        llama_cpp.llama_set_n_threads(self.context, threads, threads)

    def rewind(self, length: int) -> None:
        """Removes all but the first tokens from the cache."""
        for sequence in range(self.sequences):
            llama_cpp.llama_memory_seq_rm(self.memory, sequence, length, -1)

    def step(self, ids: np.ndarray, position: int) -> np.ndarray:
        """Decodes ids [sequence, token] and returns logits [sequence, id] of the last position, in
        llama.cpp's memory, which is valid until the next step."""
        sequences, count = ids.shape
        batch = self.batches.get(ids.size)
        if batch is None:
            batch = self.batches[ids.size] = llama_cpp.llama_batch_init(ids.size, 0, 1)
        batch.n_tokens = ids.size
        for index, token in enumerate(ids.ravel().tolist()):
            sequence, offset = divmod(index, count)
            batch.token[index] = token
            batch.pos[index] = position + offset
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = sequence
            batch.logits[index] = offset == count - 1
        status = llama_cpp.llama_decode(self.context, batch)
        if status != 0:
            raise SystemExit(f"peers: llama_decode returned {status}")
        # Waits for the computation.
        rows = llama_cpp.llama_get_logits(self.context)
        return np.ctypeslib.as_array(rows, shape=(sequences, self.words))

    def close(self) -> None:
        for batch in self.batches.values():
            llama_cpp.llama_batch_free(batch)
        llama_cpp.llama_free(self.context)
        llama_cpp.llama_model_free(self.model)
