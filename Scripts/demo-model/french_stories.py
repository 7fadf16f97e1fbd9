"""Translates the sentences of stories to French, and generates texts of several sentences to translate.

Each sentence form in stories.py has a rule here. A role has no article and agrees with the name:
"Anna is a teacher." is "Anna est professeure."; with an adjective it has one, "une jeune professeure".
"""

import re

import stories
import summaries
from french import agreeing, joined, starts_with_vowel
from lexicon import ADJECTIVE, INTRANSITIVE, NOUN, ROLES, SIT, TIMES_PAST, TRANSITIVE, WOMEN
from translation import FRENCH_DETERMINERS, HAVE_COLD, capitalised

ASIDES = dict(zip(stories.ASIDES, [
    "Le soleil brillait.", "Il pleuvait.", "C'était une journée froide.", "Le ciel était bleu.",
    "Il était tard."]))
BY_PAST = {verb.past: verb for verb in [*TRANSITIVE, SIT, *INTRANSITIVE]}
PREPOSITIONS = {"on": "sur", "in": "dans", "under": "sous", "behind": "derrière", "near": "près de",
                "at": "à", "by": "près de", "to": "à"}
VERY = {"": "", "very": "très", "too": "trop"}
WHEN = "|".join(TIMES_PAST)


def noun_phrase(english):
    """Translates "a big grey apple" or "the cat", with agreement."""
    article, *adjectives, noun = english.split()
    noun = NOUN[noun]
    words = [noun.french]
    for adjective in map(ADJECTIVE.__getitem__, reversed(adjectives)):
        form = adjective.french(noun.gender, False, starts_with_vowel(words[0]))
        words = [form, *words] if adjective.before else [*words, form]
    masculine, feminine, *_ = FRENCH_DETERMINERS["the" if article.lower() == "the" else "a"]
    return joined(feminine if noun.gender == "f" else masculine, *words)


def place(english):
    preposition, rest = english.split(" ", 1)
    if english in ("to the forest", "to the city"):
        preposition = "in"
    if english in ("on the farm", "on the beach"):
        preposition = "at"
    return joined(PREPOSITIONS[preposition], noun_phrase(rest))


def role(english, woman):
    """Translates a role: "a young teacher" is une jeune professeure; "a teacher" is professeure alone."""
    _, *adjectives, noun = english.split()
    french, gender = ROLES[noun][woman], "f" if woman else "m"
    if not adjectives:
        return french
    adjective = ADJECTIVE[adjectives[0]]
    form = adjective.french(gender, False, starts_with_vowel(french))
    words = (form, french) if adjective.before else (french, form)
    return joined("une" if woman else "un", *words)


def state(degree, adjective, woman):
    """Translates a state such as "was very happy": était très heureuse, avait très froid."""
    if adjective == "cold":
        return joined(HAVE_COLD.imperfect("3s"), VERY[degree], "froid")
    return joined("était", VERY[degree], ADJECTIVE[adjective].french("f" if woman else "m", False))


def act(past, woman, there=""):
    """A past tense such as a acheté, est allée, était assis, y a acheté."""
    verb = BY_PAST[past]
    if verb is SIT:
        return "était " + agreeing("assis", "f" if woman else "m", False)
    if verb.past_is_imperfect:
        return verb.imperfect("3s")
    if verb.auxiliary == "être":
        reflexive = "se" if verb.reflexive else ""
        return joined(reflexive, "est", agreeing(verb.participle, "f" if woman else "m", False))
    return joined(there, "a", verb.participle)


def animal_clause(text):
    """Translates "The cat sat on the mat" with its reason, or "The red hat is in the box"."""
    if match := re.fullmatch(r"(The .+) is (.+)", text):
        return joined(noun_phrase(match[1]), "est", place(match[2]))
    match = re.fullmatch(
        r"((?:The|A) \w+) (\w+)(?: (.+?))??(?: because it was (?:(\w+) )?(\w+))?", text, re.I)
    subject, past, where, degree, reason = match.groups()
    woman = NOUN[subject.split()[1]].gender == "f"
    french = joined(noun_phrase(subject), act(past, woman), place(where) if where else "")
    if reason:
        french = joined(french, "parce que", "elle" if woman else "il",
                        state(degree or "", reason, woman))
    return french


def sentence(english, woman):
    """A sentence of a story in French; `woman` is the gender of the person."""
    if english in ASIDES:
        return ASIDES[english]
    text = english.removesuffix(".")
    end = "." if english.endswith(".") else ""
    match = re.fullmatch(rf"(There|Then|(?:{WHEN}),)? ?(.+?)(?: ({WHEN}))?", text, re.I)
    before, clause, after = match.groups()
    if match := re.fullmatch(r"Once upon a time there was (an? .+) named (\w+)", text):
        words = role(match[1], woman)
        if len(match[1].split()) == 2:
            words = ("une " if woman else "un ") + words
        return f"Il était une fois {words} qui s'appelait {match[2]}{end}"
    if text.startswith(("The ", "A ")) and not before:
        clauses = text.split(" and the ")
        french = [animal_clause(clauses[0])] + [animal_clause("the " + c) for c in clauses[1:]]
        return capitalised(" et ".join(french)) + end
    start = {"There": "Là,", "Then": "Puis"}.get(before) or (
        capitalised(TIMES_PAST[before[0].lower() + before[1:-1] if not before.startswith("On ")
                               else "on " + before[3:-1]]) + "," if before else "")
    who, rest = clause.split(" ", 1)
    if who.lower() in ("he", "she"):
        who = "elle" if woman else "il"
    if who.endswith(","):
        return summary(text, woman) + end
    french = predicate(rest, woman)
    return capitalised(joined(start, who, french, TIMES_PAST.get(after, ""))) + end


def predicate(text, woman):
    if match := re.fullmatch(r"is (an? .+)", text):
        return "est " + role(match[1], woman)
    if match := re.fullmatch(r"(lives|lived) (in .+)", text):
        return joined("habite" if match[1] == "lives" else "habitait", place(match[2]))
    if match := re.fullmatch(r"(has|had) (.+)", text):
        return joined("a" if match[1] == "has" else "avait", noun_phrase(match[2]))
    if text == "went home and slept in her bed" or text == "went home and slept in his bed":
        return f"est {agreeing('rentré', 'f' if woman else 'm', False)} à la maison " \
               "et a dormi dans son lit"
    if match := re.fullmatch(r"went (to .+)", text):
        return joined(f"est {agreeing('allé', 'f' if woman else 'm', False)}", place(match[1]))
    if match := re.fullmatch(r"was (?:(very|too) )?(\w+)(?: because s?he (\w+) (.+))?", text):
        french = state(match[1] or "", match[2], woman)
        if match[3]:
            french = joined(french, "parce que", "elle" if woman else "il", "a",
                            BY_PAST[match[3]].participle, noun_phrase(match[4]))
        return french
    past, thing = text.split(" ", 1)
    there = "y" if thing.endswith(" there") else ""
    return joined(act(past, woman, there), noun_phrase(thing.removesuffix(" there")))


def summary(text, woman):
    """Translates "Anna, a teacher, bought a red hat at the market and was happy"."""
    match = re.fullmatch(r"(\w+), (an? \w+), (\w+) (.+?)(?: ((?:at|in|by|on) the \w+))?"
                         r"(?: and was (\w+))?", text)
    name, words, past, thing, where, feeling = match.groups()
    return joined(f"{name}, {role(words, woman)},", act(past, woman), noun_phrase(thing),
                  place(where) if where else "",
                  "et " + state("", feeling, woman) if feeling else "")


def sentences(text):
    return re.findall(r"[^.]+\.", text)


def told(random):
    """Consecutive sentences of a story in both languages."""
    text, short = summaries.story_summary(random)
    if random.random() < 0.5:
        text = stories.tale(random)
    if random.random() < 0.1:
        text = short
    parts = [part.strip() for part in sentences(text)]
    woman = any(name in WOMEN for name in re.findall(r"\w+", text))
    if random.random() < 0.75:
        count = random.randint(1, min(3, len(parts)))
        first = random.randint(0, len(parts) - count)
        parts = parts[first:first + count]
    return " ".join(parts), " ".join(sentence(part, woman) for part in parts)
