"""The grammar of the English stories for summaries, questions and continuations.

A story tells one person's day in simple sentences:

    identity   Anna is a (young) teacher.                  always first
    visit      She went to the market (in the morning).    before the event
    event      She bought a red hat (there).
    feeling    She was very happy.
    asides     She lives in a small house. She has a black dog. The sun was shining. ...

Other stories tell what animals did somewhere, and why. summaries.py and story_questions.py use these
sentences.
"""

from lexicon import MEN, WOMEN

ROLES = "teacher farmer doctor student baker painter sailor nurse".split()
ROLE_ADJECTIVES = "young old clever tall".split()
# Places that people visit, and the preposition for being there.
VISITS = {
    "market": "at", "park": "in", "school": "at", "river": "by", "garden": "in", "forest": "in",
    "station": "at", "village": "in", "beach": "on", "church": "at", "city": "in", "farm": "on",
}
# Verbs (base and past), and their objects.
EVENTS = [
    ("buy", "bought", "hat book ball flower apple coat bag box cake orange egg picture"),
    ("find", "found", "hat book ball flower apple letter key bag box picture"),
    ("see", "saw", "cat dog bird horse cow rabbit goat mouse"),
    ("lose", "lost", "hat book ball letter key coat bag"),
    ("draw", "drew", "cat dog bird horse flower cow rabbit tree house"),
    ("eat", "ate", "apple cake orange egg"),
    ("read", "read", "book letter"),
    ("sell", "sold", "hat book flower apple coat cow horse cake egg"),
    ("carry", "carried", "bag box ball coat"),
]
COLOURS = "red blue green black white grey".split()
ANIMAL_COLOURS = "black white grey".split()
SIZES = "big small old new beautiful".split()
FEELINGS = "happy sad tired hungry angry cold".split()
HOMES = "house room village city".split()
PETS = "cat dog bird horse rabbit goat mouse cow".split()
FURNITURE = "table chair bed box bridge tree car mat".split()
WHERE = {"on": "table chair bed box mat", "under": "table chair bed tree bridge car",
         "behind": "tree box car chair", "near": "table bed tree bridge car", "in": "box car"}
THINGS = "hat book ball flower apple letter key coat bag cake orange egg picture".split()
ANIMALS = "cat dog bird mouse horse cow rabbit goat".split()
ASIDES = ["The sun was shining.", "It was raining.", "It was a cold day.", "The sky was blue.",
          "It was late."]
TIMES = ["in the morning", "in the evening", "yesterday", "on Monday", "on Sunday", "after lunch"]
# Verbs of animals (past and base), and places for them.
ANIMAL_VERBS = [("sat", "sit"), ("slept", "sleep"), ("played", "play"), ("waited", "wait"),
                ("stayed", "stay"), ("ran", "run")]
ANIMAL_PLACES = ["on the mat", "on the table", "on the bed", "on the chair", "under the tree",
                 "under the table", "under the bed", "in the garden", "in the house",
                 "in the kitchen", "behind the house", "near the river", "on the bridge",
                 "in the forest", "in the park", "in the street"]
REASONS = "tired hungry happy sad cold young old angry".split()
# The parts of a story about a person, in order.
KINDS = ["is", "lives", "has", "went", "did", "felt"]


def a(words):
    return ("an " if words[0] in "aeiou" else "a ") + words


def capitalised(text):
    return text[0].upper() + text[1:]


class Person:
    """The person of a story; `she` is the pronoun."""

    def __init__(self, random, not_these=()):
        while True:
            woman = random.random() < 0.5
            self.name = random.choice(WOMEN if woman else MEN)
            if self.name not in not_these:
                break
        self.she = "she" if woman else "he"
        self.role = random.choice(ROLES)
        self.verb, self.past, things = random.choice(EVENTS)
        self.thing = random.choice(things.split())
        self.colour = random.choice(COLOURS) if random.random() < 0.5 else ""
        if self.thing in ANIMALS and self.colour:
            self.colour = random.choice(ANIMAL_COLOURS)
        size = random.choice(SIZES) if random.random() < 0.35 else ""
        self.object = a(" ".join(word for word in (size, self.colour, self.thing) if word))
        self.place = random.choice(list(VISITS))
        self.at = f"{VISITS[self.place]} the {self.place}"
        self.feeling = random.choice(FEELINGS)
        self.pet_colour = random.choice(ANIMAL_COLOURS)
        self.pet = random.choice(PETS)
        self.home = random.choice(HOMES)
        self.home_adjective = random.choice(["small", "big", "old", "new", "beautiful"])


def identity(random, person):
    adjective = random.choice(ROLE_ADJECTIVES) + " " if random.random() < 0.4 else ""
    return f"{person.name} is {a(adjective + person.role)}."


def visit(random, person, who):
    time = random.choice(TIMES) if random.random() < 0.5 else ""
    if time and random.random() < 0.5:
        return f"{capitalised(time)}, {who} went to the {person.place}."
    return f"{capitalised(who)} went to the {person.place}{' ' if time else ''}{time}."


def event(random, person, who, there=True):
    kind = random.random() if there else 1
    if kind < 0.2:
        return f"There {who} {person.past} {person.object}."
    return f"{capitalised(who)} {person.past} {person.object}{' there' if kind < 0.35 else ''}."


def feeling(random, person, who):
    return f"{capitalised(who)} was {random.choice(['', '', 'very '])}{person.feeling}."


def aside(random, person, who):
    kind = random.randrange(3)
    if kind == 0:
        return f"{capitalised(who)} lives in {a(person.home_adjective)} {person.home}."
    if kind == 1:
        return f"{capitalised(who)} has {a(person.pet_colour)} {person.pet}."
    return random.choice(ASIDES)


def tale(random):
    """A short story for the GPT-2."""
    kind = random.random()
    if kind < 0.25:
        return " ".join(animal_tale(random) for _ in range(random.randint(1, 3)))
    person = Person(random)
    she, name = person.she, person.name
    adjective = random.choice(ROLE_ADJECTIVES)
    if kind < 0.6:
        start = f"Once upon a time there was {a(adjective)} {person.role} named {name}."
    else:
        start = identity(random, person)
    parts = [start]
    for _ in range(random.randint(0, 2)):
        candidate = aside(random, person, she)
        if kind < 0.6:
            candidate = candidate.replace(" lives ", " lived ").replace(" has ", " had ")
        if candidate not in parts:
            parts.append(candidate)
    parts.append(visit(random, person, she))
    if random.random() < 0.3:
        parts.append(random.choice(ASIDES))
    parts.append(event(random, person, she))
    glad = {"buy": "happy", "find": "happy", "see": "happy", "lose": "sad", "draw": "happy",
            "eat": "happy", "read": "happy", "sell": "happy", "carry": "tired"}[person.verb]
    parts.append(random.choice([
        f"{capitalised(she)} was very {glad}.",
        f"{capitalised(she)} was {glad} because {she} {person.past} the {person.thing}.",
        f"Then {she} went home and slept in {'her' if she == 'she' else 'his'} bed.",
    ]))
    if random.random() < 0.4:
        parts.append(animal_tale(random))
    return " ".join(parts)


def animal_tale(random):
    animal = random.choice(ANIMALS)
    past, _ = random.choice(ANIMAL_VERBS)
    text = f"The {animal} {past} {random.choice(ANIMAL_PLACES)}"
    draw = random.random()
    if draw < 0.5:
        return f"{text} because it was {random.choice(['', 'very '])}{random.choice(REASONS)}."
    if draw < 0.75:
        other = random.choice([x for x in ANIMALS if x != animal])
        return f"{text} and the {other} {random.choice(ANIMAL_VERBS)[0]} " \
               f"{random.choice(ANIMAL_PLACES)}."
    return text + "."
