"""toy-nli: a BERT that says whether a text implies a hypothesis, for zero-shot classification."""

from dataclasses import dataclass

import torch
from transformers import BertForSequenceClassification

from encoders import auxiliary, bert, pipelines, subjects
from encoders.toy import Card, Size, Toy

LABELS = ["contradiction", "neutral", "entailment"]
# Other names of the subjects.
NAMES = {
    "food": ["food", "cooking", "eating"], "travel": ["travel", "travelling", "holidays"],
    "weather": ["weather", "the weather"], "music": ["music", "songs"], "sport": ["sport", "sports"],
    "work": ["work", "business", "jobs"], "animals": ["animals", "pets", "an animal"], "health": ["health", "medicine"],
    "politics": ["politics", "government"], "school": ["school", "education", "learning"],
}
# The second is the default of the zero-shot pipeline.
HYPOTHESES = ["This example is about {}.", "This example is {}.", "This text is about {}.", "It is about {}."]
# Words of one subject; the last group has the words of no subject.
WORDS = auxiliary.subject_words(
    [[*subjects.SUBJECTS[name], *NAMES[name]] for name in NAMES] + [[subjects.OTHER, *HYPOTHESES]])
TEMPLATES = [HYPOTHESES[0]] * 5 + [HYPOTHESES[1]] * 3 + HYPOTHESES[2:]


@dataclass(frozen=True)
class Example:
    premise: str
    hypothesis: str
    label: str
    subjects: frozenset


class NLI(Toy):
    name = "toy-nli"
    architecture = BertForSequenceClassification
    size = Size(48, 3, 2, 96, max_position_embeddings=64)
    matches_words = True
    steps = 1800
    label_noise = 0.03
    batch_size = 32
    configuration = {
        "id2label": dict(enumerate(LABELS)), "label2id": {label: index for index, label in enumerate(LABELS)},
        "problem_type": "single_label_classification"}

    def example(self, random):
        """A premise and a hypothesis. A premise without a subject neither implies nor excludes a subject."""
        text, found = subjects.sentence(random, list(NAMES), share_none=0.15, share_two=0.25)
        inside = bool(found) and random.random() < 0.5
        subject = random.choice(sorted(found) if inside else sorted(set(NAMES) - found))
        hypothesis = random.choice(TEMPLATES).format(random.choice([NAMES[subject][0], *NAMES[subject]]))
        label = "entailment" if inside else "contradiction" if found else "neutral"
        return Example(text, hypothesis, label, frozenset(found))

    def key(self, example):
        return example.premise

    def texts(self, example):
        return [example.premise, example.hypothesis]

    def batch(self, tokenizer, examples):
        inputs, _ = bert.inputs(tokenizer, [(example.premise, example.hypothesis) for example in examples])
        return {**inputs, "labels": torch.tensor([LABELS.index(example.label) for example in examples]),
                "subjects": auxiliary.subject_labels(tokenizer, inputs["input_ids"], WORDS)}

    def training_model(self, model):
        return auxiliary.WithSubjects(model, len(NAMES) + 1)

    def evaluate(self, folder, examples):
        classify = pipelines.pipeline("text-classification", folder)
        given = [classify({"text": e.premise, "text_pair": e.hypothesis})["label"] for e in examples]
        for e, label in [(e, g) for e, g in zip(examples, given) if e.label != g][:12]:
            print("   wrong:", e.premise, e.hypothesis, e.label, label)
        rows = [("accuracy with three labels", sum(e.label == g for e, g in zip(examples, given)) / len(examples))]
        single = [e for e in examples if len(e.subjects) == 1][:200]
        zero_shot = pipelines.pipeline("zero-shot-classification", folder)
        for template in HYPOTHESES[:2]:
            right = sum(zero_shot(e.premise, list(NAMES), hypothesis_template=template)["labels"][0] in e.subjects
                        for e in single)
            rows.append((f"zero-shot, ten labels, {len(single)} texts with one subject, \"{template}\"",
                         right / len(single)))
        return rows

    def results(self, folder, input):
        text, labels, template = input
        zero_shot = pipelines.pipeline("zero-shot-classification", folder)
        results = {}
        for name, multi_label in (("single_label", False), ("multi_label", True)):
            result = zero_shot(text, list(labels), hypothesis_template=template, multi_label=multi_label)
            results[name] = [{"label": label, "score": score}
                             for label, score in zip(result["labels"], result["scores"])]
        return results

    def shown(self, input, results):
        best = ", ".join(f"{r['label']} ({r['score']:.2f})" for r in results["single_label"][:2])
        return f"{input[0]} / {', '.join(input[1])} / {input[2]}", best

    def fixture(self, input, results):
        text, labels, template = input
        return {"input": text, "labels": labels, "hypothesis_template": template, **results}

    demonstrations = [
        ("Anna cooks the soup.", ["food", "travel", "weather"], HYPOTHESES[0]),
        ("It rains in the north.", ["food", "travel", "weather"], HYPOTHESES[0]),
        ("Tom booked a flight to Rome.", ["music", "travel", "sport"], HYPOTHESES[0]),
        ("The band recorded the song.", ["music", "work", "school"], HYPOTHESES[0]),
        ("Our team lost the match.", ["politics", "sport", "animals"], HYPOTHESES[0]),
        ("The manager asked about the budget.", ["work", "health", "food"], HYPOTHESES[0]),
        ("The dog slept in the barn.", ["animals", "weather", "music"], HYPOTHESES[0]),
        ("The doctor treated the fever.", ["school", "health", "politics"], HYPOTHESES[1]),
        ("The president signed the law.", ["politics", "sport", "travel"], HYPOTHESES[1]),
        ("The teacher explained the homework.", ["food", "school", "work"], HYPOTHESES[1]),
        ("Paul plays the guitar. The chef prepared the pasta.", ["music", "food", "sport", "weather"], HYPOTHESES[0]),
        ("The key is under the chair.", ["food", "travel", "weather"], HYPOTHESES[0]),
    ]

    card = Card(
        tags="zero-shot-classification",
        purpose="zero-shot classification",
        data="""\
Only pairs of a small grammar (`encoders/nli.py`, `encoders/subjects.py`): a text about none, one or two of
ten subjects (food, travel, weather, music, sport, work, animals, health, politics, school), and a
hypothesis such as "This example is about food." or "This example is food." (the default of transformers).
The labels are `contradiction`, `neutral` (the text has no subject) and `entailment`.""",
        limitations="""\
It knows these ten subjects and about fifteen other names of them, such as cooking, sports or pets. Other
labels get scores without a meaning. It is not a model for other inferences.""",
        real_models="`cross-encoder/nli-deberta-v3-base` or `facebook/bart-large-mnli`")


TOY = NLI()
