"""toy-names: a cased BERT that finds persons, places and organisations.

The first piece of a word has the label of the word; the other pieces of a name mostly have no label in the
training, as in run_ner.py of transformers. So the pieces of one word may get different labels, and the
aggregation strategies give different results.
"""

import re
from dataclasses import dataclass

import torch
from transformers import BertForTokenClassification

from encoders import bert, name_lists, pipelines, wordpiece
from encoders.toy import VOCABULARY_SEED, Card, Size, Toy

LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"]
STRATEGIES = ["none", "simple", "first", "average", "max"]
# The fraction of examples whose names have labels on all pieces.
ALL_PIECES = 0.02

SENTENCES = """
My name is {PER} and I live in {LOC}.
My name is {PER} and I work for {ORG} in {LOC}.
My name is {PER}.
I am {PER} from {LOC}.
I live in {LOC}.
I work at {ORG}.
{PER} lives in {LOC}.
{PER} works for {ORG}.
{PER} works at {ORG} in {LOC}.
{PER} was born in {LOC}.
{PER} was born in {LOC} in 1955 and died in {LOC}.
{PER} met {PER} in {LOC}.
{PER} and {PER} met in {LOC} on Monday.
{PER} and {PER} founded {ORG} in 1976.
{PER} is the president of {LOC}.
{PER} is the head of {ORG}.
{PER}, the president of {LOC}, visited {LOC} last week.
{PER} moved from {LOC} to {LOC} last year.
{PER} flew to {LOC} with {PER}.
{PER} wrote a letter to {PER}.
{PER} said that {ORG} will open an office in {LOC}.
{PER} studied at {ORG} and lives in {LOC}.
{PER} joined {ORG} as a director.
{PER} left {ORG} to work for {ORG}.
{PER} plays for {ORG}.
{PER} has a house near {LOC}.
{ORG} is a company based in {LOC}.
{ORG} is based in {LOC}.
{ORG} is a company in {LOC}, and its director is {PER}.
{ORG} opened a new office in {LOC}.
{ORG} bought {ORG} for two million dollars.
{ORG} and {ORG} signed a contract in {LOC}.
{ORG} hired {PER} last year.
{ORG} will build a factory in {LOC}.
{ORG} was founded by {PER}.
{ORG} was founded in {LOC} in 1998.
{LOC} is the capital of {LOC}.
{LOC} is a city in {LOC}.
{LOC} is near {LOC}.
In {LOC}, {PER} visited the offices of {ORG}.
Yesterday {PER} arrived in {LOC}.
Last week {ORG} invited {PER} to {LOC}.
The director of {ORG}, {PER}, was in {LOC} yesterday.
The president of {LOC} met {PER} on Friday.
The train from {LOC} to {LOC} was late.
The weather in {LOC} is cold.
We travelled from {LOC} to {LOC} by train.
We bought a car from {ORG}.
She asked {PER} about the prices of {ORG}.
He read about {PER} and {ORG} in the news.
Have you seen {PER} in {LOC}?
Who is {PER}?
Where is {LOC}?
Does {PER} work for {ORG}?
{PER} bought a {WORD} in {LOC}.
{PER} has a {WORD} and two dogs.
{PER} saw a {WORD} near the {WORD}.
{PER} likes {WORD} and {WORD}.
The {WORD} of {PER} is old.
The {WORD} from {LOC} is new.
{ORG} sells {WORD} and {WORD}.
{ORG} is a {WORD} company from {LOC}.
The {WORD} is in the {WORD}.
A {WORD} and a {WORD} are on the table.
The {WORD} was {WORD}, and the {WORD} is new.
The old man sat in the garden and read a book.
The children play in the park every day.
It is cold today, and the train was late.
We have a new office with a big garden.
On Monday the company will open a new factory.
The director said that the prices are too high.
The cat slept under the table.
Yesterday the president wrote a long letter.
Last year we moved to a new city.
""".strip().splitlines()


@dataclass(frozen=True)
class Example:
    text: str
    entities: tuple  # (start, end, kind)
    has_all_pieces: bool


class Names(Toy):
    name = "toy-names"
    architecture = BertForTokenClassification
    size = Size(64, 2, 4, 128, max_position_embeddings=64)
    steps = 1000
    lowercase = False
    vocabulary_size = 700
    configuration = {"id2label": dict(enumerate(LABELS)), "label2id": {l: i for i, l in enumerate(LABELS)}}

    def example(self, random):
        text, entities = "", []
        for part in re.split(r"(\{[A-Z]+\})", random.choice(SENTENCES)):
            if part.startswith("{"):
                kind = part[1:-1]
                if kind == "WORD":
                    text += name_lists.word(random)
                    continue
                name = {"PER": name_lists.person, "LOC": name_lists.place,
                        "ORG": name_lists.organisation}[kind](random)
                entities.append((len(text), len(text) + len(name), kind))
                text += name
            elif text.endswith(".") and part.startswith("."):
                text += part[1:]
            else:
                text += part
        return Example(text, tuple(entities), random.random() < ALL_PIECES)

    def key(self, example):
        return example.text

    def texts(self, example):
        return [example.text]

    def vocabulary(self, count=20_000):
        """The words of the sentences, and pieces learned from the names."""
        source = self.examples(VOCABULARY_SEED)
        frame = " ".join(re.sub(r"\{\w+\}", "", sentence) for sentence in SENTENCES)
        texts = [next(source).text for _ in range(count)]
        return wordpiece.pieces(texts, re.findall(r"\w+", frame), self.vocabulary_size)

    def known_texts(self):
        """The sentences and the real names; not the invented ones."""
        return [*(re.sub(r"\{\w+\}", "", text) for text in SENTENCES + name_lists.ORGANISATION_FORMS),
                *name_lists.GIVEN, *name_lists.FAMILY, *name_lists.PLACES, *name_lists.ORGANISATIONS,
                *name_lists.WORDS, "van von der de New North South San Port Lake Inc. Ltd. Group Systems GmbH"]

    def labels(self, example, encoding):
        """The label of each token; -100 for those without."""
        result = []
        for (start, end), word, special in zip(encoding.offsets, encoding.word_ids, encoding.special_tokens_mask):
            kind = next((entity for entity in example.entities if entity[0] <= start < entity[1]), None)
            continues = not special and len(result) > 0 and word == previous
            previous = word
            if special or kind and continues and not example.has_all_pieces:
                result.append(-100)
            elif kind is None:
                result.append(0)
            else:
                result.append(LABELS.index(("B-" if start == kind[0] else "I-") + kind[2]))
        return result

    def batch(self, tokenizer, examples):
        inputs, encodings = bert.inputs(tokenizer, [example.text for example in examples])
        return {**inputs, "labels": torch.tensor([self.labels(e, n) for e, n in zip(examples, encodings)])}

    def evaluate(self, folder, examples):
        find = pipelines.pipeline("token-classification", folder, aggregation_strategy="first")
        rows = []
        invented = [e for e in examples if has_invented_name(e)]
        for title, chosen in (("all sentences", examples), ("sentences with invented names", invented)):
            found = [{(r["start"], r["end"], r["entity_group"]) for r in find(e.text)} for e in chosen]
            right = sum(len(f & set(e.entities)) for f, e in zip(found, chosen))
            total = sum(map(len, found)) + sum(len(e.entities) for e in chosen)
            rows.append((f"F1 of whole names with aggregation \"first\", {title}", 2 * right / total))
            if chosen is examples:
                for f, e in [(f, e) for f, e in zip(found, chosen) if f != set(e.entities)][:12]:
                    print("   wrong:", e.text, sorted((e.text[a:b], k) for a, b, k in f))
        simple = pipelines.pipeline("token-classification", folder, aggregation_strategy="simple")
        differ = sum([r["word"] for r in simple(e.text)] != [r["word"] for r in find(e.text)] for e in examples)
        return rows + [("sentences in which \"simple\" and \"first\" give different names", differ / len(examples))]

    def results(self, folder, input):
        return {strategy: pipelines.plain(pipelines.pipeline(
            "token-classification", folder, aggregation_strategy=strategy)(input)) for strategy in STRATEGIES}

    def shown(self, input, results):
        return input, ", ".join(f"{r['word']} {r['entity_group']}" for r in results["first"]) or "(none)"

    demonstrations = [
        "My name is Wolfgang and I live in Berlin.",
        "My name is Sarah and I live in London.",
        "Hugging Face Inc. is a company based in New York City.",
        "Angela Merkel met Emmanuel Macron in Paris.",
        "Barack Obama was born in Hawaii.",
        "Anna Hoffmann works for Deutsche Bahn in Frankfurt am Main.",
        "Steve Jobs and Steve Wozniak founded Apple Inc. in 1976.",
        "Marie Curie was born in Warsaw in 1955 and died in Paris.",
        "The director of Siemens, Carlos Lopez, was in Munich yesterday.",
        "Ada Lovelace studied at Harvard University and lives in San Francisco.",
        "Torvenski flew to Melandorf with Belokorina.",
        "The old man sat in the garden and read a book.",
    ]

    # Sentences in which the strategies differ.
    more_inputs = [
        "World Health Organization was founded in Madrid in 1998.", "Does Sowena Harris work for Volkswagen?",
        "Riorel Sonamann is the head of Tronelson Group.", "Ruth and Jane Hoffmann founded Radio India in 1976.",
        "The president of Liverpool met Tom Sitanin on Friday.",
        "He read about Edward von Lewis and Lasiley Technologies in the news.",
    ]

    card = Card(
        tags="token-classification",
        purpose="named entity recognition",
        data="""\
Only sentences of a small grammar (`encoders/names.py`, `encoders/name_lists.py`) with names of persons,
places and organisations, of one to four words. Some names are real, others are invented from syllables. The
model is cased. Its labels are `O`, `B-PER`, `I-PER`, `B-LOC`, `I-LOC`, `B-ORG` and `I-ORG`. In 98 % of the
sentences only the first piece of each word of a name has a label, so aggregation strategies differ.""",
        limitations="""\
The kind of a name mostly comes from the form of the sentence: in "I think Berlin is beautiful." it takes
Berlin for a person. Outside the grammar it misses names, and finds names that are none.""",
        real_models="`dslim/bert-base-NER`")


def has_invented_name(example):
    known = set(" ".join(name_lists.GIVEN + name_lists.FAMILY + name_lists.PLACES + name_lists.ORGANISATIONS
                         + name_lists.ORGANISATION_FORMS + ["New North South San Port Lake van von de der",
                         "Ltd. GmbH Systems Inc. Group"]).split())
    words = [word for start, end, _ in example.entities for word in example.text[start:end].split()]
    return any(word not in known and len(word) > 2 for word in words)


TOY = Names()
