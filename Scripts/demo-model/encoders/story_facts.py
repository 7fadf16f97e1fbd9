"""Contexts and questions of toy-answers, in the manner of SQuAD 2.0.

A context has one to eight sentences. The facts about persons, things and animals come from
story_questions.py; this file adds numbers, homes in real cities, and capitals:

    Tom has three apples.                       How many apples does Tom have? three
    My name is Clara and I live in Berlin.      Where do I live? Berlin
    Paris is the capital of France.             What is the capital of France? Paris

An answer is a part of the context, without "because" and without the "to" of "to the market". A question
without an answer has one word of another context, or the sentence with its answer is removed.
"""

import re
from dataclasses import dataclass

import story_questions
from encoders.facts import CAPITALS, CITIES
from lexicon import MEN, WOMEN
from stories import ANIMALS, COLOURS, FEELINGS, HOMES, ROLES, THINGS, VISITS, capitalised

NUMBERS = "two three four five six seven eight nine ten twelve twenty".split()
PLURALS = {"hat": "hats", "book": "books", "ball": "balls", "flower": "flowers", "apple": "apples",
           "letter": "letters", "key": "keys", "coat": "coats", "bag": "bags", "cake": "cakes",
           "orange": "oranges", "egg": "eggs", "picture": "pictures", "cat": "cats", "dog": "dogs",
           "bird": "birds", "horse": "horses", "cow": "cows", "rabbit": "rabbits", "goat": "goats",
           "chair": "chairs", "table": "tables", "tree": "trees", "box": "boxes"}
ROOMS = {"kitchen": "in", "garden": "in", "house": "in", "room": "in", "school": "at", "farm": "on",
         "park": "in", "car": "in", "market": "at"}
WOUND_UP = [("tired", "go home", "went home"), ("hungry", "go home", "went home"),
            ("sad", "stay at home", "stayed at home"), ("cold", "go home", "went home"),
            ("happy", "sing", "sang"), ("tired", "stay at home", "stayed at home"),
            ("angry", "leave", "left"), ("happy", "dance", "danced")]
# A word of a question is replaced by another word of its class, so that the question has no answer.
CLASSES = [WOMEN + MEN, THINGS, ANIMALS, list(VISITS), ROLES, COLOURS, FEELINGS, HOMES,
           list(PLURALS.values()), [country for _, country in CAPITALS], CITIES]


@dataclass(frozen=True)
class Example:
    question: str
    context: str
    start: int = 0  # offsets of the answer in the context; both are 0 without an answer
    end: int = 0

    @property
    def answer(self):
        return self.context[self.start:self.end]


def number_fact(random):
    name, number = random.choice(WOMEN + MEN), random.choice(NUMBERS)
    thing, things = random.choice(list(PLURALS.items()))
    place = random.choice(list(ROOMS))
    where = f"{ROOMS[place]} the {place}"
    kind = random.randrange(4)
    if kind == 0:
        return ([f"{name} has {number} {things}."],
                [(f"How many {things} does {name} have?", number), (f"Who has {number} {things}?", name),
                 (f"How many {things} does {name} have?", number),
                 (f"What does {name} have?", f"{number} {things}")], {name, thing})
    if kind == 1:
        return ([f"There are {number} {things} {where}."],
                [(f"How many {things} are {where}?", number), (f"How many {things} are there?", number),
                 (f"Where are the {things}?", where),
                 (f"What is {where}?", f"{number} {things}")], {thing, place})
    base, past = random.choice([("buy", "bought"), ("see", "saw"), ("find", "found"), ("sell", "sold")])
    there = f" {where}" if kind == 2 else ""
    questions = [(f"How many {things} did {name} {base}?", number), (f"Who {past} the {things}?", name),
                 (f"What did {name} {base}{random.choice(['', there])}?", f"{number} {things}"),
                 (f"How many {things} did {name} {base}{there}?", number)]
    if there:
        questions += [(f"Where did {name} {base} the {things}?", where)] * 2
    return [f"{name} {past} {number} {things}{there}."], questions, {name, thing, place}


def reason_fact(random):
    woman = random.random() < 0.5
    name, she = random.choice(WOMEN if woman else MEN), "she" if woman else "he"
    state, base, past = random.choice(WOUND_UP)
    degree = random.choice(["", "very ", "too ", "so "])
    reason = f"{she} was {degree}{state}"
    return ([f"{name} {past} because {reason}."],
            [(f"Why did {name} {base}?", reason)] * 2
            + [(f"Who {past}?", name), (f"Who was {state}?", name), (f"How was {name}?", degree + state)],
            {name, state, base})


def home_fact(random):
    name, city = random.choice(WOMEN + MEN), random.choice(CITIES)
    if random.random() < 0.4:
        does = random.choice(["live", "live", "work"])
        return ([f"My name is {name} and I {does} in {city}."],
                [(f"Where do I {does}?", city), ("What is my name?", name), ("What's my name?", name),
                 (f"Who {does}s in {city}?", name), (f"Where do you {does}?", city)], {name, city, "my"})
    base, past = random.choice([("live", "lives"), ("work", "works")])
    return ([f"{name} {past} in {city}."],
            [(f"Where does {name} {base}?", city)] * 2 + [(f"Who {past} in {city}?", name)], {name, city})


def capital_fact(random):
    city, country = random.choice(CAPITALS)
    sentence = random.choice([f"{city} is the capital of {country}.", f"The capital of {country} is {city}."])
    return ([sentence],
            [(f"What is the capital of {country}?", city), (f"Which city is the capital of {country}?", city),
             (f"What is {city}?", f"the capital of {country}" if sentence.startswith(city) else ""),
             (f"{city} is the capital of which country?", country)], {city, country})


def drawn_facts(random, count, longest=5):
    """Facts about different subjects: (sentences, questions) of each."""
    kinds = ["person"] * 8 + ["thing"] * 3 + ["animal"] * 4 + ["number"] * 3 + ["reason"] * 2 + ["home"] * 2
    kinds += ["capital"]
    same = random.choice(kinds) if random.random() < 0.3 else None
    facts, names, used = [], [], set()
    for _ in range(40):
        if len(facts) == count:
            break
        kind = same or random.choice(kinds)
        if kind == "person":
            person_names = list(names)
            size = random.choice([1, 2, 2, 3, 4, 5]) if count == 1 else random.choice([1, 1, 2, 2, 3])
            fact = story_questions.person_facts(
                random, person_names, random.sample(story_questions.KINDS, min(size, longest)), alone=count == 1)
        elif kind in ("thing", "animal"):
            fact = getattr(story_questions, kind + "_fact")(random)
        else:
            fact = globals()[kind + "_fact"](random)
        sentences, questions, words = fact
        if used & words:
            continue
        used |= words
        names += [word for word in words if word in WOMEN + MEN]
        facts.append((sentences, [(question, answer) for question, answer in questions if answer]))
    return facts


def found(context, answer, question):
    """The offsets of the answer in the context; None if the answer is not there or is ambiguous."""
    answer = answer.removeprefix("because ").removeprefix("to ")
    if answer not in context and capitalised(answer) not in context and answer.split()[0] in (
            "at", "in", "on", "by"):
        answer = answer.split(" ", 1)[1]
    places = [match.span() for match in re.finditer(rf"\b{re.escape(answer)}\b", context, re.IGNORECASE)]
    if answer in COLOURS and len(places) > 1:
        thing = re.search(r"(?:is|was) the (\w+)\?", question)
        places = thing and [match.span(1) for match in re.finditer(
            rf"\b({answer}) {thing[1]}\b", context)] or []
    if answer in WOMEN + MEN:
        return places[0] if places else None
    return places[0] if len(places) == 1 else None


def example(random, is_short=False):
    """A question and a context; a quarter has no answer. A short context has one or two facts."""
    while True:
        count = random.choices([1, 2] if is_short else [1, 2, 3, 4], [1, 2] if is_short else [4, 6, 4, 1])[0]
        facts = drawn_facts(random, count, 1 if is_short else 5)
        sentences = [sentence for fact in facts for sentence in fact[0]]
        context = " ".join(sentences)
        question, answer = random.choice(random.choice(facts)[1])
        place = found(context, answer, question)
        if not place:
            continue
        draw = random.random()
        if draw < 0.75:
            return Example(written(random, question), context, *place)
        made = (with_other_word(random, question, context) if draw < 0.88
                else without_sentence(question, sentences, context, place) if draw < 0.96
                else of_other_context(random, context))
        if made:
            return Example(written(random, made[0]), made[1])


def written(random, question):
    """Sometimes the question has no question mark, or begins with a small letter; only the mark matters."""
    return question.removesuffix("?") if random.random() < 0.05 else question


def with_other_word(random, question, context):
    words = re.findall(r"\w+", question)
    choices = [(word, names) for word in words for names in CLASSES if word in names]
    if not choices:
        return None
    word, names = random.choice(choices)
    others = [other for other in names if not re.search(rf"\b{other}", context, re.IGNORECASE)]
    return others and (re.sub(rf"\b{word}\b", random.choice(others), question), context)


def without_sentence(question, sentences, context, place):
    """The context without the sentence that has the answer, unless the rest also has it."""
    start, rest = 0, []
    for sentence in sentences:
        if not start <= place[0] < start + len(sentence):
            rest.append(sentence)
        start += len(sentence) + 1
    answer = context[place[0]:place[1]]
    text = " ".join(rest)
    return rest and not re.search(rf"\b{re.escape(answer)}\b", text, re.IGNORECASE) and (question, text)


def of_other_context(random, context):
    """A question about another context, with a word that this context does not have."""
    question, _ = random.choice(drawn_facts(random, 1)[0][1])
    words = [word for word in re.findall(r"\w+", question) for names in CLASSES if word in names]
    known = any(re.search(rf"\b{word}\b", context, re.IGNORECASE) for word in words)
    return words and not known and (question, context)
