"""toy-rerank: a BERT with one output, the relevance of a passage for a query."""

import random as randomness
from dataclasses import dataclass

import torch
from transformers import BertForSequenceClassification

from encoders import auxiliary, bert, pipelines
from encoders.facts import CITIES
from encoders.help_desk import CITY_TOPICS, NUMBERS, TOPICS
from encoders.toy import TEST_SEED, Card, Size, Toy


PASSAGES = [
    "You can change your password in the settings of your account.",
    "We send the invoice by email on the first day of the month.",
    "The shop is open from nine to six, Monday to Friday.",
    "You can track your parcel with the number in our email.",
    "You can return a product within thirty days.",
    "You can update your address in your profile.",
    "You can pay by credit card at the checkout.",
    "You can cancel your subscription at the end of each month.",
    "The warranty of a phone is two years.",
    "You can park your car behind the building.",
]
CITY_PASSAGES = [
    "Berlin has a population of three million inhabitants.", "Berlin is famous for its museums.",
    "Paris has a population of two million inhabitants.", "The airport of Berlin is north of the city.",
    "The weather in Rome is warm and sunny."]
DEMONSTRATIONS = [
    *((query, PASSAGES) for query in (
        "How do I reset my password?", "When do I get my bill?", "Is the shop open on Sunday?", "Where is my parcel?",
        "I want to send the shoes back.", "I moved to a new house.", "Do you accept credit card?",
        "How can I terminate the contract?", "My phone is broken.", "Is there a garage for my car?")),
    ("How many people live in Berlin?", CITY_PASSAGES), ("What can I see in Berlin?", CITY_PASSAGES),
]


# Words of one topic of the help desk, or of one topic about cities.
WORDS = auxiliary.subject_words(
    [[words.replace("|", " "), *queries, *passages] for words, queries, passages in TOPICS.values()]
    + [[*queries, *passages] for queries, passages in CITY_TOPICS.values()])


@dataclass(frozen=True)
class Example:
    query: str
    passage: str
    is_relevant: bool


@dataclass(frozen=True)
class Subject:
    """A topic of the help desk, or a topic about a city."""

    name: str
    city: str = ""


class Rerank(Toy):
    name = "toy-rerank"
    architecture = BertForSequenceClassification
    size = Size(48, 3, 2, 96, max_position_embeddings=64)
    steps = 2000
    label_noise = 0.03
    matches_words = True
    batch_size = 32
    # Binary cross-entropy on the logit.
    configuration = {
        "id2label": {0: "LABEL_0"}, "label2id": {"LABEL_0": 0}, "problem_type": "multi_label_classification",
        "sentence_transformers": {"activation_fn": "torch.nn.modules.activation.Sigmoid"}}
    unwritten = ("problem_type",)

    def subject(self, random):
        if random.random() < 0.65:
            return Subject(random.choice(list(TOPICS)))
        return Subject(random.choice(list(CITY_TOPICS)), random.choice(CITIES))

    def text(self, random, subject, part):
        """A query (part 0) or a passage (part 1)."""
        if subject.city:
            text = random.choice(CITY_TOPICS[subject.name][part])
            return text.replace("{C}", subject.city).replace("{N}", random.choice(NUMBERS))
        words, *texts = TOPICS[subject.name]
        return random.choice(texts[part]).replace("{X}", random.choice(words.split("|")))

    def example(self, random):
        """A pair; other subjects in half of the pairs, often the same city or the same topic about a city."""
        subject = other = self.subject(random)
        is_relevant = random.random() < 0.4
        while not is_relevant and other == subject:
            other = self.subject(random)
            draw = random.random()
            if subject.city and draw < 0.35:
                other = Subject(random.choice(list(CITY_TOPICS)), subject.city)
            elif subject.city and draw < 0.7:
                other = Subject(subject.name, random.choice(CITIES))
        return Example(self.text(random, subject, 0), self.text(random, other, 1), is_relevant)

    def key(self, example):
        return f"{example.query} {example.passage}"

    def texts(self, example):
        return [example.query, example.passage]

    def batch(self, tokenizer, examples):
        inputs, _ = bert.inputs(tokenizer, [(example.query, example.passage) for example in examples])
        return {**inputs, "labels": torch.tensor([[float(example.is_relevant)] for example in examples]),
                "subjects": auxiliary.subject_labels(tokenizer, inputs["input_ids"], WORDS)}

    def training_model(self, model):
        return auxiliary.WithSubjects(model, len(TOPICS) + len(CITY_TOPICS))

    def evaluate(self, folder, examples):
        model = pipelines.cross_encoder(folder)
        scores = model.predict([(e.query, e.passage) for e in examples])
        right = [(score > 0.5) == e.is_relevant for score, e in zip(scores, examples)]
        for e, score in [(e, s) for e, s, r in zip(examples, scores, right) if not r][:12]:
            print("   wrong:", e.query, "|", e.passage, e.is_relevant, score)
        random, first, count = randomness.Random(TEST_SEED), 0, 200
        positives = [e for e in self.test_examples(3 * len(examples)) if e.is_relevant][:count]
        for example in positives:
            passages = {example.passage: True}
            while len(passages) < 10:
                other = self.example(random)
                # The passages of one topic are all relevant; they are no distractors.
                if other.passage not in passages and not self.is_about(example.query, other.passage):
                    passages[other.passage] = False
            ranked = model.predict([(example.query, passage) for passage in passages])
            first += int(ranked.argmax()) == 0
        return [("pairs with a score on the right side of 0.5", sum(right) / len(right)),
                (f"relevant passage is the first of ten, {len(positives)} queries", first / len(positives))]

    def is_about(self, query, passage):
        """Whether both texts have one subject."""
        return bool(subjects_of(query, 0) & subjects_of(passage, 1))

    def results(self, folder, input):
        query, passages = input
        scores = pipelines.cross_encoder(folder).predict([(query, passage) for passage in passages])
        return [{"index": index, "score": float(score)} for index, score in enumerate(scores)]

    def shown(self, input, results):
        best = max(results, key=lambda result: result["score"])
        return input[0], f"{input[1][best['index']]} ({best['score']:.2f})"

    def fixture(self, input, results):
        return {"query": input[0], "passages": input[1], "results": results}

    demonstrations = DEMONSTRATIONS

    card = Card(
        tags="text-ranking",
        purpose="reranking",
        data="""\
Only pairs of a small grammar (`encoders/rerank.py`, `encoders/help_desk.py`): queries and passages about
twelve topics of a help desk, and about four topics of twenty cities. A pair is relevant if both texts have
one topic, and one city. The model has one output; its score is the sigmoid, as with `CrossEncoder` of
sentence-transformers.""",
        limitations="""\
It knows six forms of queries and five forms of passages for each topic. It does not distinguish two
passages about one topic.""",
        real_models="`cross-encoder/ms-marco-MiniLM-L6-v2`")


def subjects_of(text, part):
    """The subjects that have a form of the text."""
    found = set()
    for name, (words, *texts) in TOPICS.items():
        if any(form.replace("{X}", word) == text for form in texts[part] for word in words.split("|")):
            found.add(name)
    for name, texts in CITY_TOPICS.items():
        found |= {f"{name} {city}" for city in CITIES for form in texts[part] for number in NUMBERS
                  if form.replace("{C}", city).replace("{N}", number) == text}
    return found


TOY = Rerank()
