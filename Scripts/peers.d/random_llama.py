"""Writes a Llama-shaped model with random weights as safetensors and as GGUF, with equal weights.

Each weight is exact in bfloat16 and in float16, so the files of all these formats have equal weights;
only int8 rounds. There is no vocabulary: tokens are ids.
"""

import json
import shutil
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import save_file

LAYERS, WIDTH, INNER, HEADS, KEY_VALUE_HEADS, WORDS = 12, 768, 2_048, 12, 4, 32_000
HEAD_DIMENSION = WIDTH // HEADS
CONTEXT = 4_096
EPSILON = 1e-5
ROTARY_BASE = 10_000.0

# The number of weights that a decoding step reads: all except the token embedding.
WEIGHTS_READ = LAYERS * (
    2 * WIDTH * WIDTH + 2 * WIDTH * KEY_VALUE_HEADS * HEAD_DIMENSION + 3 * WIDTH * INNER
) + WORDS * WIDTH

TORCH_TYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}
GGUF_TYPES = {
    "f32": (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
    "f16": (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    "bf16": (gguf.GGMLQuantizationType.BF16, gguf.LlamaFileType.MOSTLY_BF16),
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
}

CONFIGURATION = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": WORDS,
    "hidden_size": WIDTH,
    "intermediate_size": INNER,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": KEY_VALUE_HEADS,
    "head_dim": HEAD_DIMENSION,
    "max_position_embeddings": CONTEXT,
    "rms_norm_eps": EPSILON,
    "rope_theta": ROTARY_BASE,
    "hidden_act": "silu",
    "attention_bias": False,
    "mlp_bias": False,
    "tie_word_embeddings": False,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def weights() -> dict[str, torch.Tensor]:
    """The float32 weights by their Hugging Face names."""
    generator = torch.Generator().manual_seed(20170612)

    def normal(*shape: int, deviation: float, mean: float = 0) -> torch.Tensor:
        drawn = mean + deviation * torch.randn(shape, generator=generator)
        return drawn.to(torch.bfloat16).to(torch.float16).to(torch.float32)

    def linear(outputs: int, inputs: int) -> torch.Tensor:
        return normal(outputs, inputs, deviation=inputs**-0.5)

    def gain() -> torch.Tensor:
        return normal(WIDTH, deviation=0.1, mean=1)

    result = {"model.embed_tokens.weight": normal(WORDS, WIDTH, deviation=1)}
    for layer in range(LAYERS):
        prefix = f"model.layers.{layer}."
        narrow = KEY_VALUE_HEADS * HEAD_DIMENSION
        for name, outputs, inputs in [
            ("self_attn.q_proj", WIDTH, WIDTH), ("self_attn.k_proj", narrow, WIDTH),
            ("self_attn.v_proj", narrow, WIDTH), ("self_attn.o_proj", WIDTH, WIDTH),
            ("mlp.gate_proj", INNER, WIDTH), ("mlp.up_proj", INNER, WIDTH),
            ("mlp.down_proj", WIDTH, INNER),
        ]:
            result[f"{prefix}{name}.weight"] = linear(outputs, inputs)
        for name in ["input_layernorm", "post_attention_layernorm"]:
            result[f"{prefix}{name}.weight"] = gain()
    result["model.norm.weight"] = gain()
    result["lm_head.weight"] = linear(WORDS, WIDTH)
    return result


def gguf_name(name: str) -> str:
    whole = {
        "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    }
    parts = {
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
    }
    base = name.removesuffix(".weight")
    if base in whole:
        return whole[base] + ".weight"
    _, _, layer, part = base.split(".", 3)
    return f"blk.{layer}.{parts[part]}.weight"


def interleaved(weight: np.ndarray, heads: int) -> np.ndarray:
    """Permutes the rows of a query or key projection from halves to pairs, GGUF's RoPE layout."""
    outputs, inputs = weight.shape
    return (
        weight.reshape(heads, 2, outputs // heads // 2, inputs).swapaxes(1, 2)
        .reshape(outputs, inputs)
    )


def write_gguf(path: Path, name: str, tensors: dict[str, torch.Tensor]) -> None:
    kind, file_type = GGUF_TYPES[name]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_file_type(file_type)
    writer.add_vocab_size(WORDS)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_VALUE_HEADS)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_rope_dimension_count(HEAD_DIMENSION)
    writer.add_rope_freq_base(ROTARY_BASE)
    writer.add_tokenizer_model("no_vocab")
    for key, tensor in tensors.items():
        array = tensor.numpy()
        if "q_proj" in key:
            array = interleaved(array, HEADS)
        elif "k_proj" in key:
            array = interleaved(array, KEY_VALUE_HEADS)
        # Norm weights stay float32, the only type that llama.cpp supports for them.
        of_this = kind if array.ndim == 2 else gguf.GGMLQuantizationType.F32
        array = gguf.quants.quantize(np.ascontiguousarray(array), of_this)
        writer.add_tensor(gguf_name(key), array, raw_dtype=of_this)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_safetensors(folder: Path, name: str, tensors: dict[str, torch.Tensor]) -> None:
    folder.mkdir()
    kind = TORCH_TYPES[name]
    save_file({key: tensor.to(kind) for key, tensor in tensors.items()},
              folder / "model.safetensors", metadata={"format": "pt"})
    configuration = {**CONFIGURATION, "dtype": str(kind).removeprefix("torch.")}
    (folder / "config.json").write_text(json.dumps(configuration, indent=2) + "\n")


def made(cache: Path) -> Path:
    """Returns the folder of the files, and writes them the first time: the model folders f32, bf16 and
    f16, and f32.gguf, f16.gguf, bf16.gguf and q8_0.gguf."""
    folder = cache / "random-llama"
    if folder.is_dir():
        return folder
    partial = cache / "random-llama.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    tensors = weights()
    for name in TORCH_TYPES:
        write_safetensors(partial / name, name, tensors)
    for name in GGUF_TYPES:
        write_gguf(partial / f"{name}.gguf", name, tensors)
    partial.rename(folder)
    return folder
