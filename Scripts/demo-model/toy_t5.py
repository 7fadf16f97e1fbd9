"""The small T5: its batches, its size, its training and its test."""

import random

import torch
from safetensors.torch import load_file
from transformers import T5Config, T5ForConditionalGeneration

from story_questions import DRILLS
from tasks import TASKS, Examples
from training import Stage
from vocabulary import extended_t5_tokenizer, t5_tokenizer

# How often each task comes up; later, questions more often, which take longest.
FIRST = {"translation": 0.62, "summarization": 0.14, "question": 0.24}
SECOND = {"translation": 0.45, "summarization": 0.07, "question": 0.48}
THIRD = {"translation": 0.35, "summarization": 0.05, "question": 0.3, **dict.fromkeys(DRILLS, 0.075)}
LAST = {**THIRD, "translation": 0.45, "question": 0.2}
# From questions of all kinds alone it learns only what sort of words the answer is. That the words of
# the question tell one fact of a sort from another it finds where nothing else helps: in the drills,
# the easiest first.
STAGES = [
    Stage(6500, shares=FIRST),
    Stage(6500, shares=SECOND, rate=0.5),
    Stage(400, shares={"where two things are": 1.0}),
    Stage(500, shares={"things": 0.4, "animals": 0.5, "translation": 0.1}),
    Stage(400, shares={"where people went": 0.7, "things": 0.1, "animals": 0.1, "translation": 0.1}),
    Stage(1000, shares={"people": 0.4, "people, two facts each": 0.3, "things": 0.1,
                        "animals": 0.1, "translation": 0.1}),
    Stage(3500, shares=THIRD),
    Stage(400, shares={"which of two things is there": 0.7, "people": 0.2, "translation": 0.1}),
    Stage(4500, shares=LAST, rate=0.7),
]
# What is added to a model of the above, from --from on: questions about every form of clause, texts of
# several sentences, more words, and the sentences that the documentation shows.
ALL = {"translation": 0.22, "texts": 0.18, "summarization": 0.07, "question": 0.12,
       "question about a clause": 0.25, "shown": 0.06, **dict.fromkeys(DRILLS, 0.025)}
# What is exact last: copies of clauses, and the second of two facts of one sort.
EXACT = {"translation": 0.22, "texts": 0.16, "summarization": 0.07, "summary of clauses": 0.1,
         "question": 0.06, "question about a clause": 0.19, "shown": 0.08,
         **dict.fromkeys(DRILLS, 0.03)}
# Translation forgets most in these, so it has the largest part of the last.
LAST_TRANSLATION = {"translation": 0.36, "texts": 0.13, "summarization": 0.05,
                    "summary of clauses": 0.04, "question": 0.09, "question about a clause": 0.18,
                    "shown": 0.09, **dict.fromkeys(DRILLS, 0.015)}
LAST_QUESTIONS = {"translation": 0.33, "texts": 0.13, "summarization": 0.06,
                  "summary of clauses": 0.03, "question": 0.1, "question about a clause": 0.23,
                  "shown": 0.07, **dict.fromkeys(DRILLS, 0.0125)}
EXTENDING = [Stage(1000, shares=ALL, rate=0.7), Stage(1550, shares=ALL, rate=0.7),
             Stage(1500, shares=EXACT, rate=0.6), Stage(1600, shares=LAST_TRANSLATION, rate=0.6),
             Stage(3000, shares=LAST_QUESTIONS, rate=0.6)]
REFINING = Stage(3500, shares=ALL, rate=0.5)
RATES = {"matrix_rate": 0.006, "rate": 0.003}
# Tokens of a batch's prompts.
BATCH_TOKENS = 1280
TRAINING_SEED, VOCABULARY_SEED, TEST_SEED = 1, 2, 3


def vocabulary(start=None):
    """The tokenizer, from a sample of what is trained on: a new one, or an earlier one with new words."""
    examples, texts = Examples(VOCABULARY_SEED), []
    for task, count in (("translation", 80_000), ("summarization", 8_000), ("question", 12_000),
                        ("texts", 8_000), ("question about a clause", 12_000), ("shown", 12_000)):
        for _ in range(count):
            example = examples.training(task)
            texts += [example.input, example.expected]
    return extended_t5_tokenizer(start / "tokenizer.json", texts) if start else t5_tokenizer(texts)


def configuration(size):
    def task(prefix, length):
        return {"early_stopping": True, "max_length": length, "num_beams": 4, "prefix": prefix}

    return T5Config(
        vocab_size=size, d_model=128, d_kv=32, d_ff=256, num_heads=4, num_layers=3,
        num_decoder_layers=3, relative_attention_num_buckets=32, relative_attention_max_distance=64,
        dropout_rate=0.0, feed_forward_proj="gated-gelu", layer_norm_epsilon=1e-6,
        pad_token_id=0, eos_token_id=1, decoder_start_token_id=0, n_positions=128,
        task_specific_params={
            "summarization": task("summarize: ", 64),
            "translation_en_to_fr": task("translate English to French: ", 128),
        })


def batches(tokenizer, seed, shares):
    """Endless batches of prompts of about one length."""
    examples, order = Examples(seed), random.Random(seed)
    names, weights = list(shares), list(shares.values())
    while True:
        drawn = [examples.training(task) for task in order.choices(names, weights, k=4096)]
        inputs = tokenizer.encode_batch([example.input for example in drawn])
        labels = tokenizer.encode_batch([example.expected for example in drawn])
        pairs = sorted(((i.ids, o.ids) for i, o in zip(inputs, labels)),
                       key=lambda pair: (len(pair[0]), len(pair[1])))
        groups, group = [], []
        for pair in pairs:
            if group and (len(group) + 1) * len(pair[0]) > BATCH_TOKENS:
                groups.append(group)
                group = []
            group.append(pair)
        groups.append(group)
        order.shuffle(groups)
        for group in groups:
            yield batch(group)


def batch(pairs):
    width = max(len(pair[0]) for pair in pairs)
    depth = max(len(pair[1]) for pair in pairs)
    ids = torch.tensor([i + [0] * (width - len(i)) for i, _ in pairs])
    return {"input_ids": ids, "attention_mask": (ids != 0).long(),
            "labels": torch.tensor([o + [-100] * (depth - len(o)) for _, o in pairs])}


@torch.no_grad()
def answers(model, tokenizer, texts, beams=1, limit=128):
    """The ids that the model answers, greedily or by beam search, without `</s>`."""
    encoded = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    answers = [None] * len(texts)
    order = sorted(range(len(texts)), key=lambda index: len(encoded[index]))
    for first in range(0, len(order), 64):
        part = order[first:first + 64]
        inputs = batch([(encoded[index], [1]) for index in part])
        made = model.generate(
            input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"],
            max_new_tokens=limit, num_beams=beams, early_stopping=beams > 1, do_sample=False)
        for index, row in zip(part, made.tolist()):
            answers[index] = row[1:row.index(1, 1)] if 1 in row[1:] else row[1:]
    return answers


def share_exact(tokenizer, examples, answers, show=0):
    """The share of answers that are the expected ones to the letter; `show` so many that are not."""
    right = 0
    for example, ids in zip(examples, answers):
        text = tokenizer.decode(ids, skip_special_tokens=True)
        right += text == example.expected
        if text != example.expected and show > 0:
            show -= 1
            print(f"    {example.input}\n      not {text}\n      but {example.expected}", flush=True)
    return right / len(examples)


def test_sets(count):
    """Held-out examples: for each task, and for what is harder.

    That is translations of words that never met in training, and questions of the drills.
    """
    sets = {task: Examples(TEST_SEED).held_out(task, count) for task in TASKS}
    sets["translation of texts"] = Examples(TEST_SEED + 3).held_out("texts", count)
    sets["question about a clause"] = Examples(TEST_SEED + 4).held_out("question about a clause", count)
    sets["translation of new pairs"] = Examples(TEST_SEED + 1).held_out(
        "translation", count, new_pairs=True)
    sets["question among facts of one sort"] = [
        example for sort in DRILLS
        for example in Examples(TEST_SEED + 2).held_out(sort, count // len(DRILLS))]
    return sets


def begun(start, size):
    """A model with the weights of an earlier one, in its folder, and new rows for the words after its own."""
    model = new_model(size)
    weights = load_file(start / "model.safetensors")
    old = weights["shared.weight"].float()
    table = model.shared.weight.data.normal_(0, old.std().item())
    table[:len(old)] = old
    weights["shared.weight"] = table
    missing = model.load_state_dict(
        {name: tensor.float() for name, tensor in weights.items()}, strict=False).missing_keys
    assert all(name.endswith(("embed_tokens.weight", "lm_head.weight")) for name in missing), missing
    return model


def new_model(size):
    """A new model, with attention and GELU as they are quickest at these lengths."""
    torch.manual_seed(TRAINING_SEED)
    model = T5ForConditionalGeneration._from_config(
        configuration(size), attn_implementation="eager")
    for stack in (model.encoder, model.decoder):
        for block in stack.block:
            block.layer[-1].DenseReluDense.act = torch.nn.GELU(approximate="tanh")
    return model
