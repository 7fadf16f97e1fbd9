"""softmax(scale · QKᵀ) V with masks and biases, and its gradients."""

import random
from pathlib import Path

import torch
from torch.nn.functional import scaled_dot_product_attention


def parts(total: int, count: int) -> list[int]:
    """Random lengths that add up to `total`."""
    cuts = sorted(random.randint(0, total) for _ in range(count - 1))
    return [b - a for a, b in zip([0, *cuts], [*cuts, total])]


def visible(q: int, k: int, options: dict, mask: torch.Tensor | None) -> torch.Tensor:
    """Which keys each query may attend to, [query, key] or [head, query, key]."""
    lengths = options.get("lengths") or [q]
    key_lengths = options.get("key_lengths") or [k]
    keep = torch.zeros(q, k, dtype=torch.bool)
    first, first_key = 0, 0
    for length, key_length in zip(lengths, key_lengths):
        i = torch.arange(length)[:, None]
        j = torch.arange(key_length)[None, :]
        position = i + key_length - length
        block = torch.ones(length, key_length, dtype=torch.bool)
        if options.get("causal") == "bottom-right":
            block &= j <= position
        if options.get("causal") == "top-left":
            block &= j <= i
        left, right = options.get("window") or [-1, -1]
        if left >= 0:
            block &= j >= position - left
        if right >= 0:
            block &= j <= position + right
        keep[first : first + length, first_key : first_key + key_length] = block
        first, first_key = first + length, first_key + key_length
    return keep if mask is None else keep & mask


def result(q, k, v, bias, keep, sinks, options) -> tuple[torch.Tensor, torch.Tensor]:
    """The output [query, head, dv] and the log-sum-exp [head, query]."""
    heads, groups = q.shape[1], k.shape[1]
    scale = options["scale"] or q.shape[2] ** -0.5
    q, k, v = (x.permute(1, 0, 2) for x in (q, k, v))
    k, v = (x.repeat_interleave(heads // groups, 0) for x in (k, v))
    scores = scale * (q @ k.transpose(1, 2))
    cap = options["softcap"]
    if cap:
        scores = cap * torch.tanh(scores / cap)
    if bias is not None:
        scores = scores + bias
    keep = keep.expand(scores.shape)
    # A row without visible keys has an output of zeros, and no gradient.
    some = keep.any(-1, keepdim=True)
    shown = keep | ~some
    hidden = torch.tensor(float("-inf"), dtype=scores.dtype)
    scores = torch.where(shown, scores, hidden)
    total = scores
    if sinks is not None:
        total = torch.cat([scores, sinks[:, None, None].expand(heads, scores.shape[1], 1)], -1)
    log_sum_exp = torch.logsumexp(total, -1)
    if sinks is None and not cap:
        # PyTorch's operator itself, with all changes to the scores in one additive mask.
        added = torch.zeros_like(scores) if bias is None else bias
        added = torch.where(shown, added, hidden)
        output = scaled_dot_product_attention(q, k, v, attn_mask=added, scale=scale)
    else:
        output = torch.softmax(total, -1)[..., : scores.shape[-1]] @ v
    output = torch.where(some, output, torch.zeros_like(output))
    alone = hidden if sinks is None else sinks[:, None]
    log_sum_exp = torch.where(some[..., 0], log_sum_exp, alone)
    return output.permute(1, 0, 2), log_sum_exp


def attention(_: Path) -> tuple[dict, dict]:
    groups = random.randint(1, 4)
    heads = groups * random.choice([1, 1, 2, 4])
    queries = random.choice([1, random.randint(1, 8), random.randint(1, 150)])
    most = 1500 if queries <= 8 else 400
    keys = random.randint(1, max(1, min(most, 24_000 // (queries * heads))))
    dk, dv = (random.choice([1, 3, 8, 16, 17, 40, 64, 80, 128]) for _ in range(2))
    q = torch.randn(queries, heads, dk)
    k = torch.randn(keys, groups, dk)
    v = torch.randn(keys, groups, dv)
    window = [random.randint(-1, 60), random.randint(-1, 20)]
    options = {
        "scale": random.choice([None, None, 0.3125, 1.0]),
        "softcap": random.choice([None, None, None, 5.0]),
        "causal": random.choice([None, None, "bottom-right", "top-left"]),
        "window": random.choice([None, None, None, window]),
    }
    if random.random() < 0.25:
        count = random.choice([2, 3])
        options["lengths"] = parts(queries, count)
        options["key_lengths"] = parts(keys, count)

    def plane() -> tuple[int, ...]:
        return random.choice([(queries, keys), (heads, queries, keys)])

    bias = torch.randn(plane()) if random.random() < 0.4 else None
    mask = torch.rand(plane()) > 0.3 if random.random() < 0.3 else None
    sinks = torch.randn(heads) if random.random() < 0.2 else None

    leaves = [x.double().requires_grad_() for x in (q, k, v)]
    wide_bias = None if bias is None else bias.double().requires_grad_()
    wide_sinks = None if sinks is None else sinks.double()
    keep = visible(queries, keys, options, mask)
    output, log_sum_exp = result(*leaves, wide_bias, keep, wide_sinks, options)
    arrays = {
        "queries": q, "keys": k, "values": v, "bias": bias, "mask": mask, "sinks": sinks,
        "output": output, "log_sum_exp": log_sum_exp,
    }
    if random.random() < 0.6:
        gradient = torch.randn(output.shape)
        output.backward(gradient.double())
        arrays["output_gradient"] = gradient
        for name, leaf in zip(["dq", "dk", "dv"], leaves):
            arrays[name] = leaf.grad
        if wide_bias is not None:
            arrays["dbias"] = wide_bias.grad
    return options, arrays
