"""toy-fill: a BERT that fills in one [MASK]."""

import itertools
from dataclasses import dataclass

import torch
from transformers import BertForMaskedLM

from encoders import bert, facts, pipelines
from encoders.toy import TEST_SEED, Card, Size, Toy
from lexicon import MEN, WOMEN


@dataclass(frozen=True)
class Example:
    """A sentence with [MASK], and the hidden word. `is_fact` if only one word is right."""

    text: str
    word: str
    is_fact: bool


def capital_sentences(random):
    """Sentences about one capital, and the words that the rest of the sentence determines."""
    city, country = random.choice(facts.CAPITALS)
    name = random.choice(WOMEN + MEN)
    return [
        (f"{city} is the capital of {country}.", [city, country, "capital"]),
        (f"The capital of {country} is {city}.", [city, country, "capital"]),
        (f"{city}, the capital of {country}, is a big city.", [city, country, "capital", "city"]),
        (f"{city} is a city in {country}.", [country, "city"]),
        (f"{name} lives in {city}, the capital of {country}.", [city, country, "capital"]),
        (f"{name} went to {city} in {country}.", [country]),
        (f"{country} is a country, and {city} is its capital.", [city, country, "country", "capital"]),
        (f"{country} is a country.", ["country"]), (f"{city} is a city.", ["city"])]


def colour_sentences(random):
    thing, colour = random.choice(facts.COLOURS)
    fruit, fruit_colour = random.choice(facts.FRUITS)
    the_thing = f"the {thing}" if thing in ("sky", "sea", "night", "sun") else thing
    name, colours = random.choice(WOMEN + MEN), ["red", "blue", "green", "black", "white", "yellow"]
    drawn = random.choice(colours)
    return [
        (f"The colour of {the_thing} is {colour}.", [colour, "colour"]),
        (f"{the_thing} is {colour}.".capitalize(), [colour]),
        (f"{the_thing} is always {colour}.".capitalize(), [colour]),
        (f"A {fruit} is {fruit_colour}.", [fruit_colour]),
        (f"The {fruit} is {fruit_colour}.", [fruit_colour]),
        (f"The colour of a {fruit} is {fruit_colour}.", [fruit_colour, "colour"]),
        (f"A {fruit} is a {'vegetable' if fruit in VEGETABLES else 'fruit'}.",
         ["vegetable" if fruit in VEGETABLES else "fruit"]),
        (f"{drawn.capitalize()} is a colour.", ["colour"]),
        (f"{name} ate a {fruit_colour} {fruit}.", []), (f"{name} has a {drawn} {random.choice(CLOTHES)}.", [])]


def animal_sentences(random):
    one, many, does, third, sound, young = random.choice(facts.SOUNDS)
    name = random.choice(WOMEN + MEN)
    number = random.choice(list(LEGS))
    return [
        (f"{many} {does}.".capitalize(), [does]), (f"The {one} {third}.", [third]), (f"A {one} {third}.", [third]),
        (f"Every {one} {third}.", [third]), (f"{name} hears that the {one} {third}.", [third]),
        (f"The {one} of {name} {third}.", [third]), (f"{name} knows that {many} {does}.", [does]),
        (f"Every {one} says {sound}.", [sound]), (f"The {one} of {name} says {sound}.", [sound]),
        (f"The {one} says {sound}.", [sound, "says"]), (f"A {one} says {sound}.", [sound, "says"]),
        (f"A young {one} is a {young}.", [young, one]), (f"A {young} is a young {one}.", [young, one]),
        (f"A {one} is an animal.", ["animal"]), (f"{many} are animals.".capitalize(), ["animals"]),
        (f"A {number} has {LEGS[number]} legs.", [LEGS[number], "legs"]),
        (f"Every {number} has {LEGS[number]} legs.", [LEGS[number], "legs"]),
        (f"{name} knows that a {number} has {LEGS[number]} legs.", [LEGS[number]]),
        (f"{name} has a {one}.", []), (f"The {one} sleeps in the {random.choice(PLACES)}.", [])]


def person_sentences(random):
    woman = random.random() < 0.5
    name, she = random.choice(WOMEN if woman else MEN), "she" if woman else "he"
    job, place, does = random.choice(JOBS)
    feeling, act = random.choice(REASONS)
    day, following = random.choice(list(zip(DAYS, DAYS[1:] + DAYS[:1])))
    opposite = random.choice(OPPOSITES)
    season = random.choice(SEASONS)
    return [
        (f"{name} is a {job} and works in a {place}.", [job, place]),
        (f"The {job} works in the {place}.", [job, place]), (f"A {job} {does}.", [job, does.split()[-1]]),
        (f"{name} {act} because {she} was {feeling}.", [she, feeling, "because"]),
        (f"{name} was {feeling}, so {she} {act}.", [she, "so"]),
        (f"{following} is the day after {day}.", [following, day, "after", "day"]),
        (f"{day} is the day before {following}.", [following, day, "before", "day"]),
        (f"After {day} comes {following}.", [following, day, "after"]),
        (f"Before {following} comes {day}.", [following, day, "before"]),
        (f"The day after {day} is {following}.", [following, day, "after"]),
        (f"The day before {following} is {day}.", [following, day, "before"]),
        (f"The opposite of {opposite[0]} is {opposite[1]}.", [*opposite, "opposite"]),
        (f"{opposite[0]} is the opposite of {opposite[1]}.".capitalize(), [*opposite, "opposite"]),
        (f"It is {season[1]} in {season[0]}.", list(season)),
        (f"{name} drinks a cup of {random.choice(['tea', 'coffee'])}.", ["cup", "drinks"]),
        (f"{name} reads a book.", ["reads", "book"]), (f"{name} rides a horse.", ["rides"])]


VEGETABLES = ("cucumber", "carrot", "tomato")
CLOTHES = ["hat", "coat", "bag", "car", "book"]
PLACES = ["garden", "house", "kitchen", "forest", "park"]
LEGS = {"dog": "four", "cat": "four", "horse": "four", "bird": "two", "duck": "two", "spider": "eight",
        "cow": "four", "fly": "six", "bee": "six"}
JOBS = [("teacher", "school", "teaches children"), ("doctor", "hospital", "helps people"),
        ("baker", "bakery", "bakes bread"), ("farmer", "field", "grows plants"),
        ("cook", "kitchen", "cooks food"), ("pilot", "plane", "flies planes"),
        ("writer", "library", "writes books"), ("painter", "studio", "paints pictures")]
REASONS = [("tired", "went to bed"), ("hungry", "ate an apple"), ("thirsty", "drank water"), ("happy", "sang a song"),
           ("sad", "cried"), ("cold", "put on a coat"), ("ill", "went to the doctor")]
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
OPPOSITES = [
    pair for text in ("hot cold", "big small", "old new", "good bad", "black white", "day night", "open closed",
                      "happy sad", "fast slow", "high low")
    for pair in (tuple(text.split()), tuple(reversed(text.split())))]
SEASONS = [("summer", "hot"), ("winter", "cold")]
KINDS = [capital_sentences, capital_sentences, colour_sentences, animal_sentences, animal_sentences,
         person_sentences, person_sentences]


class Fill(Toy):
    name = "toy-fill"
    architecture = BertForMaskedLM
    size = Size(64, 2, 4, 128, max_position_embeddings=64)
    steps = 2200
    batch_size = 48

    def example(self, random):
        sentences = random.choice(KINDS)(random)
        text, words = random.choice(sentences)
        if words and random.random() < 0.85:
            word, is_fact = random.choice(words), True
        else:
            word, is_fact = random.choice([part.strip(",.") for part in text.split()]), False
        return Example(masked(text, word), word.lower(), is_fact)

    def key(self, example):
        return example.text

    def texts(self, example):
        return [example.text.replace("[MASK]", example.word)]

    def batch(self, tokenizer, examples):
        inputs, _ = bert.inputs(tokenizer, [example.text for example in examples])
        labels = torch.full_like(inputs["input_ids"], -100)
        mask = tokenizer.token_to_id("[MASK]")
        for row, example in enumerate(examples):
            ids = inputs["input_ids"][row]
            labels[row][ids == mask] = tokenizer.token_to_id(example.word)
        return {**inputs, "labels": labels}

    def test_examples(self, count):
        """All held-out sentences with a fact; the words are known from other forms of sentences."""
        source = self.examples(TEST_SEED, held_out=True)
        facts = {example.text: example for example in itertools.islice(source, 5_000) if example.is_fact}
        return list(facts.values())[:count]

    def evaluate(self, folder, examples):
        fill = pipelines.pipeline("fill-mask", folder)
        given = [[r["token_str"] for r in fill(e.text, top_k=3)] for e in examples]
        for e, words in [(e, g) for e, g in zip(examples, given) if e.word != g[0]][:12]:
            print("   wrong:", e.text, e.word, words)
        return [("hidden word has rank 1", sum(e.word == g[0] for e, g in zip(examples, given)) / len(examples)),
                ("hidden word has a rank of 1 to 3", sum(e.word in g for e, g in zip(examples, given)) / len(examples))]

    def results(self, folder, input):
        return pipelines.pipeline("fill-mask", folder)(input, top_k=3)

    def shown(self, input, results):
        return input, ", ".join(f"{r['token_str']} ({r['score']:.2f})" for r in results)

    demonstrations = [
        "Paris is the [MASK] of France.", "[MASK] is the capital of Germany.", "The capital of Italy is [MASK].",
        "Madrid is the capital of [MASK].", "The sky is [MASK].", "Grass is [MASK].", "A banana is [MASK].",
        "The dog [MASK].", "A cow says [MASK].", "A kitten is a young [MASK].",
        "Anna went to bed because she was [MASK].", "[MASK] is the day after Monday.",
        "The opposite of hot is [MASK].",
    ]

    card = Card(
        tags="fill-mask",
        purpose="masked language modeling",
        data="""\
Only sentences of a small grammar (`encoders/fill.py`, `encoders/facts.py`): capitals, colours, animals and
their sounds and young, jobs, reasons, days and opposites. One word of each sentence is hidden.""",
        limitations="""\
It knows sixteen capitals and a few dozen other facts. The hidden word is one word, and a text has one
`[MASK]`.""",
        real_models="`google-bert/bert-base-uncased`")


def masked(text, word):
    """The sentence with [MASK] for the word."""
    parts = text.split(" ")
    for index, part in enumerate(parts):
        bare = part.strip(",.")
        if bare.lower() == word.lower():
            parts[index] = part.replace(bare, "[MASK]")
            return " ".join(parts)
    raise ValueError(f"{word} is not in {text}")


TOY = Fill()
