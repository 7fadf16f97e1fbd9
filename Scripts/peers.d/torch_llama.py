"""Runs a Llama model in Hugging Face's transformers."""

import inspect
from pathlib import Path

import numpy as np
import torch
import transformers


class TorchLlama:
    """Decodes a batch of sequences of equal length."""

    def __init__(self, folder: Path) -> None:
        transformers.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        # In the data type of the file.
        self.model = transformers.LlamaForCausalLM.from_pretrained(folder, dtype="auto").eval()
        self.cache = transformers.DynamicCache()
        parameters = inspect.signature(self.model.forward).parameters
        # The name of the argument before release 5.24 is past_key_values.
        self.cache_name = "cache" if "cache" in parameters else "past_key_values"

    def use_threads(self, threads: int) -> None:
        torch.set_num_threads(threads)

    def rewind(self, length: int) -> None:
        """Removes all but the first tokens from the cache."""
        if length == 0:
            self.cache = transformers.DynamicCache()
        else:
            surplus = self.cache.get_seq_length() - length
            if surplus > 0:
                self.cache.crop(-surplus)

    def step(self, ids: np.ndarray, position: int) -> np.ndarray:
        """Decodes ids [sequence, token] and returns logits [sequence, id] of the last position."""
        with torch.inference_mode():
            result = self.model(
                torch.from_numpy(ids), **{self.cache_name: self.cache}, use_cache=True,
                logits_to_keep=1,
            )
            return result.logits[:, -1].float().numpy()

    def close(self) -> None:
        pass
