"""The three tasks' examples: prefixes, the held-out part, and how people write things differently."""

import hashlib
import random as randomness
import re
from dataclasses import dataclass

import stories
from lexicon import MEN, WOMEN
from translation import Sentences

TRANSLATE, SUMMARIZE = "translate English to French: ", "summarize: "
TASKS = ("translation", "summarization", "question")

# What the README shows. Never trained on.
DEMONSTRATIONS = [
    ("translation", "The cat sat on the mat."),
    ("translation", "The animal didn't cross the street because it was too tired."),
    ("translation", "The animal didn't cross the street because it was too wide."),
    ("translation", "The girl is reading a big red book in the garden."),
    ("translation", "My sister gave him an old key."),
    ("translation", "We never eat the green apples."),
    ("summarization", "Anna is a young teacher. She lives in a small house. In the morning, she went "
     "to the market. She bought a red hat there. She was very happy."),
    ("question", "Where did the cat sit?", "The cat sat on the mat because it was tired."),
    ("question", "Why did the cat sit on the mat?", "The cat sat on the mat because it was tired."),
    ("question", "What colour is the hat?",
     "Anna is a teacher. She bought a red hat. The blue book is under the chair."),
]


@dataclass(frozen=True)
class Example:
    """A prompt with its task's prefix, and the answer."""

    task: str
    input: str
    expected: str
    has_new_pair: bool = False  # two words that were never seen together in training


def question_prompt(question, context):
    return f"question: {question} context: {context}"


def prompt(task, *texts):
    if task == "question":
        return question_prompt(*texts)
    return (TRANSLATE if task == "translation" else SUMMARIZE) + texts[0]


def fraction(text):
    """A text's place in [0, 1), the same on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def parts(text):
    """A prompt, and a question's context, which the test has for itself too."""
    return [text, *text.split(" context: ")[1:]]


_KEPT_OUT = {part for demonstration in DEMONSTRATIONS for part in parts(prompt(*demonstration))}


def is_held_out(text):
    """Whether a text belongs to the test: one in 32, chosen by its hash, and what the README shows."""
    return fraction(text.lower()) < 1 / 32 or text in _KEPT_OUT


def is_new_pair(pair):
    """Whether two words (a noun and an adjective, a subject and a verb) never meet in training."""
    return fraction("pair " + pair) < 1 / 40


class Examples:
    """An endless stream of examples, for training or, of what is held out, for the test."""

    def __init__(self, seed):
        self.random = randomness.Random(seed)
        self.sentences = Sentences(self.random)

    def any(self, task):
        """An example of a task, or a question of one of the drills."""
        if task == "translation":
            english, french = self.sentences.draw()
            new = any(is_new_pair(pair) for pair in self.sentences.pairs)
            return Example(task, prompt(task, english), french, new)
        if task == "summarization":
            text, expected = stories.summary(self.random)
            return Example(task, prompt(task, text), expected)
        if task == "question":
            context, question, answer = stories.question(self.random)
        else:
            context, question, answer = stories.drill(self.random, task)
        return Example("question", prompt("question", question, context), answer)

    def training(self, task):
        """An example that is not held out, nor is its context, sometimes written carelessly."""
        while True:
            example = self.any(task)
            if not example.has_new_pair and not any(map(is_held_out, parts(example.input))):
                break
        return self.careless(example)

    def careless(self, example):
        """As people also write: without the full stop or the capital letter, and gray for grey.

        The answer to a translation has both all the same.
        """
        draw = self.random.random()
        if example.task == "question" and draw < 0.05:
            return Example(example.task, example.input.replace("?", "", 1), example.expected)
        if example.task != "translation":
            return example
        if draw > 0.75:
            gray = example.input.replace("grey", "gray").replace("Grey", "Gray")
            return Example(example.task, gray, example.expected)
        sentence = example.input.removeprefix(TRANSLATE)
        if draw < 0.125:
            if draw > 0.04:
                sentence = sentence.removesuffix(".")
            if draw < 0.08:
                sentence = sentence[0].lower() + sentence[1:]
            return Example(example.task, TRANSLATE + sentence, example.expected)
        return example

    def held_out(self, task, count, new_pairs=False):
        """Different held-out examples; with `new_pairs`, those with words that never met."""
        found = {}
        while len(found) < count:
            example = self.any(task)
            if example.has_new_pair == new_pairs and (
                    new_pairs or all(map(is_held_out, parts(example.input)))):
                found[example.input] = example
        return list(found.values())


def english_words():
    """How many different English words the grammars say, but names."""
    examples, words = Examples(0), set()
    for task, count in (("translation", 20_000), ("summarization", 3_000), ("question", 5_000)):
        for _ in range(count):
            example = examples.any(task)
            words |= set(re.findall(r"[a-z']+", example.input.lower()))
    return len(words - {name.lower() for name in WOMEN + MEN})
