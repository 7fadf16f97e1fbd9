"""Layers of torch.nn with random weights."""

import copy
import random
from pathlib import Path

import torch


def evaluated(layer: torch.nn.Module, *inputs: torch.Tensor, **options):
    """The result of the layer with the same weights in float64, without gradients."""
    with torch.no_grad():
        return copy.deepcopy(layer).double()(*(x.double() for x in inputs), **options)


def linear(_: Path) -> tuple[dict, dict]:
    has_bias = random.random() < 0.7
    layer = torch.nn.Linear(random.randint(1, 900), random.randint(1, 200), bias=has_bias)
    x = torch.randn(random.choice([1, random.randint(2, 200)]), layer.in_features)
    return {}, {
        "input": x, "weight": layer.weight, "bias": layer.bias, "output": evaluated(layer, x),
    }


def normalization(kind: type[torch.nn.Module]) -> tuple[dict, dict]:
    features = random.randint(1, 900)
    epsilon = random.choice([1e-5, 1e-6])
    layer = kind(features, eps=epsilon)
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    x = random.choice([0.1, 1, 10]) * torch.randn(random.randint(1, 40), features)
    return {"epsilon": epsilon}, {
        "input": x, "output": evaluated(layer, x), **dict(layer.named_parameters()),
    }


def layer_norm(_: Path) -> tuple[dict, dict]:
    return normalization(torch.nn.LayerNorm)


def rms_norm(_: Path) -> tuple[dict, dict]:
    return normalization(torch.nn.RMSNorm)


def multi_head_attention(_: Path) -> tuple[dict, dict]:
    heads = random.randint(1, 6)
    size = heads * random.choice([4, 8, 17, 32])
    is_cross = random.random() < 0.4
    source = random.choice([size, 24]) if is_cross else size
    layer = torch.nn.MultiheadAttention(
        size, heads, bias=random.random() < 0.7, add_bias_kv=random.random() < 0.2,
        add_zero_attn=random.random() < 0.2, kdim=source, vdim=source)
    for parameter in layer.parameters():
        if parameter.dim() == 1:
            torch.nn.init.normal_(parameter)
    x = torch.randn(random.randint(1, 80), size)
    encoder = torch.randn(random.randint(1, 60), source) if is_cross else None
    keys = x if encoder is None else encoder
    causal = not is_cross and random.random() < 0.5
    mask = torch.ones(len(x), len(x), dtype=torch.bool).triu(1) if causal else None
    output = evaluated(layer, x, keys, keys, attn_mask=mask, need_weights=False)[0]
    options = {
        "heads": heads, "causal": "bottom-right" if causal else None,
        "add_zero_attn": layer.add_zero_attn,
    }
    return options, {
        "input": x, "encoder_output": encoder, "output": output, **dict(layer.named_parameters()),
    }
