"""The small T5: its batches, its size, its training stages and its evaluation."""

import random

import torch
from transformers import T5Config, T5ForConditionalGeneration

import distillation
from story_questions import DRILLS
from tasks import TASKS, Examples
from training import Stage
from vocabulary import extended_t5_tokenizer, t5_tokenizer

# The fraction of each task. Later stages have more questions, which are the hardest to learn.
FIRST = {"translation": 0.62, "summarization": 0.14, "question": 0.24}
SECOND = {"translation": 0.45, "summarization": 0.07, "question": 0.48}
THIRD = {"translation": 0.35, "summarization": 0.05, "question": 0.3, **dict.fromkeys(DRILLS, 0.075)}
LAST = {**THIRD, "translation": 0.45, "question": 0.2}
# From mixed questions alone, the model learns only which kind of words the answer has. From the drills, in
# which only the words of the question help, it learns to select the fact by these words. The easiest drills
# come first.
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
# The stages that extend a model of the stages above (--from): questions about all forms of clauses, texts of
# several sentences, more words, and the sentences of the documentation.
ALL = {"translation": 0.22, "texts": 0.18, "summarization": 0.07, "question": 0.12,
       "question about a clause": 0.25, "shown": 0.06, **dict.fromkeys(DRILLS, 0.025)}
# More of what the model learns last: copying clauses, and the second of two facts of one kind.
EXACT = {"translation": 0.22, "texts": 0.16, "summarization": 0.07, "summary of clauses": 0.1,
         "question": 0.06, "question about a clause": 0.19, "shown": 0.08,
         **dict.fromkeys(DRILLS, 0.03)}
# The previous stages degrade translation most, so translation has the largest fraction of the last stages.
LAST_TRANSLATION = {"translation": 0.36, "texts": 0.13, "summarization": 0.05,
                    "summary of clauses": 0.04, "question": 0.09, "question about a clause": 0.18,
                    "shown": 0.09, **dict.fromkeys(DRILLS, 0.015)}
LAST_QUESTIONS = {"translation": 0.33, "texts": 0.13, "summarization": 0.06,
                  "summary of clauses": 0.03, "question": 0.1, "question about a clause": 0.23,
                  "shown": 0.07, **dict.fromkeys(DRILLS, 0.0125)}
EXTENDING = [Stage(1000, shares=ALL, rate=0.7), Stage(1550, shares=ALL, rate=0.7),
             Stage(1500, shares=EXACT, rate=0.6), Stage(1600, shares=LAST_TRANSLATION, rate=0.6),
             Stage(3000, shares=LAST_QUESTIONS, rate=0.6)]
# The stages that train a smaller model on the outputs of a larger one (--from with a larger model).
DISTILLING = [Stage(4000, shares=ALL), Stage(4000, shares=LAST_TRANSLATION, rate=0.7)]
# For the last wrong answers about the documentation (--refine).
REFINING = Stage(3500, shares={**LAST_QUESTIONS, "shown": 0.2}, rate=0.6)
# Features of a head, and intermediate features: of the model of the package, and of the one it learns from.
SMALL = {"d_kv": 16, "d_ff": 112}
LARGE = {"d_kv": 32, "d_ff": 256}
RATES = {"matrix_rate": 0.006, "rate": 0.003}
# The number of prompt tokens in a batch.
BATCH_TOKENS = 1280
TRAINING_SEED, VOCABULARY_SEED, TEST_SEED = 1, 2, 3


def vocabulary(start=None):
    """A tokenizer from a sample of the training texts: a new one, or an earlier one with new words."""
    examples, texts = Examples(VOCABULARY_SEED), []
    for task, count in (("translation", 80_000), ("summarization", 8_000), ("question", 12_000),
                        ("texts", 8_000), ("question about a clause", 12_000), ("shown", 12_000)):
        for _ in range(count):
            example = examples.training(task)
            texts += [example.input, example.expected]
    return extended_t5_tokenizer(start / "tokenizer.json", texts) if start else t5_tokenizer(texts)


def configuration(size, sizes):
    def task(prefix, length):
        return {"early_stopping": True, "max_length": length, "num_beams": 4, "prefix": prefix}

    return T5Config(
        vocab_size=size, d_model=128, num_heads=4, num_layers=3, **sizes,
        num_decoder_layers=3, relative_attention_num_buckets=32, relative_attention_max_distance=64,
        dropout_rate=0.0, feed_forward_proj="gated-gelu", layer_norm_epsilon=1e-6,
        pad_token_id=0, eos_token_id=1, decoder_start_token_id=0, n_positions=128,
        task_specific_params={
            "summarization": task("summarize: ", 64),
            "translation_en_to_fr": task("translate English to French: ", 128),
        })


def batches(tokenizer, seed, shares):
    """Endless batches of prompts of similar length."""
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
    """The ids of the answers, by greedy or beam search, without `</s>`."""
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
    """The fraction of answers that equal the expected ones. Prints up to `show` wrong answers."""
    right = 0
    for example, ids in zip(examples, answers):
        text = tokenizer.decode(ids, skip_special_tokens=True)
        right += text == example.expected
        if text != example.expected and show > 0:
            show -= 1
            print(f"    {example.input}\n      not {text}\n      but {example.expected}", flush=True)
    return right / len(examples)


def test_sets(count):
    """Held-out examples for each task, and for the harder subtasks.

    These are translations of new pairs of words, and the questions of the drills.
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


def begun(start, size, sizes):
    """A model with the weights of an earlier one in its folder, and new embedding rows for new words."""
    model, earlier = new_model(size, sizes), distillation.model_in(start)
    old = earlier.shared.weight.data
    table = torch.empty(size, old.shape[1]).normal_(0, old.std().item())
    table[:len(old)] = old
    earlier.resize_token_embeddings(size)
    earlier.shared.weight.data.copy_(table)
    model.load_state_dict(earlier.state_dict())
    return model


def teacher(start, sizes):
    """The model in a folder if it is larger than these sizes, and None if it has them."""
    model = distillation.model_in(start)
    return model if any(getattr(model.config, name) > size for name, size in sizes.items()) else None


def distilled(teacher, tokenizer, sizes):
    """A smaller model with the pruned weights of the teacher, before its training."""
    model = new_model(tokenizer.get_vocab_size(), sizes)
    sample = next(batches(tokenizer, VOCABULARY_SEED, LAST_QUESTIONS))
    return distillation.reduced(teacher, model, sample)


def new_model(size, sizes):
    """A new model, with the attention and GELU implementations that are fastest for short texts."""
    torch.manual_seed(TRAINING_SEED)
    model = T5ForConditionalGeneration._from_config(
        configuration(size, sizes), attn_implementation="eager")
    for block in distillation.blocks(model):
        block.layer[-1].DenseReluDense.act = torch.nn.GELU(approximate="tanh")
    return model
