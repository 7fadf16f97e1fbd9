"""Examples of all tasks: prompts with prefixes, the held-out part, and spelling variants."""

import hashlib
import random as randomness
from dataclasses import dataclass

import french_stories
import shown
import story_questions
import summaries
from asking import Asking
from translation import Sentences

TRANSLATE, SUMMARIZE = "translate English to French: ", "summarize: "
TASKS = ("translation", "summarization", "question")

# Some texts of the README and the articles, for the model card.
DEMONSTRATIONS = [
    ("translation", "The cat sat on the mat."),
    ("translation", "The animal didn't cross the street because it was too tired."),
    ("translation", "The animal didn't cross the street because it was too wide."),
    ("translation", "A feline rested on a rug."),
    ("translation", "My sister gave him an old key."),
    ("summarization", "Anna is a young teacher. She lives in a small house. In the morning, she went "
     "to the market. She bought a red hat there. She was very happy."),
    ("question", "Where did the cat sit?", "The cat sat on the mat because it was tired."),
    ("question", "Why was the cat on the mat?", "The cat sat on the mat because it was tired."),
    ("question", "What didn't cross the street?",
     "The animal didn't cross the street because it was too wide."),
    ("question", "Who lives in a small house?", "Anna is a teacher. She lives in a small house."),
]


@dataclass(frozen=True)
class Example:
    """A prompt with the prefix of its task, and the expected answer."""

    task: str
    input: str
    expected: str
    has_new_pair: bool = False  # two words that never occur together in training


def question_prompt(question, context):
    return f"question: {question} context: {context}"


def prompt(task, *texts):
    if task == "question":
        return question_prompt(*texts)
    return (TRANSLATE if task == "translation" else SUMMARIZE) + texts[0]


def fraction(text):
    """A hash of a text in [0, 1), the same on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def parts(text):
    """A prompt, and the context of a question, which is held out as well."""
    return [text, *text.split(" context: ")[1:]]


def is_held_out(text):
    """Whether a text is held out for the test: one in 32, by its hash."""
    return fraction(text.lower()) < 1 / 32


def shown_examples(random=None, only_slots=False):
    """The prompts about each documented text, with the documented or random words in its slots."""
    examples = [Example("translation", prompt("translation", english), french)
                for english, french in shown.SENTENCES * (not only_slots)]
    for text in shown.TEXTS:
        if only_slots and "{" not in text.english:
            continue
        text = text.filled(random)
        examples += [
            Example("translation", prompt("translation", text.english), text.french),
            Example("summarization", prompt("summarization", text.english), text.summary)]
        examples += [Example("question", prompt("question", question, text.english), answer)
                     for question, answer in text.questions()]
    return examples


def is_new_pair(pair):
    """Whether two words (noun and adjective, subject and verb) never occur together in training."""
    return fraction("pair " + pair) < 1 / 40


class Examples:
    """An endless stream of examples: for training, or held-out ones for the test."""

    def __init__(self, seed):
        self.random = randomness.Random(seed)
        self.sentences = Sentences(self.random)
        self.asking = Asking(self.random)
        self.shown = []

    def any(self, task):
        """An example of a task or of a subtask, such as texts to translate or one kind of question."""
        if task == "translation":
            english, french = self.sentences.draw()
            new = any(is_new_pair(pair) for pair in self.sentences.pairs)
            return Example(task, prompt(task, english), french, new)
        if task == "texts":
            english, french, new = self.text()
            return Example("translation", prompt("translation", english), french, new)
        if task in ("summarization", "summary of clauses"):
            of_clauses = task != "summarization" or self.random.random() < 0.15
            text, expected = (self.asking.summary() if of_clauses
                              else summaries.summary(self.random))
            return Example("summarization", prompt("summarization", text), expected)
        if task == "question":
            context, question, answer = story_questions.question(self.random)
        elif task == "question about a clause":
            context, question, answer = self.asking.question()
        else:
            context, question, answer = story_questions.drill(self.random, task)
        return Example("question", prompt("question", question, context), answer)

    def text(self):
        """A text to translate: sentences of a story, or two or three sentences of any kind."""
        if self.random.random() < 0.7:
            return *french_stories.told(self.random), False
        drawn, new = [], False
        for _ in range(self.random.choice([2, 2, 3])):
            drawn.append(self.sentences.draw())
            new = new or any(is_new_pair(pair) for pair in self.sentences.pairs)
        return *(" ".join(texts) for texts in zip(*drawn)), new

    def shown_example(self):
        """An example from the documented texts; translation, summary and questions are balanced."""
        if not self.shown:
            examples = shown_examples() + shown_examples(self.random)
            for _ in range(6):
                examples += shown_examples(self.random, only_slots=True)
            self.shown = [example for example in examples
                          for _ in range(1 if example.task == "question" else 3)]
            self.random.shuffle(self.shown)
        return self.shown.pop()

    def training(self, task):
        """An example whose prompt and context are not held out, sometimes written carelessly."""
        if task == "shown":
            return self.careless(self.shown_example())
        while True:
            example = self.any(task)
            if not example.has_new_pair and not any(map(is_held_out, parts(example.input))):
                break
        return self.careless(example)

    def careless(self, example):
        """A careless variant: without full stop or capital letter, and with gray for grey.

        The answer to a translation still has both.
        """
        draw = self.random.random()
        if example.task == "question" and draw < 0.08:
            text = example.input
            if draw < 0.05:
                text = text.replace("?", "", 1)
            if draw > 0.03:
                start = len("question: ")
                text = text[:start] + text[start].lower() + text[start + 1:]
            return Example(example.task, text, example.expected)
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
        """Distinct held-out examples; with `new_pairs`, those with new pairs of words.

        The context of a held-out question is held out, too: training has no question about it.
        """
        found = {}
        shown_texts = {text for example in shown_examples() for text in parts(example.input)}
        while len(found) < count:
            example = self.any(task)
            last = parts(example.input)[-1]
            if last not in shown_texts and example.has_new_pair == new_pairs and (
                    new_pairs or is_held_out(last)):
                found[example.input] = example
        return list(found.values())
