"""Writes a Hugging Face model folder: config, generation config, bfloat16 weights, tokenizer."""

import json

import torch
from safetensors.torch import save_file

UNTIED = ("lm_head.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight")


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def configuration(model, architecture):
    """The keys of config.json, with the dtype key that every version of transformers reads."""
    values = model.config.to_diff_dict()
    for key in ("dtype", "_name_or_path", "transformers_version", "scale_decoder_outputs"):
        values.pop(key, None)
    values.update(architectures=[architecture], torch_dtype="bfloat16", tie_word_embeddings=True)
    return dict(sorted(values.items()))


def write(folder, model, tokenizer, architecture, tokenizer_settings, generation):
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", configuration(model, architecture))
    write_json(folder / "generation_config.json", {"_from_model_config": True, **generation})
    state = {}
    for name, tensor in sorted(model.state_dict().items()):
        # The shared embedding is written once, under the name that readers expect.
        if name not in UNTIED and not name.endswith((".attn.bias", ".attn.masked_bias")):
            state[name] = tensor.to(torch.bfloat16).contiguous()
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    special = {key: value for key, value in tokenizer_settings.items() if key.endswith("_token")}
    write_json(folder / "special_tokens_map.json", special)
    write_json(folder / "tokenizer_config.json", tokenizer_settings)


T5_TOKENIZER = {
    "clean_up_tokenization_spaces": False, "eos_token": "</s>", "model_max_length": 128,
    "pad_token": "<pad>", "tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>",
}
GPT2_TOKENIZER = {
    "add_prefix_space": False, "bos_token": "<|endoftext|>", "clean_up_tokenization_spaces": False,
    "eos_token": "<|endoftext|>", "model_max_length": 128, "tokenizer_class": "GPT2Tokenizer",
    "unk_token": "<|endoftext|>",
}


def write_t5(folder, model, tokenizer):
    write(folder, model, tokenizer, "T5ForConditionalGeneration", T5_TOKENIZER,
          {"decoder_start_token_id": 0, "eos_token_id": 1, "max_length": 128, "pad_token_id": 0})


def write_gpt2(folder, model, tokenizer):
    write(folder, model, tokenizer, "GPT2LMHeadModel", GPT2_TOKENIZER,
          {"bos_token_id": 0, "eos_token_id": 0, "max_length": 128})
