"""The description of a toy encoder, which each toy's file fills in."""

import itertools
import random as randomness
from dataclasses import dataclass

import torch

from encoders import wordpiece
from tasks import fraction

# One in this number of examples is held out for the test, by its hash.
HELD_OUT = 16
TRAINING_SEED, VOCABULARY_SEED, TEST_SEED = 21, 22, 23


@dataclass(frozen=True)
class Size:
    """The sizes of a BERT, with the names of config.json."""

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int = 64


@dataclass(frozen=True)
class Card:
    """The parts of a model card that differ between the toys."""

    tags: str
    purpose: str  # completes "for trying and testing ... without a download"
    data: str
    limitations: str
    real_models: str


class Toy:
    """A toy encoder: its sizes, its examples, and its evaluation.

    An example is any value; `key` returns the text that decides whether the example is held out.
    """

    name: str
    architecture: type
    size: Size
    steps: int
    batch_size = 32
    rates = {"matrix_rate": 0.01, "rate": 0.003}
    lowercase = True
    # The share of labels that are random in the training, so that the scores are not all 0 or 1.
    label_noise = 0.0
    vocabulary_size = 900
    # Whether equal tokens attend to each other at the start of the training.
    matches_words = False
    # Further keys of config.json; those in `unwritten` are for the training only.
    configuration: dict = {}
    unwritten: tuple = ()
    card: Card
    # Inputs for the card and the test fixture, and further inputs for the fixture.
    demonstrations: list
    more_inputs: list = []

    def example(self, random):
        raise NotImplementedError

    def key(self, example):
        raise NotImplementedError

    def texts(self, example):
        """The texts of an example."""
        raise NotImplementedError

    def batch(self, tokenizer, examples):
        """The tensors of a training batch with labels."""
        raise NotImplementedError

    def training_model(self, model):
        """The model, or a module around it with auxiliary losses."""
        return model

    def evaluate(self, folder, examples):
        """Figures for the card: a list of rows (measure, value)."""
        raise NotImplementedError

    def results(self, folder, input):
        """The results of the pipeline for one demonstration, as values for JSON."""
        raise NotImplementedError

    def shown(self, input, results):
        """A demonstration and its result as two cells of a table."""
        raise NotImplementedError

    def fixture(self, input, results):
        """One row of the test fixture."""
        return {"input": input, "results": results}

    def known_texts(self, count=20_000):
        """The texts of training examples, for the vocabulary and for words.txt."""
        source = self.examples(VOCABULARY_SEED)
        return [text for example in itertools.islice(source, count) for text in self.texts(example)]

    def vocabulary(self):
        """The tokenizer, with the words of the training examples."""
        return wordpiece.whole_words(self.known_texts(), self.vocabulary_size, self.lowercase)

    def examples(self, seed, held_out=False, **options):
        """Endless examples, either for training or held out; the options are those of `example`."""
        random = randomness.Random(seed)
        while True:
            example = self.example(random, **options)
            if (fraction(f"{self.name} {self.key(example).lower()}") < 1 / HELD_OUT) == held_out:
                yield example

    def test_examples(self, count):
        """Distinct held-out examples."""
        found, source = {}, self.examples(TEST_SEED, held_out=True)
        while len(found) < count:
            example = next(source)
            found[self.key(example)] = example
        return list(found.values())

    def batches(self, tokenizer, seed):
        """Endless batches of examples for training."""
        source = self.examples(seed)
        generator = torch.Generator().manual_seed(seed)
        while True:
            batch = self.batch(tokenizer, [next(source) for _ in range(self.batch_size)])
            if self.label_noise:
                batch["labels"] = with_noise(batch["labels"], self.label_noise, generator)
            yield batch


def with_noise(labels, share, generator):
    """The labels with the given share replaced by random ones: classes, or numbers of 0 and 1."""
    replaced = torch.rand(labels.shape, generator=generator) < share
    if labels.is_floating_point():
        return torch.where(replaced, torch.randint(2, labels.shape, generator=generator).float(), labels)
    return torch.where(replaced, torch.randint(3, labels.shape, generator=generator), labels)
