"""Computes sentence embeddings with a bare encoder, in the way that users of the encoder write it."""

from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from models import Encoder
from texts import sorted_batches

MAXIMUM_LENGTH = 256


def tokenizer(model: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAXIMUM_LENGTH)
    return tokenizer


def embed(texts: list[str], tokenizer: Tokenizer, encode: Encoder) -> np.ndarray:
    """The mean of each text's hidden states, normalized. Texts are sorted by length and encoded in
    batches of 32, padded to the longest text of the batch."""
    encodings = tokenizer.encode_batch(texts)
    embeddings: np.ndarray | None = None
    for batch in sorted_batches([len(encoding.ids) for encoding in encodings]):
        longest = max(len(encodings[index].ids) for index in batch)
        ids = np.zeros((len(batch), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, index in enumerate(batch):
            ids[row, : len(encodings[index].ids)] = encodings[index].ids
            mask[row, : len(encodings[index].ids)] = 1
        weights = mask[:, :, None].astype(np.float32)
        mean = (encode(ids, mask) * weights).sum(axis=1) / weights.sum(axis=1)
        mean /= np.linalg.norm(mean, axis=1, keepdims=True)
        if embeddings is None:
            embeddings = np.empty((len(texts), mean.shape[1]), dtype=np.float32)
        embeddings[batch] = mean
    assert embeddings is not None
    return embeddings
