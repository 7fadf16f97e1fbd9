"""Questions about the sentences of stories.

A question asks for one fact of a context. The context has one to three sentences about one or two subjects:
a person (role, possessions, actions, feelings, places), a thing and its place, or an animal and its action.
Both subjects may be of one kind, such as two people. "He" and "she" are the person named last. The answer
consists of words of the context, without the full stop:

    Where did Anna go? to the market          Who bought a hat? Anna
    What did Anna buy? a red hat              What colour is the hat? red
    Where is the book? under the chair        What is under the chair? the green book
    Who is a teacher? Anna                    What is Anna? a teacher
    How did Anna feel? happy                  Where does Anna live? in a small house
    Where did the cat sit? on the mat         Why did the cat sit on the mat? because it was tired
    Who sat on the mat? the cat               Why was the cat on the mat? because it was tired
    When did Anna go? in the morning          Where did Anna buy the hat? at the market

Only the last answer differs from the context ("at" instead of "to"). asking.py has questions about other
clauses. A drill is a question whose context has two or three facts of one kind in up to four sentences, so
that only the words of the question select the fact: The cow is under the bridge. The hat is in the box.
"""

import re

from stories import (
    ANIMALS, ANIMAL_COLOURS, ANIMAL_PLACES, ANIMAL_VERBS, COLOURS, KINDS, REASONS, SIZES, THINGS, TIMES,
    WHERE, Person, a, capitalised, event, feeling, identity, visit,
)


def question(random):
    """A context of one or two subjects, or a longer story, a question about it, and the answer."""
    if random.random() < 0.25:
        kinds = random.sample(KINDS, random.choice([3, 4, 4, 5, 6]))
        sentences, questions, words = person_facts(random, [], kinds, alone=True)
        facts = [(sentences, questions)]
        other = random.choice([animal_fact, thing_fact])(random)
        if random.random() < 0.25 and not words & other[2]:
            facts.append(other[:2])
        return asked_about(random, facts)
    while True:
        facts = []  # (sentences of one subject, questions with answers)
        names, used = [], set()
        count = random.choice([1, 2, 2])
        for _ in range(count):
            draw = random.random()
            if draw < 0.5:
                fact = person_facts(random, names, alone=count == 1)
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


# The kinds of drills. "where two things are", "which of two things is there" and "where people went" have
# only one question each.
DRILLS = ["things", "animals", "people", "people, two facts each"]


def drill(random, sort):
    """A drill: a context of two or three facts of one kind, a question and the answer."""
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
    """The sentences of the facts, one of their questions, and its answer."""
    text = " ".join(sentence for fact in facts for sentence in fact[0])
    while True:
        asked, answer = random.choice(random.choice(facts)[1])
        match = re.fullmatch(r"What (?:is|was) (\w+)\?", asked)
        if not match or match[1] not in COLOURS or text.count(match[1]) == 1:
            return text, asked, answer


def person_facts(random, names, kinds=None, alone=False):
    """Sentences about a person, questions about each, and the words that are unique to the person.

    If the person is `alone` in the context, a question may say "she".
    """
    person = Person(random, names)
    names.append(person.name)
    name = person.name
    kinds = list(kinds or random.sample(KINDS, random.randint(1, 3)))
    kinds.sort(key=KINDS.index)
    if "did" in kinds and "has" in kinds and person.pet == person.thing:
        kinds.remove("has")
    sentences, questions, words = [], [], {name}
    colour = random.choice(["colour", "colour", "color"])
    asked = person.she if alone and random.random() < 0.3 else name
    long_ago = random.random() < 0.2
    thing = random.choice(["the " + person.thing, "the " + person.thing, a(person.thing),
                           person.object, "the " + person.object.split(" ", 1)[1]])
    for index, kind in enumerate(kinds):
        who = name if index == 0 or random.random() < 0.25 else person.she
        if kind == "is":
            text = identity(random, person).removeprefix(name + " is ").removesuffix(".")
            be = "was" if long_ago and index == 0 else "is"
            if be == "was" and random.random() < 0.7:
                sentences.append(f"Once upon a time there was {text} named {name}.")
                questions += [(f"Who was named {name}?", text),
                              (f"What was the {person.role} named?", name)]
            else:
                sentences.append(f"{capitalised(who)} {be} {text}.")
            questions += [(f"Who {be} {a(person.role)}?", name), (f"What {be} {asked}?", text),
                          (f"Who {be} {random.choice(['the ' + person.role, text])}?", name),
                          (f"Who {be} {name}?", text)]
            words.add(person.role)
        elif kind == "went":
            sentences.append(visit(random, person, who))
            to = f"to the {person.place}"
            questions += [(f"Where did {asked} go?", to)] * 2
            questions += [(f"Who went {to}?", name)]
            time = next((time for time in TIMES if time in sentences[-1].lower()
                         or time in sentences[-1]), "")
            if time:
                questions.append((f"When did {asked} go{random.choice(['', ' ' + to])}?", time))
            questions += [(f"Who was {person.at}?", name), (f"Where was {asked}?", person.at)]
            words.add(person.place)
        elif kind == "did":
            sentences.append(event(random, person, who, there=False))
            questions += [(f"What did {asked} {person.verb}?", person.object)] * 2
            questions += [(f"Who {person.past} {a(person.thing)}?", name),
                          (f"Who {person.past} {thing}?", name)]
            if "went" in kinds:
                questions += [(f"Where did {asked} {person.verb} {thing}?", person.at),
                              (f"What did {asked} {person.verb} {person.at}?", person.object),
                              (f"What did {asked} do {person.at}?", f"{person.past} {person.object}")]
            if person.colour:
                questions += [(f"What {colour} is the {person.thing}?", person.colour),
                              (f"What {colour} was the {person.thing}?", person.colour),
                              (f"What {random.choice(['is', 'was'])} {person.colour}?", person.object)]
            words.add(person.thing)
        elif kind == "felt":
            text = feeling(random, person, who)
            if "did" in kinds and random.random() < 0.3:
                reason = f"because {person.she} {person.past} the {person.thing}"
                text = f"{text.removesuffix('.')} {reason}."
                questions += [(f"Why was {asked} {person.feeling}?", reason)] * 2
            sentences.append(text)
            be = random.choice(["was", "was", "is"])
            questions += [(f"How did {asked} feel?", person.feeling),
                          (f"Who {random.choice([be, be, 'felt'])} {person.feeling}?", name),
                          (f"How {be} {asked}?", person.feeling)]
            words.add(person.feeling)
        elif kind == "lives":
            home = f"in {a(person.home_adjective)} {person.home}"
            lives, does = ("lived", "did") if long_ago else ("lives", "does")
            sentences.append(f"{capitalised(who)} {lives} {home}.")
            other = random.choice([home, f"in {a(person.home)}", f"in the {person.home}",
                                   f"in the {person.home_adjective} {person.home}"])
            questions += [(f"Where {does} {asked} live?", home)] * 2
            questions += [(f"Who {lives} {home}?", name), (f"Who {lives} {other}?", name)]
            words.add(person.home)
        else:
            has, does = ("had", "did") if long_ago else ("has", "does")
            pet = f"{person.pet_colour} {person.pet}"
            sentences.append(f"{capitalised(who)} {has} {a(pet)}.")
            questions += [(f"What {does} {asked} have?", a(pet)),
                          (f"Who {has} {random.choice([a(person.pet), a(person.pet), a(pet)])}?", name),
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
    if adjective and random.random() < 0.3:
        questions.append((f"Where is the {adjective} {thing}?", where))
    if adjective == colour:
        questions.append((f"What {random.choice(['colour', 'color'])} is the {thing}?", colour))
    return [sentence], questions, {thing, place}


def animal_fact(random):
    animal = random.choice(ANIMALS)
    past, base = random.choice(ANIMAL_VERBS)
    where = random.choice(ANIMAL_PLACES)
    state = random.choice(REASONS)
    reason = f"because it was {random.choice(['', '', 'very ', 'too '])}{state}"
    has_reason = random.random() < 0.6
    has_place = not has_reason or random.random() < 0.85
    article = random.choice(["The", "The", "The", "A"])
    sentence = " ".join([article, animal, past] + [where] * has_place + [reason] * has_reason) + "."
    subject, the = f"{article.lower()} {animal}", f"the {animal}"
    who, be = random.choice(["Who", "What"]), random.choice(["was", "was", "was", "is"])
    ing = {"sit": "sitting", "run": "running"}.get(base, base + "ing")
    questions = []
    if has_place:
        questions += [(f"Where did {the} {base}?", where), (f"Who {past} {where}?", subject),
                      (f"What {past} {where}?", subject),
                      (f"{who} {random.choice([be, 'was ' + ing])} {where}?", subject),
                      (f"Where {be} {the}?", where), (f"Where was {the} {ing}?", where),
                      (f"What did {the} do?", f"{past} {where}")]
    else:
        questions += [(f"{who} {past}?", subject), (f"What did {the} do?", past)]
    if has_reason:
        there = f" {where}" if has_place else ""
        questions += [(f"Why did {the} {base}{there}?", reason), (f"Why did {the} {base}?", reason),
                      (f"{who} {be} {reason.removeprefix('because it was ')}?", subject),
                      (f"{who} {be} {state}?", subject), (f"How {be} {the}?", state),
                      (f"How did {the} feel?", state), (f"Why was {the} {ing}{there}?", reason)]
        if has_place:
            questions += [(f"Why {be} {the} {where}?", reason)] * 2
    words = {animal, where.split()[-1]} | ({state} if has_reason else set())
    return [sentence], questions, words
