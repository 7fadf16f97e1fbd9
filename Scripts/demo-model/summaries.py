"""Texts and their one-sentence summaries.

A story becomes

    NAME, a ROLE, EVENT [PLACE OF THE VISIT] [and was FEELING].

The summary omits the adjective of the role, the time, "very" and all asides; the object of the event keeps
its adjectives. Example: "Anna, a teacher, bought a red hat at the market and was happy." A story without an
event is summarized by the visit; without both, by the person's home and animal. The summary of an animal
story omits the reason: "The cat sat on the mat because it was tired." becomes "The cat sat on the mat."
"""

from stories import (
    ASIDES, KINDS, ROLE_ADJECTIVES, Person, a, animal_tale, aside, capitalised, event, feeling,
    identity, visit,
)
from story_questions import animal_fact, thing_fact


def summary(random):
    """A text and its summary: a story, some facts about a person, or animals."""
    kind = random.random()
    if kind < 0.22:
        return short_summary(random)
    if kind < 0.32:
        return animal_summary(random)
    return story_summary(random)


def story_summary(random):
    """A story of three or more sentences, and its summary."""
    person = Person(random)
    she = person.she
    long_ago = random.random() < 0.2
    start = identity(random, person)
    if long_ago:
        adjective = random.choice(["", random.choice(ROLE_ADJECTIVES) + " "])
        start = f"Once upon a time there was {a(adjective + person.role)} named {person.name}."
    asides = []
    while len(asides) < 2:
        candidate = aside(random, person, she)
        if random.random() < 0.15:
            candidate = random.choice([thing_fact, animal_fact])(random)[0][0]
        if candidate not in asides:
            asides.append(candidate)
    if long_ago:
        asides = [candidate.replace(" lives ", " lived ").replace(" has ", " had ")
                  for candidate in asides]
    went, felt = random.random() < 0.8, random.random() < 0.7
    middle = [event(random, person, she, there=went)]
    if went:
        middle.insert(0, visit(random, person, she))
    if felt:
        middle.append(feeling(random, person, she))
    extra = random.randint(max(0, 3 - 1 - len(middle)), min(2, 5 - 1 - len(middle)))
    for sentence in asides[:extra]:
        middle.insert(random.randint(0, len(middle)), sentence)
    if random.random() < 0.15:
        middle.append(f"Then {she} went home and slept in {'her' if she == 'she' else 'his'} bed.")
    if random.random() < 0.15:
        middle.insert(random.randint(0, len(middle)), random.choice(ASIDES))
    if random.random() < 0.15:
        middle.append(animal_tale(random) if long_ago else random.choice(
            [thing_fact, animal_fact])(random)[0][0])
    # Some sentences repeat the name.
    if random.random() < 0.2:
        index = random.randrange(len(middle))
        if middle[index].startswith(capitalised(she) + " "):
            middle[index] = person.name + middle[index].removeprefix(capitalised(she))
    result = f"{person.name}, {a(person.role)}, {person.past} {person.object}"
    result += f" {person.at}" if went else ""
    result += f" and was {person.feeling}" if felt else ""
    return " ".join([start] + middle), result + "."


def short_summary(random):
    """Some facts about a person. The summary prefers the event, then the visit, then other facts."""
    person = Person(random)
    kinds = sorted(random.sample(KINDS, random.choice([1, 2, 2, 2, 3, 3])), key=KINDS.index)
    parts, told = [], []
    for index, kind in enumerate(kinds):
        who = person.she if index else person.name
        if kind == "is":
            told.append(identity(random, person))
        elif kind == "lives":
            home = f"lives in {a(person.home_adjective)} {person.home}"
            told.append(f"{capitalised(who)} {home}.")
            parts += [home] * ("went" not in kinds and "did" not in kinds)
        elif kind == "has":
            pet = f"has {a(person.pet_colour)} {person.pet}"
            told.append(f"{capitalised(who)} {pet}.")
            parts += [pet] * ("went" not in kinds and "did" not in kinds)
        elif kind == "went":
            told.append(visit(random, person, who))
            parts += [f"went to the {person.place}"] * ("did" not in kinds)
        elif kind == "did":
            told.append(event(random, person, who, there="went" in kinds))
            where = f" {person.at}" if "went" in kinds else ""
            parts.append(f"{person.past} {person.object}{where}")
        else:
            told.append(feeling(random, person, who))
            parts.append(f"was {person.feeling}")
    result = f"{person.name}, {a(person.role)}," if "is" in kinds else person.name
    if not parts:
        result, parts = person.name, [f"is {a(person.role)}"]
    if random.random() < 0.2:
        told.append(random.choice([thing_fact, animal_fact])(random)[0][0])
    return " ".join(told), f"{result} {' and '.join(parts)}."


def animal_summary(random):
    """Sentences about one or two animals, and their summary without reasons."""
    facts = []
    while len(facts) < 2:
        sentence, _, words = animal_fact(random)
        if not facts or not words & facts[0][1]:
            facts.append((sentence[0], words))
    sentences = [sentence for sentence, _ in facts[:random.choice([1, 1, 2])]]
    short = [sentence.split(" because ")[0].removesuffix(".") for sentence in sentences]
    short = [short[0]] + [text[0].lower() + text[1:] for text in short[1:]]
    return " ".join(sentences), " and ".join(short) + "."
