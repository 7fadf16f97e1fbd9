"""Tiny models of transformers with random weights."""

import random
from pathlib import Path

import torch

VOCABULARY = 60


def sequences() -> list[torch.Tensor]:
    return [
        torch.randint(0, VOCABULARY, (random.randint(1, 30),))
        for _ in range(random.randint(1, 3))
    ]


def save(model: torch.nn.Module, folder: Path) -> torch.nn.Module:
    """Writes the model with biases and norms that are not 0 and 1; returns it in float64."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter += 0.3 * torch.randn_like(parameter)
            else:
                parameter *= 5
    model.eval().save_pretrained(folder / "model", safe_serialization=True)
    return model.double()


def case(model: torch.nn.Module, folder: Path, name: str, output: str) -> tuple[dict, dict]:
    """Each sequence is computed on its own."""
    model = save(model, folder)
    ids = sequences()
    with torch.no_grad():
        results = [model(sequence[None])[output][0] for sequence in ids]
    return {"lengths": [len(sequence) for sequence in ids]}, {
        "ids": torch.cat(ids), name: torch.cat(results),
    }


def encoder(folder: Path) -> tuple[dict, dict]:
    from transformers import BertConfig, BertModel

    heads = random.choice([1, 2, 4])
    config = BertConfig(
        vocab_size=VOCABULARY, hidden_size=heads * random.choice([8, 12]), num_hidden_layers=2,
        num_attention_heads=heads, intermediate_size=random.randint(8, 80),
        max_position_embeddings=64, hidden_act=random.choice(["gelu", "relu", "gelu_new"]),
        attn_implementation="eager")
    model = BertModel(config, add_pooling_layer=False)
    return case(model, folder, "hidden_states", "last_hidden_state")


def language_model(folder: Path) -> tuple[dict, dict]:
    from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

    heads = random.choice([2, 4])
    size = heads * random.choice([8, 16])
    model: torch.nn.Module
    if random.random() < 0.5:
        model = GPT2LMHeadModel(
            GPT2Config(
                vocab_size=VOCABULARY, n_embd=size, n_layer=2, n_head=heads, n_positions=64,
                bos_token_id=0, eos_token_id=0, attn_implementation="eager"))
    else:
        model = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=VOCABULARY, hidden_size=size, num_hidden_layers=2,
                num_attention_heads=heads,
                num_key_value_heads=random.choice([heads, heads // 2]),
                intermediate_size=random.randint(8, 80), max_position_embeddings=64,
                tie_word_embeddings=random.random() < 0.5, attn_implementation="eager"))
    return case(model, folder, "logits", "logits")
