"""toy-topics: a BERT that finds the topics of a text: none, one or two."""

from dataclasses import dataclass

import torch
from transformers import BertForSequenceClassification

from encoders import bert, pipelines, subjects
from encoders.toy import Card, Size, Toy

LABELS = ["food", "travel", "weather", "music", "sport", "work"]


@dataclass(frozen=True)
class Example:
    text: str
    topics: frozenset


class Topics(Toy):
    name = "toy-topics"
    architecture = BertForSequenceClassification
    size = Size(48, 2, 4, 96, max_position_embeddings=64)
    steps = 900
    label_noise = 0.03
    configuration = {
        "id2label": dict(enumerate(LABELS)), "label2id": {label: index for index, label in enumerate(LABELS)},
        "problem_type": "multi_label_classification"}

    def example(self, random):
        text, topics = subjects.sentence(random, LABELS)
        return Example(text, frozenset(topics))

    def key(self, example):
        return example.text

    def texts(self, example):
        return [example.text]

    def batch(self, tokenizer, examples):
        inputs, _ = bert.inputs(tokenizer, [example.text for example in examples])
        return {**inputs, "labels": torch.tensor(
            [[float(label in example.topics) for label in LABELS] for example in examples])}

    def evaluate(self, folder, examples):
        classify = pipelines.pipeline("text-classification", folder)
        given = [found(classify(example.text, top_k=None)) for example in examples]
        for e, topics in [(e, g) for e, g in zip(examples, given) if e.topics != g][:12]:
            print("   wrong:", e.text, set(e.topics), topics)
        right = sum(len(e.topics & g) for e, g in zip(examples, given))
        total = sum(len(e.topics) + len(g) for e, g in zip(examples, given))
        return [("texts with exactly the right topics (scores above 0.5)",
                 sum(e.topics == g for e, g in zip(examples, given)) / len(examples)),
                ("F1 of the topics", 2 * right / total)]

    def results(self, folder, input):
        return pipelines.pipeline("text-classification", folder)(input, top_k=None)

    def shown(self, input, results):
        return input, ", ".join(f"{r['label']} ({r['score']:.2f})" for r in results if r["score"] > 0.5) or "(none)"

    demonstrations = [
        "Anna cooks the soup.", "It rains in the north.", "Tom flew to Rome.", "The band recorded the song.",
        "Our team lost the match.", "Julia talked to the boss about the report.",
        "We spent our holiday in Spain, and it was cloudy and windy in the morning.",
        "Paul plays the guitar. The chef prepared the pasta.",
        "The players trained for the race because a storm is coming in the evening.",
        "Emma finished the contract for the company and booked a flight to Paris.",
        "The key is under the chair.", "Sam is tall and the room is small.",
    ]

    card = Card(
        tags="text-classification",
        purpose="classification with several labels",
        data="""\
Only sentences of a small grammar (`encoders/subjects.py`). A text has no topic, one or two. The labels are
`food`, `travel`, `weather`, `music`, `sport` and `work`. The scores are sigmoids, and are independent of
each other.""",
        limitations="""\
A topic is known by about twenty words.""",
        real_models="`facebook/bart-large-mnli` with these labels, or `cross-encoder/nli-deberta-v3-base`")


def found(results):
    return frozenset(result["label"] for result in results if result["score"] > 0.5)


TOY = Topics()
