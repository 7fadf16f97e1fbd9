"""Makes a smaller T5 from a larger one: fewer features by pruning, then training on the larger one's outputs.

    teacher = distillation.model_in(folder)
    model = distillation.reduced(teacher, smaller, batch)
    training.train(model, ..., loss=distillation.loss(teacher))
"""

import torch
from safetensors.torch import load_file
from torch.nn import functional
from transformers import T5Config, T5ForConditionalGeneration


def model_in(folder):
    """The T5 of a model folder, in float32."""
    configuration = T5Config.from_json_file(folder / "config.json")
    model = T5ForConditionalGeneration._from_config(configuration, attn_implementation="eager").float()
    weights = {name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()}
    missing = model.load_state_dict(weights, strict=False).missing_keys
    assert all(name.endswith(("embed_tokens.weight", "lm_head.weight")) for name in missing), missing
    return model.eval()


def blocks(model):
    return [*model.encoder.block, *model.decoder.block]


@torch.no_grad()
def reduced(teacher, model, batch):
    """Copies the teacher's weights to a model with smaller heads and fewer intermediate features.

    A head's scores depend on the product of its query and key matrices alone, and its output on the product of
    its value and output matrices. Both products are replaced by the nearest of lower rank, from their singular
    values. Of the intermediate features, those with the largest mean contribution to the batch's outputs stay.
    """
    kept = intermediate_features(teacher, batch, model.config.d_ff)
    own = model.state_dict()
    model.load_state_dict({name: tensor for name, tensor in teacher.state_dict().items()
                           if tensor.shape == own[name].shape}, strict=False)
    for old, new, features in zip(blocks(teacher), blocks(model), kept):
        for old_layer, new_layer in zip(old.layer[:-1], new.layer[:-1]):
            for name in ("SelfAttention", "EncDecAttention"):
                if hasattr(old_layer, name):
                    reduce_heads(getattr(old_layer, name), getattr(new_layer, name))
        for name in ("wi_0", "wi_1"):
            matrix(new, name).copy_(matrix(old, name)[features])
        matrix(new, "wo").copy_(matrix(old, "wo")[:, features])
    return model


def matrix(block, name):
    return getattr(block.layer[-1].DenseReluDense, name).weight


def reduce_heads(old, new):
    for head in range(old.n_heads):
        wide = slice(head * old.key_value_proj_dim, (head + 1) * old.key_value_proj_dim)
        narrow = slice(head * new.key_value_proj_dim, (head + 1) * new.key_value_proj_dim)
        query, key = factors(old.q.weight[wide].T @ old.k.weight[wide], new.key_value_proj_dim)
        new.q.weight[narrow], new.k.weight[narrow] = query.T, key
        output, value = factors(old.o.weight[:, wide] @ old.v.weight[wide], new.key_value_proj_dim)
        new.o.weight[:, narrow], new.v.weight[narrow] = output, value


def factors(product, rank):
    """The two factors of the nearest matrix of this rank, of equal norm."""
    left, values, right = torch.linalg.svd(product)
    roots = values[:rank].sqrt()
    return left[:, :rank] * roots, roots[:, None] * right[:rank]


def intermediate_features(model, batch, count):
    """For each block, the features with the largest mean absolute activation times output norm."""
    contributions = []  # in the order in which the model runs, which is that of its blocks

    def add(output, inputs):
        contributions.append(inputs[0].abs().flatten(0, -2).mean(dim=0) * output.weight.norm(dim=0))

    hooks = [block.layer[-1].DenseReluDense.wo.register_forward_pre_hook(add) for block in blocks(model)]
    model(**batch)
    for hook in hooks:
        hook.remove()
    return [contribution.topk(count).indices.sort().values for contribution in contributions]


def loss(teacher):
    """The loss of the labels, and the divergence of the model from the teacher: of the probabilities of tokens, and
    of the weights of cross-attention, which the documentation shows."""

    def of(model, batch):
        with torch.inference_mode():
            expected = teacher(**batch, output_attentions=True)
        result = model(**batch, output_attentions=True)
        labelled = batch["labels"] != -100
        tokens = functional.kl_div(
            result.logits[labelled].float().log_softmax(-1),
            expected.logits[labelled].float().log_softmax(-1), reduction="batchmean", log_target=True)
        heads = sum(attention_divergence(given, wanted, labelled) for given, wanted in zip(
            result.cross_attentions, expected.cross_attentions)) / len(result.cross_attentions)
        return 0.3 * result.loss + tokens + 0.5 * heads

    return of


def attention_divergence(given, wanted, labelled):
    """The divergence of attention weights, `[text, head, query, key]`, per labelled query and head."""
    given, wanted = (weights.float() + 1e-6 for weights in (given, wanted))
    return (wanted * (wanted.log() - given.log())).sum(-1).transpose(1, 2)[labelled].mean()
