"""Trains a toy encoder, evaluates it, and writes its folder and its part of the test fixture."""

import datetime
import shutil

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer

import checkpoint
import training
import words
from encoders import bert, card, examples
from encoders.toy import TEST_SEED, TRAINING_SEED, VOCABULARY_SEED

TEST_COUNT = 500


def make(toy, work, models, fixture, minutes):
    """Trains the toy, or reads the state of an earlier training; then evaluates and writes everything."""
    model, tokenizer, report = trained(toy, work, minutes)
    training.rounded(model, torch.float16)
    folder = models / toy.name
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, toy, model, tokenizer)
    report["words"] = words.write(folder, toy.known_texts())
    report["parameters"] = model.num_parameters()
    report["vocabulary"] = tokenizer.get_vocab_size()
    tested = toy.test_examples(TEST_COUNT)
    report["figures"] = toy.evaluate(folder, tested)
    report["test_count"] = len(tested)
    inputs = toy.demonstrations + toy.more_inputs
    results = [(input, toy.results(folder, input)) for input in inputs]
    report["demonstrations"] = [toy.shown(*result) for result in results[:len(toy.demonstrations)]]
    (folder / "README.md").write_text(card.text(toy, report), encoding="utf-8")
    examples.write(fixture, toy, results)
    report["bytes"] = sum(file.stat().st_size for file in folder.iterdir())
    return report


def trained(toy, work, minutes):
    """The trained model, its tokenizer, and a report about the training."""
    tokenizer_file, model_file = work / f"{toy.name}-tokenizer.json", work / f"{toy.name}.pt"
    if model_file.exists():
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
        saved = torch.load(model_file)
        model = bert.new_model(toy, tokenizer.get_vocab_size(), TRAINING_SEED)
        model.load_state_dict(saved["state"])
        return model.eval(), tokenizer, saved["report"]
    tokenizer = toy.vocabulary()
    tokenizer.save(str(tokenizer_file))
    model = bert.new_model(toy, tokenizer.get_vocab_size(), TRAINING_SEED)
    print(f"{toy.name}: {model.num_parameters():,} parameters, {tokenizer.get_vocab_size()} tokens, "
          f"seeds {TRAINING_SEED} (training), {VOCABULARY_SEED} (vocabulary), {TEST_SEED} (test)", flush=True)
    steps, _, seconds = training.train(
        toy.training_model(model), toy.batches(tokenizer, TRAINING_SEED), toy.steps, minutes, bfloat16=False, **toy.rates)
    report = {
        "steps": steps, "planned": toy.steps, "processor_seconds": seconds,
        "date": datetime.date.today().isoformat(),
        "torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}
    torch.save({"state": model.state_dict(), "report": report}, model_file)
    return model, tokenizer, report


def write(folder, toy, model, tokenizer):
    """config.json, float16 weights, and the tokenizer."""
    folder.mkdir(parents=True)
    values = model.config.to_diff_dict()
    values.update(architectures=[toy.architecture.__name__], torch_dtype="float16", **toy.configuration)
    for key in ("dtype", "_name_or_path", "transformers_version", *toy.unwritten):
        values.pop(key, None)
    checkpoint.write_json(folder / "config.json", dict(sorted(values.items())))
    # A tied decoder is not written.
    state = {name: tensor.to(torch.float16).contiguous() for name, tensor in sorted(model.state_dict().items())
             if not name.startswith("cls.predictions.decoder") and not name.endswith("position_ids")}
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    checkpoint.write_json(folder / "tokenizer_config.json", {
        "clean_up_tokenization_spaces": False, "cls_token": "[CLS]", "do_lower_case": toy.lowercase,
        "mask_token": "[MASK]", "model_max_length": toy.size.max_position_embeddings, "pad_token": "[PAD]",
        "sep_token": "[SEP]", "strip_accents": None, "tokenize_chinese_chars": True,
        "tokenizer_class": "BertTokenizer", "unk_token": "[UNK]"})
