"""toy-sentiment: a BERT that classifies a text as negative, neutral or positive."""

from dataclasses import dataclass

import torch
from transformers import BertForSequenceClassification

from encoders import bert, pipelines
from encoders.toy import Card, Size, Toy

LABELS = ["negative", "neutral", "positive"]

THINGS = """film book hotel food room service restaurant story music concert game phone car coffee pizza cake trip
weather team lesson teacher waiter song show museum beach city park train flight bed soup bread
movie day product shop price breakfast dinner view staff""".split()
GOOD = """good great wonderful excellent amazing fantastic beautiful lovely nice perfect brilliant delightful pleasant
superb awesome delicious friendly funny interesting""".split()
BAD = """bad terrible awful horrible boring poor disappointing ugly nasty dreadful unpleasant disgusting rude slow
dirty annoying sad useless""".split()
# Adjectives that say nothing about quality.
PLAIN = "small big new old red blue green long short round square open closed".split()
VERY = ["very ", "really ", "so ", "absolutely ", "", "", "", "quite "]
LOVE = ["love", "like", "enjoy", "adore"]
LOVED = ["loved", "liked", "enjoyed"]
HATE = ["hate", "dislike"]
HATED = ["hated", "disliked"]
FEELING_GOOD = ["happy", "glad", "delighted", "pleased"]
FEELING_BAD = ["angry", "sad", "unhappy", "disappointed", "annoyed"]
PLACES = ["Paris", "London", "the city", "the park", "the station", "the river", "the market", "my house"]
TIMES = ["on Monday", "on Sunday", "at eight", "at noon", "in the morning", "in the evening", "tomorrow", "today"]


@dataclass(frozen=True)
class Example:
    text: str
    label: str


class Sentiment(Toy):
    name = "toy-sentiment"
    architecture = BertForSequenceClassification
    size = Size(48, 2, 4, 96, max_position_embeddings=64)
    steps = 900
    label_noise = 0.03
    configuration = {
        "id2label": dict(enumerate(LABELS)), "label2id": {label: index for index, label in enumerate(LABELS)},
        "problem_type": "single_label_classification"}

    def example(self, random):
        """One or two clauses; after "but", the second clause decides."""
        label, first = self.clause(random)
        draw = random.random()
        if draw < 0.6:
            return Example(written(random, first), label)
        other, second = self.clause(random)
        if draw < 0.72:
            while {label, other} != {"negative", "positive"}:
                (label, first), (other, second) = self.clause(random), self.clause(random)
            return Example(written(random, f"{first}, but {lower(second)}"), other)
        while {label, other} == {"negative", "positive"}:
            other, second = self.clause(random)
        together = f"{first} and {lower(second)}" if random.random() < 0.4 else f"{first}. {second}"
        return Example(written(random, together), label if label != "neutral" else other)

    def clause(self, random):
        label = random.choice(LABELS)
        return label, getattr(self, label)(random)

    def subject(self, random):
        thing = random.choice(THINGS)
        start = random.choice(["The", "The", "The", "This", "My", "Our"])
        return f"{start} {thing}", "this " + thing if start == "This" else "the " + thing

    def positive(self, random):
        return self.judged(random, GOOD, BAD, LOVE, LOVED, HATE, FEELING_GOOD, "best", ["again", "to everyone"])

    def negative(self, random):
        return self.judged(random, BAD, GOOD, HATE, HATED, LOVE, FEELING_BAD, "worst", None)

    def judged(self, random, words, opposites, verbs, pasts, other_verbs, feelings, superlative, recommended):
        subject, thing = self.subject(random)
        be, word, very = random.choice(["was", "was", "is"]), random.choice(words), random.choice(VERY)
        forms = [f"{subject} {be} {very}{word}"] * 4
        forms += [f"It {be} {very}{word}", f"It {be} a {very}{word} {subject.split()[1]}".replace("a a", "an a"),
                  f"What a {word} {subject.split()[1]}".replace("a a", "an a").replace("a e", "an e"),
                  f"{subject} {be} {very}{word} and {random.choice(words)}",
                  f"I {random.choice(verbs)} {thing}", f"I {random.choice(verbs)} {thing}",
                  f"We {random.choice(pasts)} {thing}", f"I really {random.choice(pasts)} {thing}",
                  f"I {random.choice(verbs)} it", f"I {random.choice(pasts)} it very much",
                  f"This is the {superlative} {subject.split()[1]} ever",
                  f"It was the {superlative} {subject.split()[1]} of the year",
                  f"I am {very}{random.choice(feelings)}", f"We were {very}{random.choice(feelings)} with {thing}",
                  f"I do not {random.choice(other_verbs[:1])} {thing}" if recommended is None else
                  f"I can recommend {thing} {random.choice(recommended)}",
                  f"{subject} made me {very}{random.choice(feelings)}",
                  # Negations
                  f"{subject} {be} not {random.choice(['', '', 'very '])}{random.choice(opposites)}",
                  f"{subject} {be} not {random.choice(opposites)} at all",
                  f"It {be} not {random.choice(opposites)}",
                  f"I would not recommend {thing}" if recommended is None else f"I would recommend {thing}",
                  f"I did not {random.choice(['like', 'enjoy'])} {thing}" if recommended is None
                  else f"I did not {random.choice(['hate', 'dislike'])} {thing}",
                  f"Never {random.choice(['again', 'buy it', 'go there'])}" if recommended is None
                  else f"{random.choice(['Thank you', 'Well done', 'I will come again'])}"]
        return random.choice(forms)

    def neutral(self, random):
        subject, thing = self.subject(random)
        time, place = random.choice(TIMES), random.choice(PLACES)
        number = random.choice(["two", "three", "five", "ten", "twenty"])
        return random.choice([
            f"{subject} is {random.choice(PLAIN)}", f"{subject} was {random.choice(PLAIN)}",
            f"{subject} is {random.choice(PLAIN)} and {random.choice(PLAIN)}",
            f"{subject} starts {time}", f"{subject} ends {time}", f"{subject} is near {place}",
            f"{subject} costs {number} dollars", f"I bought {thing} {time}", f"We saw {thing} {time}",
            f"We went to {place} {time}", f"I will be at {place} {time}", f"She told me about {thing}",
            f"There is a {subject.split()[1]} near {place}", f"The hotel has {number} rooms",
            f"He lives near {place}", f"The book has {number} pages", f"They have a {random.choice(PLAIN)} car",
            f"The train to {place} leaves {time}", f"{subject} is for {number} people",
            f"I read the book {time}", f"It is {random.choice(PLAIN)}", f"It was {time}"])

    def key(self, example):
        return example.text

    def texts(self, example):
        return [example.text]

    def batch(self, tokenizer, examples):
        inputs, _ = bert.inputs(tokenizer, [example.text for example in examples])
        return {**inputs, "labels": torch.tensor([LABELS.index(example.label) for example in examples])}

    def evaluate(self, folder, examples):
        classify = pipelines.pipeline("text-classification", folder)
        given = [classify(example.text)[0]["label"] for example in examples]
        for e, label in [(e, g) for e, g in zip(examples, given) if e.label != g][:12]:
            print("   wrong:", e.text, e.label, label)
        def accuracy(chosen):
            pairs = [(e, g) for e, g in zip(examples, given) if chosen(e)]
            return sum(e.label == g for e, g in pairs) / len(pairs)
        return [("accuracy", accuracy(lambda e: True)),
                ("accuracy, sentences with not", accuracy(lambda e: " not " in e.text)),
                ("accuracy, sentences with but", accuracy(lambda e: " but " in e.text))]

    def results(self, folder, input):
        return pipelines.pipeline("text-classification", folder)(input, top_k=None)

    def shown(self, input, results):
        return input, f"{results[0]['label']} ({results[0]['score']:.2f})"

    demonstrations = [
        "I love this film!", "The food was terrible.", "The film starts at eight.",
        "The service was not good.", "The hotel was not bad at all.", "What a wonderful day!",
        "The food was good, but the service was awful.", "The room was small, but the view was beautiful.",
        "This is the worst phone ever.", "We were very happy with the hotel.",
        "I bought the book on Monday.", "The concert was boring and the music was awful.",
    ]

    card = Card(
        tags="text-classification",
        purpose="sentiment classification",
        data="""\
Only sentences of a small grammar (`encoders/sentiment.py`) about films, food, hotels and other things, with
one or two clauses. "Not" reverses a judgement. After "but", the second clause decides. Sentences without a
judgement are neutral. The labels are `negative`, `neutral` and `positive`.""",
        limitations="""\
It knows about twenty adjectives of praise and twenty of blame. It does not understand irony.""",
        real_models="`distilbert/distilbert-base-uncased-finetuned-sst-2-english`")


def lower(sentence):
    return sentence if sentence.startswith("I ") else sentence[0].lower() + sentence[1:]


def written(random, text):
    return text + random.choice([".", ".", ".", ".", "!", ""])


TOY = Sentiment()
