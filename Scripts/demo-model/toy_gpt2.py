"""The small GPT-2: its batches of stories, its size, and its evaluation."""

import random
import re

import torch
from transformers import GPT2Config, GPT2LMHeadModel

import stories
from lexicon import MEN, WOMEN
from tasks import fraction
from training import Stage
from vocabulary import gpt2_tokenizer

# Stories are packed into rows of this number of tokens.
ROW, BATCH_ROWS = 128, 12
TRAINING_SEED, VOCABULARY_SEED, TEST_SEED = 11, 12, 13
SIZE = 768  # of the vocabulary
RATES = {"matrix_rate": 0.01, "rate": 0.003}
STAGES = [Stage(2000)]
REFINING = Stage(2000, rate=0.5)


def is_held_out(tale):
    return fraction("tale " + tale) < 1 / 32


def tales(seed, held_out=False):
    """Endless stories, either for training or held out."""
    source = random.Random(seed)
    while True:
        tale = stories.tale(source)
        if is_held_out(tale) == held_out:
            yield tale


def vocabulary():
    source = tales(VOCABULARY_SEED)
    return gpt2_tokenizer([next(source) for _ in range(20_000)], SIZE)


def configuration(size):
    return GPT2Config(
        vocab_size=size, n_positions=ROW, n_embd=96, n_layer=3, n_head=4, resid_pdrop=0.0,
        embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=0, pad_token_id=None)


def new_model(size):
    torch.manual_seed(TRAINING_SEED)
    return GPT2LMHeadModel(configuration(size))


def batches(tokenizer, seed, shares):
    """Endless batches: each row starts with a story, and is truncated when it is full."""
    source = tales(seed)
    while True:
        rows = []
        for _ in range(BATCH_ROWS):
            row = []
            while len(row) < ROW:
                row += tokenizer.encode(next(source)).ids + [0]
            rows.append(row[:ROW])
        ids = torch.tensor(rows)
        yield {"input_ids": ids, "labels": ids}


@torch.no_grad()
def held_out_loss(model, tokenizer, count=200):
    """The loss on held-out stories, in nats per token."""
    source, total, tokens = tales(TEST_SEED, held_out=True), 0.0, 0
    for _ in range(count):
        ids = tokenizer.encode(next(source)).ids[:ROW - 1] + [0]
        batch = torch.tensor([ids])
        total += model(input_ids=batch, labels=batch).loss.item() * (len(ids) - 1)
        tokens += len(ids) - 1
    return total / tokens


@torch.no_grad()
def continued(model, tokenizer, prompts, seed=TEST_SEED, greedy=False):
    """The continuation of each prompt, up to `<|endoftext|>`."""
    torch.manual_seed(seed)
    texts = []
    for prompt in prompts:
        ids = tokenizer.encode(prompt).ids
        made = model.generate(
            input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long),
            max_length=ROW, do_sample=not greedy, top_k=0, pad_token_id=0)[0].tolist()
        made = made[len(ids):]
        texts.append(tokenizer.decode(ids + (made[:made.index(0)] if 0 in made else made)))
    return texts


def prompts(count):
    """Beginnings of stories about a person."""
    source, found = random.Random(TEST_SEED), []
    while len(found) < count:
        name = source.choice(WOMEN + MEN)
        role = stories.a(source.choice(stories.ROLE_ADJECTIVES) + " " + source.choice(stories.ROLES))
        found.append(source.choice(
            [f"{name} is {role}.", f"Once upon a time there was {role} named {name}."]))
    return found


def agrees(text):
    """Whether every pronoun agrees with the name, and the remembered event is the event of the story."""
    name = re.search(r"named (\w+)|^(\w+) is", text)
    name = name and (name[1] or name[2])
    wrong = r"\b(he|He|his)\b" if name in WOMEN else r"\b(she|She|her)\b"
    if name not in WOMEN + MEN or re.search(wrong, text):
        return False
    reason = re.search(r"because s?he (\w+) the (\w+)\.", text)
    return not reason or bool(re.search(rf"[hH]e {reason[1]} an? (\w+ )*{reason[2]}\b", text))


def known_forms(count=20_000):
    """The sentence forms of the grammar, from random stories."""
    source = tales(TEST_SEED)
    return {form(sentence) for _ in range(count) for sentence in sentences(next(source))}


def sentences(text):
    return [sentence for sentence in text.replace(".", ".\n").split("\n") if sentence.strip()]


# The replaceable words: names, animals, actions, places and reasons.
KINDS = [
    ("NAME", WOMEN + MEN), ("SOMEWHERE", stories.ANIMAL_PLACES), ("ANIMAL", stories.ANIMALS),
    ("DID", [past for past, _ in stories.ANIMAL_VERBS]),
    ("LIKE", stories.REASONS + stories.FEELINGS + stories.ROLE_ADJECTIVES + stories.SIZES
     + stories.COLOURS),
    ("SPOT", list(stories.VISITS)), ("WHEN", stories.TIMES),
]


def form(sentence):
    """A sentence without its replaceable words, and with a for an."""
    text = sentence.strip()
    for kind, words in KINDS:
        text = re.sub(rf"\b({'|'.join(words)})\b", kind, text)
    return re.sub(r"\b([Aa])n\b", r"\1", text)
