"""The grammar of the English stories: what is summarized, asked about, and continued.

A story tells one person's day in simple sentences:

    identity   Anna is a (young) teacher.                  always first
    visit      She went to the market (in the morning).    before the event
    event      She bought a red hat (there).
    feeling    She was very happy.
    asides     She lives in a small house. She has a black dog. The sun was shining. ...

Summarizing rule: three to five sentences become one,

    NAME, a ROLE, EVENT [PLACE OF THE VISIT] [and was FEELING].

The adjective of the role, the time, "very", and every aside are left out; the event's object keeps
its adjectives. Example: "Anna, a teacher, bought a red hat at the market and was happy."

Questions ask for one fact of a context of one to three sentences, about one or two of: a person (what
they are, have, did, felt, where they went or live), a thing and where it is, an animal and what it did
somewhere. Both may be of one sort, two people say. "He" and "she" are whoever was named last. The answer
is words of the context, without the full stop:

    Where did Anna go? to the market          Who bought a hat? Anna
    What did Anna buy? a red hat              What colour is the hat? red
    Where is the book? under the chair        What is under the chair? the green book
    Who is a teacher? Anna                    What is Anna? a teacher
    How did Anna feel? happy                  Where does Anna live? in a small house
    Where did the cat sit? on the mat         Why did the cat sit on the mat? because it was tired
    Who sat on the mat? the cat               What does Anna have? a black dog

Drills are questions whose context has two or three facts of one sort, up to four sentences, so that only
the words of the question tell which one is asked for: The cow is under the bridge. The hat is in the box.
"""

from lexicon import MEN, WOMEN

ROLES = "teacher farmer doctor student baker painter sailor nurse".split()
ROLE_ADJECTIVES = "young old clever tall".split()
# Where one goes, and how one is there.
VISITS = {
    "market": "at", "park": "in", "school": "at", "river": "by", "garden": "in", "forest": "in",
    "station": "at", "village": "in", "beach": "on", "church": "at", "city": "in", "farm": "on",
}
# Base, past, and what one does it to.
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
# Past, base and -ing of what animals do somewhere.
ANIMAL_VERBS = [("sat", "sit"), ("slept", "sleep"), ("played", "play"), ("waited", "wait"),
                ("stayed", "stay"), ("ran", "run")]
ANIMAL_PLACES = ["on the mat", "on the table", "on the bed", "on the chair", "under the tree",
                 "under the table", "under the bed", "in the garden", "in the house",
                 "in the kitchen", "behind the house", "near the river", "on the bridge",
                 "in the forest", "in the park", "in the street"]
REASONS = "tired hungry happy sad cold young old angry".split()
# What is told of a person, in this order.
KINDS = ["is", "lives", "has", "went", "did", "felt"]


def a(words):
    return ("an " if words[0] in "aeiou" else "a ") + words


def capitalised(text):
    return text[0].upper() + text[1:]


class Person:
    """Who a story is about; `she` is the pronoun."""

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


def summary(random):
    """A story of three to five sentences, and the sentence that it comes to."""
    person = Person(random)
    asides = []
    while len(asides) < 2:
        candidate = aside(random, person, person.she)
        if candidate not in asides:
            asides.append(candidate)
    went, felt = random.random() < 0.8, random.random() < 0.7
    middle = [event(random, person, person.she, there=went)]
    if went:
        middle.insert(0, visit(random, person, person.she))
    if felt:
        middle.append(feeling(random, person, person.she))
    extra = random.randint(max(0, 3 - 1 - len(middle)), min(2, 5 - 1 - len(middle)))
    for sentence in asides[:extra]:
        middle.insert(random.randint(0, len(middle)), sentence)
    # A few say the name again.
    if random.random() < 0.2:
        index = random.randrange(len(middle))
        she = capitalised(person.she)
        if middle[index].startswith(she + " "):
            middle[index] = person.name + middle[index].removeprefix(she)
    result = f"{person.name}, {a(person.role)}, {person.past} {person.object}"
    result += f" {person.at}" if went else ""
    result += f" and was {person.feeling}" if felt else ""
    return " ".join([identity(random, person)] + middle), result + "."


def question(random):
    """A context of one or two subjects, a question about it, and the answer."""
    while True:
        facts = []  # (sentences of one subject, questions with answers)
        names, used = [], set()
        for _ in range(random.choice([1, 2, 2])):
            draw = random.random()
            if draw < 0.5:
                fact = person_facts(random, names)
            elif draw < 0.75:
                fact = thing_fact(random)
            else:
                fact = animal_fact(random)
            sentences, questions, words = fact
            if used & words:
                continue
            used |= words
            facts.append((sentences, questions))
        sentences = [sentence for fact in facts for sentence in fact[0]]
        if len(sentences) > 3 or len(sentences) < 2 and random.random() < 0.8:
            continue
        return asked_about(random, facts)


# The sorts of drills; besides, "where two things are", "which of two things is there" and "where people
# went" ask but one question each.
DRILLS = ["things", "animals", "people", "people, two facts each"]


def drill(random, sort):
    """A context of two or three facts of one sort: only the question's words tell them apart."""
    went = sort == "where people went"
    kinds = ["went"] if went else random.sample(KINDS, 2 if "two facts" in sort else 1)
    count = 3 if "two" not in sort and random.random() < 0.3 else 2
    while True:
        used, facts = set(), []
        while len(facts) < count:
            if "people" in sort:
                fact = person_facts(random, [], kinds)
            else:
                fact = animal_fact(random) if sort == "animals" else thing_fact(random)
            if used & fact[2]:
                break
            used |= fact[2]
            facts.append(fact[:2])
        else:
            if sort == "where two things are":
                facts = [(sentences, questions[:1]) for sentences, questions in facts]
            elif sort == "which of two things is there":
                facts = [(sentences, questions[2:3]) for sentences, questions in facts]
            return asked_about(random, facts)


def asked_about(random, facts):
    """The facts' sentences, one of their questions, and its answer."""
    asked, answer = random.choice(random.choice(facts)[1])
    return " ".join(sentence for fact in facts for sentence in fact[0]), asked, answer


def person_facts(random, names, kinds=None):
    person = Person(random, names)
    names.append(person.name)
    name = person.name
    kinds = list(kinds or random.sample(KINDS, random.randint(1, 3)))
    kinds.sort(key=KINDS.index)
    if "did" in kinds and "has" in kinds and person.pet == person.thing:
        kinds.remove("has")
    sentences, questions, words = [], [], {name}
    colour = random.choice(["colour", "colour", "color"])
    for index, kind in enumerate(kinds):
        who = name if index == 0 or random.random() < 0.25 else person.she
        if kind == "is":
            text = identity(random, person).removeprefix(name)
            sentences.append(capitalised(who) + text)
            questions += [(f"Who is {a(person.role)}?", name),
                          (f"What is {name}?", text.removeprefix(" is ").removesuffix("."))]
            words.add(person.role)
        elif kind == "went":
            sentences.append(visit(random, person, who))
            questions += [(f"Where did {name} go?", f"to the {person.place}")] * 2
            questions += [(f"Who went to the {person.place}?", name)]
            words.add(person.place)
        elif kind == "did":
            sentences.append(event(random, person, who, there=False))
            questions += [(f"What did {name} {person.verb}?", person.object)] * 2
            questions += [(f"Who {person.past} {a(person.thing)}?", name),
                          (f"Who {person.past} the {person.thing}?", name)]
            if person.colour:
                questions += [(f"What {colour} is the {person.thing}?", person.colour),
                              (f"What {colour} was the {person.thing}?", person.colour)]
            words.add(person.thing)
        elif kind == "felt":
            sentences.append(feeling(random, person, who))
            questions += [(f"How did {name} feel?", person.feeling),
                          (f"Who was {person.feeling}?", name)]
            words.add(person.feeling)
        elif kind == "lives":
            home = f"in {a(person.home_adjective)} {person.home}"
            sentences.append(f"{capitalised(who)} lives {home}.")
            questions += [(f"Where does {name} live?", home),
                          (f"Who lives {home}?", name)]
            words.add(person.home)
        else:
            sentences.append(f"{capitalised(who)} has {a(person.pet_colour)} {person.pet}.")
            questions += [(f"What does {name} have?", f"{a(person.pet_colour)} {person.pet}"),
                          (f"Who has {a(person.pet)}?", name),
                          (f"What {colour} is the {person.pet}?", person.pet_colour)]
            words.add(person.pet)
    return sentences, questions, words


def thing_fact(random):
    thing = random.choice(THINGS + ANIMALS)
    colour = random.choice(COLOURS if thing in THINGS else ANIMAL_COLOURS)
    adjective = colour if random.random() < 0.6 else random.choice(["", *SIZES])
    noun = f"the {adjective} {thing}".replace("  ", " ")
    preposition = random.choice(list(WHERE))
    place = random.choice(WHERE[preposition].split())
    where = f"{preposition} the {place}"
    sentence = f"{capitalised(noun)} is {where}."
    questions = [(f"Where is the {thing}?", where)] * 2 + [(f"What is {where}?", noun)]
    if adjective == colour:
        questions.append((f"What {random.choice(['colour', 'color'])} is the {thing}?", colour))
    return [sentence], questions, {thing, place}


def animal_fact(random):
    animal = random.choice(ANIMALS)
    past, base = random.choice(ANIMAL_VERBS)
    where = random.choice(ANIMAL_PLACES)
    reason = f"because it was {random.choice(['', '', 'very '])}{random.choice(REASONS)}"
    has_reason = random.random() < 0.6
    sentence = f"The {animal} {past} {where}{' ' + reason if has_reason else ''}."
    questions = [(f"Where did the {animal} {base}?", where), (f"Who {past} {where}?", f"the {animal}"),
                 (f"What {past} {where}?", f"the {animal}")]
    if has_reason:
        questions += [(f"Why did the {animal} {base} {where}?", reason),
                      (f"Why did the {animal} {base}?", reason)]
    words = {animal, where.split()[-1]} | ({reason.split()[-1]} if has_reason else set())
    return [sentence], questions, words


def tale(random):
    """A short story for the model that continues text."""
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
