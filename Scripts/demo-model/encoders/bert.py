"""New BERT models, and their inputs."""

import math
from dataclasses import asdict

import torch
from transformers import BertConfig

from encoders import wordpiece


def configuration(toy, vocabulary_size):
    return BertConfig(
        vocab_size=vocabulary_size, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        pad_token_id=0, **asdict(toy.size), **toy.configuration)


def new_model(toy, vocabulary_size, seed):
    """A model with random weights; the position embeddings start as sinusoids.

    With sinusoids, the attention to a neighbouring token is easy to learn (Vaswani et al. 2017, section 3.5).
    """
    torch.manual_seed(seed)
    model = toy.architecture(configuration(toy, vocabulary_size))
    with torch.no_grad():
        positions = model.bert.embeddings.position_embeddings.weight
        positions.copy_(0.05 * sinusoids(*positions.shape))
        words = model.bert.embeddings.word_embeddings.weight
        words.mul_(2.5)
        if toy.matches_words:
            attend_to_equal_tokens(model)
    return model


def attend_to_equal_tokens(model):
    """Query and key matrices start near a multiple of the identity, so that equal tokens attend to each other.

    Source: Trockman and Kolter, Mimetic Initialization of Self-Attention Layers, 2023.
    """
    for layer in model.bert.encoder.layer:
        for matrix in (layer.attention.self.query.weight, layer.attention.self.key.weight):
            matrix.copy_(0.5 * torch.eye(len(matrix)) + 0.02 * torch.randn(matrix.shape))


def sinusoids(count, size):
    position = torch.arange(count)[:, None]
    frequency = torch.exp(torch.arange(0, size, 2) * (-math.log(1000.0) / size))
    table = torch.zeros(count, size)
    table[:, 0::2] = torch.sin(position * frequency)
    table[:, 1::2] = torch.cos(position * frequency)
    return table


def inputs(tokenizer, texts):
    """The input tensors of texts or pairs of texts, and the encodings."""
    encodings = wordpiece.encode(tokenizer, texts)
    return {
        "input_ids": torch.tensor([encoding.ids for encoding in encodings]),
        "token_type_ids": torch.tensor([encoding.type_ids for encoding in encodings]),
        "attention_mask": torch.tensor([encoding.attention_mask for encoding in encodings]),
    }, encodings
