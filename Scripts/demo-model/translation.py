"""The grammar of the sentences to translate.

    sentence   = clause [time] | time clause | clause ("and" | "but" | "because") clause
               | memorized phrase
    clause     = subject verb [place]                 The cat slept under the bed
               | subject verb object [place]          The girl is reading a book in the garden
               | subject verb pronoun                 The king saw her
               | subject be adjective                 My sister is very happy
               | subject be place                     The book is on the table
               | subject give object person           He gave the girl a red flower
               | subject go place                     We will go to school
               | subject modal infinitive ...         The dog wants to eat the cake
               | subject verb object reason           The animal did not cross the street because it
                                                      was too wide
               | there be object place                There are two cats in the garden
               | this be object                       This is my house
    question   = Where is ...? | Is ...? | Does ...? | What does ...? | Who ...? | Where does ...?
               | Why did ...? | When will ...? | Who is tired? | Why is ...? | What colour is ...?

A clause is present, progressive, past, past progressive or future; affirmative or negated; with or
without an adverb of frequency. Rules of French:

  - articles, possessives, adjectives and participles agree in gender and number, also with a pronoun
    object that comes before (il l'a vue) and with two subjects (le chat et la vache sont fatigués);
  - colors and states come after the noun; big, small, old, new, beautiful, young before it, with the
    forms bel, nouvel, vieil before a vowel, and "de" for "some" (de grands chats);
  - pronoun objects come before the verb, negation goes around it, and "a" becomes "de" after it;
  - le, la, de, ne, je, me, que lose their vowel before another; à le is au, de le is du;
  - the past of an action is the passé composé, with être for going, arriving and staying; the past of a
    state (be, sit, live, love) and the past progressive are the imparfait;
  - "it" in a reason is the noun that the adjective fits: "tired" the animal, "wide" the street. The French
    pronoun has the gender of that noun.

"You" is polite (vous) and, like "I" and "we", masculine where an adjective shows it.
"""

from dataclasses import dataclass, replace

from french import agreeing, joined, starts_with_vowel
from lexicon import (
    ADJECTIVES, ANIMALS, ARRIVE, BE, CAN, CROSS, DESTINATIONS, GIVING, GO, GO_HOME, INTRANSITIVE,
    LIVING, MEN, MUST, NOUN, PERSONS, PERSONS_OF_VERB, PHRASES, PLACES, PREPOSITIONS, SIT, THINGS,
    TIMES_PAST, TRANSITIVE, WANT, WOMEN,
)


class Unsayable(Exception):
    """A random sentence without a unique good translation; the caller generates another."""


@dataclass(frozen=True)
class Phrase:
    """A subject or object in both languages, with its person, gender and number."""

    english: str
    french: str
    gender: str
    plural: bool
    person: str = "3s"  # of PERSONS_OF_VERB
    noun: str = ""
    kind: str = ""
    determiner: str = ""


PRONOUNS = [
    Phrase("I", "je", "m", False, "1s"), Phrase("you", "vous", "m", False, "2p"),
    Phrase("he", "il", "m", False), Phrase("she", "elle", "f", False),
    Phrase("we", "nous", "m", True, "1p"), Phrase("they", "ils", "m", True, "3p"),
]

# English, French, and the gender and number that a participle takes after the pronoun.
OBJECT_PRONOUNS = [
    ("him", "le", "m", False), ("her", "la", "f", False), ("them", "les", "m", True),
    ("me", "me", "m", False), ("us", "nous", "m", True), ("it", "le", "m", False),
    ("you", "vous", "m", False),
]
RECEIVERS = [("him", "lui"), ("her", "lui"), ("them", "leur"), ("me", "me"), ("us", "nous"),
             ("you", "vous")]

DEFINITE = ["the"] * 8 + ["my", "your", "his", "her", "our", "their", "this", "that"]
SINGULAR = DEFINITE + ["a"] * 5
PLURAL = ["the"] * 6 + ["my", "your", "his", "her", "our", "their", "these", "some", "some", "two",
                        "three", "many"]
FRENCH_DETERMINERS = {  # masculine, feminine, before a vowel, plural
    "the": ("le", "la", "le", "les"), "a": ("un", "une", "", ""),
    "my": ("mon", "ma", "mon", "mes"), "his": ("son", "sa", "son", "ses"),
    "her": ("son", "sa", "son", "ses"), "your": ("votre", "votre", "votre", "vos"),
    "our": ("notre", "notre", "notre", "nos"), "their": ("leur", "leur", "leur", "leurs"),
    "this": ("ce", "cette", "cet", "ces"), "that": ("ce", "cette", "cet", "ces"),
    "these": ("", "", "", "ces"), "some": ("", "", "", "des"), "two": ("", "", "", "deux"),
    "three": ("", "", "", "trois"), "many": ("", "", "", "beaucoup de"),
    "every": ("chaque", "chaque", "chaque", ""),
}
FREQUENCY = {"often": "souvent", "always": "toujours", "never": "jamais"}
ASKED = {"": "", "where": "où", "why": "pourquoi", "when": "quand"}
TIMES = {"today": "aujourd'hui", "tomorrow": "demain", **TIMES_PAST}
REFLEXIVE = dict(zip(PERSONS_OF_VERB, ["me", "se", "nous", "vous", "se"]))
DEGREES = {"": "", "very ": "très", "too ": "trop"}


def determiner(english, gender, plural, next_french):
    masculine, feminine, vowel, many = FRENCH_DETERMINERS[english]
    if plural:
        return many
    if english in ("my", "his", "her") and starts_with_vowel(next_french):
        return vowel
    if english == "this" or english == "that":
        if gender == "m" and starts_with_vowel(next_french):
            return vowel
    return feminine if gender == "f" else masculine


def article(word):
    return "an" if word[0] in "aeiou" else "a"


def is_one_of(noun, kinds):
    return noun.kind in kinds or noun.english in kinds


class Sentences:
    """Generates random sentences; `pairs` has the pairs of words in the last one."""

    def __init__(self, random):
        self.random = random
        self.pairs = set()

    # Phrases

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, items):
        return self.random.choice(items)

    def noun_phrase(self, noun, determiners=None, plural=None, adjectives=0.3, negated=False,
                    bare=""):
        """Determiner, adjectives and noun, with agreement; `bare` is the French determiner of a bare plural."""
        if plural is None:
            plural = self.chance(0.25)
        if determiners is None or plural:
            determiners = PLURAL if plural and determiners is not DEFINITE else determiners
        if plural and determiners is DEFINITE:
            determiners = [d for d in PLURAL if d not in ("some", "two", "three", "many")]
        english_determiner = self.pick(determiners or SINGULAR)
        before, after = None, None
        if self.chance(adjectives):
            possible = [a for a in ADJECTIVES if is_one_of(noun, a.kinds)
                        and (a.english != "wide" or noun.english in WIDE)]
            chosen = self.pick(possible)
            before, after = (chosen, None) if chosen.before else (None, chosen)
            if self.chance(0.2):
                other = self.pick(possible)
                if other.before != chosen.before:
                    before, after = (other, after) if other.before else (before, other)
        for adjective in (before, after):
            if adjective:
                self.pairs.add(f"{noun.english} {adjective.english}")
        english = [a.english for a in (before, after) if a]
        english.append(noun.plural if plural else noun.english)
        french_noun = noun.french_plural if plural else noun.french
        words = [french_noun]
        if before:
            words.insert(0, before.french(noun.gender, plural, starts_with_vowel(french_noun)))
        if after:
            words.append(after.french(noun.gender, plural))
        if plural and bare and self.chance(0.2):
            english_determiner = bare
            bare = "used"
        if english_determiner == "a":
            english.insert(0, article(english[0]))
        elif bare != "used":
            english.insert(0, english_determiner)
        if negated and english_determiner in ("some", "many", "every") and bare != "used":
            raise Unsayable
        if negated and (english_determiner == "a" or bare == "used" and english_determiner == "some"):
            words.insert(0, "de")
        elif english_determiner == "some" and before:
            words.insert(0, "de")
        else:
            words.insert(0, determiner(english_determiner, noun.gender, plural, words[0]))
        return Phrase(" ".join(english), joined(*words), noun.gender, plural,
                      "3p" if plural else "3s", noun.english, noun.kind, english_determiner)

    def name(self):
        if self.chance(0.5):
            name, gender = self.pick(WOMEN), "f"
        else:
            name, gender = self.pick(MEN), "m"
        return Phrase(name, name, gender, False, noun="name", kind="person")

    def living(self, kinds=LIVING, pronouns=True, negated=False):
        """A subject: a noun phrase, a pronoun, a name, or two of them."""
        if pronouns and self.chance(0.2):
            pronoun = self.pick(PRONOUNS)
            return replace(pronoun, kind="person")
        if "person" in kinds and self.chance(0.1):
            return self.name()
        if self.chance(0.06):
            first = self.living(kinds, False, negated)
            second = self.living(kinds, False, negated)
            if first.english == second.english or " and " in first.english + second.english:
                raise Unsayable
            return Phrase(f"{first.english} and {second.english}",
                          f"{first.french} et {second.french}",
                          "f" if first.gender == second.gender == "f" else "m", True, "3p",
                          "two", first.kind if first.kind == second.kind else "mixed")
        nouns = [n for n in ANIMALS + PERSONS if n.kind in kinds]
        determiners = SINGULAR + ([] if negated else ["every"])
        plural = self.chance(0.25)
        return self.noun_phrase(self.pick(nouns), None if plural else determiners, plural,
                                adjectives=0.25)

    def object(self, verb, negated=False, adjectives=0.3):
        nouns = [n for n in NOUN.values() if is_one_of(n, verb.objects)]
        definite = verb.base == "love"
        noun = self.pick(nouns)
        return self.noun_phrase(noun, DEFINITE if definite else None, adjectives=adjectives,
                                negated=negated, bare="the" if definite else "some")

    def place_parts(self):
        """A preposition in both languages, and a place."""
        preposition = self.pick(list(PREPOSITIONS))
        french, nouns = PREPOSITIONS[preposition]
        determiners = ["the"] * 10 + ["a", "a", "my", "this", "our", "his", "her"]
        phrase = self.noun_phrase(NOUN[self.pick(nouns.split())], determiners, False, 0.2)
        return preposition, french, phrase

    def place(self):
        """A place with its preposition, in both languages."""
        preposition, french, phrase = self.place_parts()
        return f"{preposition} {phrase.english}", joined(french, phrase.french)

    def destination(self):
        if self.chance(0.1):
            return "to school", "à l'école"
        determiners = ["the"] * 8 + ["my", "our", "your", "their", "this"]
        phrase = self.noun_phrase(NOUN[self.pick(DESTINATIONS)], determiners, False, 0.15)
        return f"to {phrase.english}", joined("à", phrase.french)

    def moment(self, tense):
        """A random English time that fits the tense."""
        if tense in ("past", "past progressive"):
            return self.pick(list(TIMES_PAST))
        return "tomorrow" if tense == "future" else "today"

    # Verbs

    def negation(self, auxiliary):
        """did not or didn't, cannot or can't."""
        if self.chance(0.5):
            return "cannot" if auxiliary == "can" else f"{auxiliary} not"
        short = {"can": "can't", "will": "won't"}
        if auxiliary in ("am", "must"):
            return f"{auxiliary} not"
        return short.get(auxiliary, f"{auxiliary}n't")

    @staticmethod
    def be(subject, past):
        if past:
            return "were" if subject.plural or subject.person in ("2p",) else "was"
        if subject.person == "1s":
            return "am"
        return "are" if subject.plural or subject.person == "2p" else "is"

    @staticmethod
    def is_third(subject):
        return subject.person == "3s"

    def english_verb(self, verb, subject, tense, negated, frequency):
        """The verb group after the subject."""
        if verb.base == "be":
            if tense == "future":
                return "will be" if not negated else self.negation("will") + " be"
            form = self.be(subject, tense == "past")
            if negated:
                return self.negation(form)
            return f"{form} {frequency}" if frequency else form
        if tense in ("progressive", "past progressive"):
            form = self.be(subject, tense == "past progressive")
            return f"{self.negation(form) if negated else form} {verb.progressive}"
        if tense == "future":
            return f"{self.negation('will') if negated else 'will'} {verb.base}"
        if negated:
            auxiliary = "did" if tense == "past" else "does" if self.is_third(subject) else "do"
            return f"{self.negation(auxiliary)} {verb.base}"
        if verb.base == verb.past and not self.is_third(subject):
            raise Unsayable  # "They read" is present or past.
        form = verb.past if tense == "past" else verb.third if self.is_third(subject) else verb.base
        return f"{frequency} {form}" if frequency else form

    def french_verb(self, verb, subject, tense, negated, frequency, pronoun=None):
        """The verb group after the subject, with the pronoun object before the verb."""
        second = FREQUENCY.get(frequency, "") or ("pas" if negated else "")
        ne = "ne" if negated or frequency == "never" else ""
        before = pronoun[1] if pronoun else REFLEXIVE[subject.person] if verb.reflexive else ""
        assis = agreeing("assis", subject.gender, subject.plural) if verb is SIT else ""
        if tense == "past" and not verb.past_is_imperfect:
            if verb.auxiliary == "être":
                auxiliary = BE.french("present", subject.person)
                participle = agreeing(verb.participle, subject.gender, subject.plural)
            else:
                auxiliary = AVOIR[PERSONS_OF_VERB.index(subject.person)]
                participle = verb.participle
                if pronoun and len(pronoun) == 4:
                    participle = agreeing(participle, pronoun[2], pronoun[3])
            return joined(ne, before, auxiliary, second, participle)
        tense = {"progressive": "present", "past progressive": "imperfect", "past": "imperfect"}.get(
            tense, tense)
        return joined(ne, before, verb.french(tense, subject.person), second, assis)

    def tense(self, verb, frequent=False):
        tenses = ["present", "present", "past", "past", "past", "future"]
        if verb.progressive and verb is not BE and not frequent:
            tenses += ["progressive"] * 3 + ["past progressive"]
        return "present" if frequent else self.pick(tenses)

    # Clauses. Each gives English, French and the tense.

    def moods(self, negatable=True):
        """Whether a clause is negated, and its adverb of frequency."""
        if self.chance(0.18) and negatable:
            return True, ""
        if self.chance(0.08):
            return False, self.pick(list(FREQUENCY))
        return False, ""

    def verb_clause(self, verb, negatable=True, tense=None, subject=None):
        """The start of every clause, subject and verb, as a function of the rest."""
        negated, frequency = self.moods(negatable)
        if tense:
            frequency = ""
            if "progressive" in tense and (not verb.progressive or verb is BE):
                tense = tense.removesuffix("progressive").strip() or "present"
        tense = tense or self.tense(verb, bool(frequency))
        subject = subject or self.living(verb.subjects, negated=negated)
        if subject.kind == "mixed" and len(verb.subjects) < 2:
            raise Unsayable
        if subject.noun:
            self.pairs.add(f"{subject.noun} {verb.base}")
        return subject, negated, frequency, tense

    def said(self, verb, mood, english="", french="", pronoun=None):
        subject, negated, frequency, tense = mood
        group = self.english_verb(verb, subject, tense, negated, frequency)
        if pronoun:
            english = f"{pronoun[0]} {english}".strip()
        return (
            f"{subject.english} {group} {english}".strip(),
            joined(subject.french,
                   self.french_verb(verb, subject, tense, negated, frequency, pronoun), french),
            tense,
        )

    def intransitive(self, tense=None):
        verb = self.pick(INTRANSITIVE + [SIT] * 3)
        mood = self.verb_clause(verb, tense=tense)
        if verb.base == "fall":  # Things can fall, too.
            if self.chance(0.4):
                mood = self.verb_clause(verb, tense=tense, subject=self.noun_phrase(
                    self.pick(THINGS), None if self.chance(0.25) else SINGULAR))
            if mood[3].endswith("progressive"):
                raise Unsayable
        if verb.base in ("stay", "live", "sit") or self.chance(0.6):
            return self.said(verb, mood, *self.place())
        return self.said(verb, mood)

    def transitive(self, tense=None):
        verb = self.pick(TRANSITIVE)
        mood = self.verb_clause(verb, tense=tense)
        thing = self.object(verb, mood[1] or mood[2] == "never")
        if thing.noun == mood[0].noun:
            raise Unsayable
        english, french = thing.english, thing.french
        if self.chance(0.2) and verb.base not in ("cross", "love"):
            place = self.place()
            english, french = f"{english} {place[0]}", joined(french, place[1])
        return self.said(verb, mood, english, french)

    def pronoun_object(self, tense=None):
        verb = self.pick([v for v in TRANSITIVE if v.base not in ("cross",)])
        mood = self.verb_clause(verb, tense=tense)
        pronoun = self.pick(OBJECT_PRONOUNS)
        if pronoun[0] in ("me", "us", "you", "him", "her") and not set(verb.objects) & set(LIVING):
            pronoun = self.pick([OBJECT_PRONOUNS[2], OBJECT_PRONOUNS[5]])
        same = {"1s": ("me", "us"), "1p": ("me", "us"), "2p": ("you",)}
        if pronoun[0] in same.get(mood[0].person, ()):
            raise Unsayable
        return self.said(verb, mood, pronoun=pronoun)

    def predicate(self, subject, tense=None):
        """An adjective that fits the subject, in both languages."""
        noun_kind = subject.kind if subject.kind != "mixed" else "person"
        possible = [a for a in ADJECTIVES if noun_kind in a.kinds or subject.noun in a.kinds]
        adjective = self.pick([a for a in possible
                               if a.english != "wide" or subject.noun in WIDE])
        if subject.noun:
            self.pairs.add(f"{subject.noun} {adjective.english}")
        degree = self.pick([("", "")] * 5 + [("very ", "très"), ("too ", "trop")])
        return (degree[0] + adjective.english,
                joined(degree[1], adjective.french(subject.gender, subject.plural)))

    def thing_or_living(self, negated=False):
        if self.chance(0.6):
            return self.living(negated=negated)
        plural = self.chance(0.25)
        return self.noun_phrase(self.pick(THINGS + PLACES), None if plural else SINGULAR, plural,
                                adjectives=0.15)

    def adjective_clause(self, tense=None):
        mood = self.verb_clause(BE, tense=tense, subject=self.thing_or_living(True))
        if mood[0].kind in LIVING and self.chance(0.06):
            degree = self.pick(list(DEGREES))
            return self.said(HAVE_COLD, mood, f"{degree}cold", joined(DEGREES[degree], "froid"))
        return self.said(BE, mood, *self.predicate(mood[0]))

    def place_clause(self, tense=None):
        subject = self.living(negated=True) if self.chance(0.5) else self.noun_phrase(
            self.pick(THINGS), None, adjectives=0.25)
        return self.said(BE, self.verb_clause(BE, tense=tense, subject=subject), *self.place())

    def giving(self, tense=None):
        verb = self.pick(GIVING)
        mood = self.verb_clause(verb, tense=tense)
        thing = self.noun_phrase(self.pick(THINGS), adjectives=0.3, bare="some",
                                 negated=mood[1] or mood[2] == "never")
        if self.chance(0.35):
            pronoun = self.pick(RECEIVERS)
            if pronoun[0] in {"1s": ("me", "us"), "1p": ("me", "us"), "2p": ("you",)}.get(
                    mood[0].person, ()):
                raise Unsayable
            english, french, tense = self.said(verb, mood, thing.english, thing.french,
                                               (pronoun[0], pronoun[1], ""))
            if self.chance(0.4):  # "gave a book to her"
                english = english.replace(f" {pronoun[0]} {thing.english}",
                                          f" {thing.english} to {pronoun[0]}")
            return english, french, tense
        receiver = self.living(("person",), False)
        if receiver.noun == mood[0].noun or " and " in receiver.english or receiver.determiner in (
                "some", "many"):
            raise Unsayable
        french = joined(thing.french, "à", receiver.french)
        english = (f"{receiver.english} {thing.english}" if self.chance(0.5)
                   else f"{thing.english} to {receiver.english}")
        return self.said(verb, mood, english, french)

    def going(self, tense=None):
        verb = self.pick([GO] * 4 + [ARRIVE] * 2 + [GO_HOME])
        mood = self.verb_clause(verb, tense=tense)
        if verb is GO_HOME:
            return self.said(verb, mood, "home", "à la maison")
        english, french = self.destination()
        if verb is ARRIVE:
            english = "at" + english.removeprefix("to") if english != "to school" else "at school"
        return self.said(verb, mood, english, french)

    def modal(self, tense=None):
        modal = self.pick([WANT, CAN, MUST])
        negated = self.chance(0.25)
        if modal is MUST or tense in ("present", "progressive"):
            tense = "present"
        else:
            tense = "past" if tense or self.chance(0.25) else "present"
        if modal is MUST and tense == "past":
            raise Unsayable
        kind = self.random.random()
        verb = self.pick([v for v in TRANSITIVE if v.base != "love"] if kind < 0.65 else
                         [v for v in INTRANSITIVE if v.base not in ("live", "fall")] if kind < 0.85 else [GO])
        subject = self.living(verb.subjects, negated=negated)
        if subject.kind == "mixed" and len(verb.subjects) < 2:
            raise Unsayable
        if subject.noun:
            self.pairs.add(f"{subject.noun} {verb.base}")
        if modal is WANT:
            past = tense == "past"
            if negated:
                auxiliary = "did" if past else "does" if self.is_third(subject) else "do"
                english = f"{self.negation(auxiliary)} want to"
            else:
                english = "wanted to" if past else (
                    "wants to" if self.is_third(subject) else "want to")
        else:
            word = "must" if modal is MUST else "could" if tense == "past" else "can"
            english = self.negation(word) if negated else word
        french_modal = joined("ne" if negated else "",
                              modal.french("imperfect" if tense == "past" else "present",
                                           subject.person), "pas" if negated else "")
        pronoun, english_rest, french_rest = "", "", ""
        if verb in TRANSITIVE and self.chance(0.25) and verb.base != "cross":
            word = self.pick([OBJECT_PRONOUNS[2], OBJECT_PRONOUNS[5]]
                             if not set(verb.objects) & set(LIVING) else OBJECT_PRONOUNS[:3])
            english_rest, pronoun = word[0], word[1]
        elif verb in TRANSITIVE:
            thing = self.object(verb, negated)
            if thing.noun == subject.noun:
                raise Unsayable
            english_rest, french_rest = thing.english, thing.french
        elif verb is GO:
            english_rest, french_rest = self.destination()
        elif self.chance(0.6) or verb.base == "stay":
            english_rest, french_rest = self.place()
        if verb.reflexive:
            pronoun = REFLEXIVE[subject.person]
        return (f"{subject.english} {english} {verb.base} {english_rest}".strip(),
                joined(subject.french, french_modal, pronoun, verb.infinitive, french_rest), tense)

    def reason(self):
        """A clause with a reason; "it" is the noun that the adjective fits."""
        tense = self.pick(["present", "past", "past"])
        kind = self.random.random()
        if kind < 0.45:  # of the subject
            verb = self.pick(INTRANSITIVE + [SIT] * 3 + TRANSITIVE)
            subject = self.living(verb.subjects, pronouns=self.chance(0.3))
            if subject.determiner == "every" or subject.kind == "mixed":
                raise Unsayable
            mood = self.verb_clause(verb, True, self.progress(verb, tense), subject)
            if verb in TRANSITIVE:
                thing = self.object(verb, mood[1], 0.15)
                if thing.noun == subject.noun or thing.kind in LIVING:
                    raise Unsayable
                rest = thing.english, thing.french
            else:
                rest = self.place() if self.chance(0.8) or verb.base == "live" else ("", "")
            about = [a for a in ADJECTIVES if a.english in (
                "tired", "happy", "sad", "hungry", "clever", "young", "old", "angry")]
            referent = subject
        else:  # of the object
            verb = self.pick([v for v in TRANSITIVE if v.base != "carry"] + [CROSS] * 3)
            mood = self.verb_clause(verb, True, self.progress(verb, tense))
            thing = self.object(verb, mood[1], 0.1)
            if thing.kind in LIVING or mood[0].plural and thing.plural:
                raise Unsayable
            if thing.determiner == "every":
                raise Unsayable
            rest = thing.english, thing.french
            about = [a for a in ADJECTIVES if set(a.kinds) & {"thing", "place"}
                     and thing.kind in a.kinds
                     and (mood[0].kind == "person" or not set(a.kinds) & set(LIVING))
                     and (a.english != "wide" or thing.noun in WIDE)]
            referent = replace(thing, kind="thing")
        clause = self.said(verb, mood, *rest)
        if referent.person in ("1s", "1p", "2p"):
            english_pronoun, french_pronoun = referent.english, referent.french
        elif referent.plural:
            english_pronoun = "they"
            french_pronoun = "elles" if referent.gender == "f" else "ils"
        else:
            english_pronoun = "it" if referent.kind != "person" else (
                "she" if referent.gender == "f" else "he")
            french_pronoun = "elle" if referent.gender == "f" else "il"
        adjective = self.pick(about)
        degree = self.pick([("", "")] * 3 + [("very ", "très"), ("too ", "trop"), ("too ", "trop")])
        be = self.be(referent, tense == "past")
        negated = self.chance(0.1)
        english_be = self.negation(be) if negated else be
        verb, english_state = BE, adjective.english
        french_state = adjective.french(referent.gender, referent.plural)
        if referent.kind in LIVING and self.chance(0.08):
            verb, english_state, french_state = HAVE_COLD, "cold", "froid"
        french_be = verb.french("imperfect" if tense == "past" else "present", referent.person)
        return (
            f"{clause[0]} because {english_pronoun} {english_be} {degree[0]}{english_state}",
            joined(clause[1], "parce que", french_pronoun, "ne" if negated else "", french_be,
                   "pas" if negated else "", degree[1], french_state),
            clause[2],
        )

    def progress(self, verb, tense):
        """The tense, or sometimes its progressive."""
        if verb.progressive and self.chance(0.25):
            return "progressive" if tense == "present" else "past progressive"
        return tense

    def existence(self):
        plural = self.chance(0.4)
        noun = self.pick(ANIMALS + PERSONS + THINGS)
        thing = self.noun_phrase(noun, ["some", "two", "three", "many"] if plural else ["a"],
                                 plural)
        if plural and thing.determiner not in ("some", "two", "three", "many"):
            raise Unsayable
        past = self.chance(0.3)
        be = ("were" if plural else "was") if past else ("are" if plural else "is")
        place = self.place()
        return (f"there {be} {thing.english} {place[0]}",
                joined("il y avait" if past else "il y a", thing.french, place[1]),
                "past" if past else "present")

    def presentation(self):
        """This is my house: c'est ma maison."""
        plural = self.chance(0.25)
        determiners = ["the", "a", "a", "a", "my", "your", "his", "her", "our", "their"]
        noun = self.pick(list(NOUN.values()))
        thing = self.noun_phrase(noun, determiners, plural, bare="some")
        if thing.determiner in ("these", "this", "that", "many"):
            raise Unsayable
        past = self.chance(0.15) and not plural
        english = self.pick(["these are", "they are"] if plural else
                            ["it was"] if past else ["this is", "it is", "that is"])
        return (f"{english} {thing.english}",
                joined("ce sont" if plural else "c'était" if past else "c'est", thing.french))

    # Sentences

    def question(self):
        kind = self.random.random()
        if kind < 0.25:
            subject = self.thing_or_living()
            past = self.chance(0.25)
            return (f"where {self.be(subject, past)} {subject.english}?",
                    joined("où", BE.french("imperfect" if past else "present", subject.person),
                           subject.french if not self.is_pronoun(subject) else self.refuse(), "?"))
        if kind < 0.4:
            subject = self.thing_or_living()
            past = self.chance(0.25)
            self.pairs.add(f"{subject.noun} be")
            rest = self.predicate(subject) if self.chance(0.6) else self.place()
            return (f"{self.be(subject, past)} {subject.english} {rest[0]}?",
                    joined("est-ce que", subject.french,
                           BE.french("imperfect" if past else "present", subject.person), rest[1],
                           "?"))
        if kind < 0.46:
            return self.question_of_state()
        asked = self.pick(["", "", "", "where", "why", "when"])
        what = 0.75 < kind < 0.88
        who = kind >= 0.88
        verb = self.pick(TRANSITIVE if what or self.chance(0.6) else INTRANSITIVE + [SIT] * 2)
        if what and verb.base in ("cross", "love"):
            raise Unsayable
        tense = self.pick(["present", "past", "future"] + ["progressive"] * bool(verb.progressive))
        subject = Phrase("who", "qui", "m", False) if who else self.living(verb.subjects)
        if subject.kind == "mixed" and len(verb.subjects) < 2:
            raise Unsayable
        if subject.noun:
            self.pairs.add(f"{subject.noun} {verb.base}")
        rest = ("", "")
        if verb in TRANSITIVE and not what:
            thing = self.object(verb)
            if thing.noun == subject.noun:
                raise Unsayable
            rest = thing.english, thing.french
        elif not what and asked != "where" and (
                self.chance(0.5) or verb.base in ("stay", "live", "sit")):
            rest = self.place()
        if who:
            english, french, _ = self.said(verb, (subject, False, "", tense), *rest)
            return f"{english}?", f"{french} ?"
        if tense == "progressive":
            group = f"{self.be(subject, False)} {subject.english} {verb.progressive}"
        else:
            auxiliary = {"past": "did", "future": "will"}.get(
                tense, "does" if self.is_third(subject) else "do")
            group = f"{auxiliary} {subject.english} {verb.base}"
        clause = joined(subject.french, self.french_verb(verb, subject, tense, False, ""), rest[1])
        if what:
            return f"what {group}?", joined("qu'est-ce que", clause, "?")
        return (f"{asked} {group} {rest[0]}".strip() + "?",
                joined(ASKED[asked], "est-ce que", clause, "?"))

    def question_of_state(self):
        """Who is tired? What colour is the hat? Why is the cat on the mat?"""
        past, kind = self.chance(0.4), self.random.random()
        tense = "imperfect" if past else "present"
        if kind < 0.4:
            who = Phrase("who", "qui", "m", False, kind="person")
            verb, (english, french) = BE, self.predicate(who) if self.chance(0.6) else self.place()
            if self.chance(0.08):
                verb, english, french = HAVE_COLD, "cold", "froid"
            return (f"who {self.be(who, past)} {english}?",
                    joined("qui", verb.french(tense, "3s"), french, "?"))
        if kind < 0.6:
            thing = self.noun_phrase(self.pick(THINGS + PLACES), DEFINITE, adjectives=0.1)
            return (f"what {self.pick(['colour', 'color'])} {self.be(thing, past)} {thing.english}?",
                    joined("de quelle couleur", BE.french(tense, thing.person), thing.french, "?"))
        subject = self.thing_or_living()
        if kind < 0.7:
            if subject.kind not in LIVING:
                raise Unsayable
            return (f"what {self.be(subject, past)} {subject.english}?",
                    joined("qu'est-ce que", subject.french, BE.french(tense, subject.person), "?"))
        self.pairs.add(f"{subject.noun} be")
        rest = self.predicate(subject) if self.chance(0.5) else self.place()
        return (f"why {self.be(subject, past)} {subject.english} {rest[0]}?",
                joined("pourquoi est-ce que", subject.french, BE.french(tense, subject.person),
                       rest[1], "?"))

    @staticmethod
    def is_pronoun(subject):
        return subject.english in {p.english for p in PRONOUNS}

    @staticmethod
    def refuse():
        raise Unsayable

    CLAUSES = (["intransitive"] * 16 + ["transitive"] * 20 + ["pronoun_object"] * 9
               + ["adjective_clause"] * 10 + ["place_clause"] * 7 + ["giving"] * 8 + ["going"] * 6
               + ["modal"] * 9)

    def clause(self, tense=None):
        return getattr(self, self.pick(self.CLAUSES))(tense)

    def statement(self):
        kind = self.random.random()
        if kind < 0.13:
            return self.reason()[:2]
        if kind < 0.17:
            return self.existence()[:2]
        if kind < 0.19:
            return self.presentation()
        if kind < 0.23:
            tense = self.pick(["present", "progressive", "past"])
            first, second = self.clause(tense), self.clause(tense)
            english, french = self.pick([("and", "et"), ("but", "mais"), ("because", "parce que")])
            if len(first[0].split()) + len(second[0].split()) > 15:
                raise Unsayable
            return (f"{first[0]} {english} {second[0]}", joined(first[1], french, second[1]))
        english, french, tense = self.clause()
        if self.chance(0.12):
            when = self.moment(tense)
            if self.chance(0.5):
                return (f"{when}{self.pick([',', ''])} {english}", f"{TIMES[when]}, {french}")
            return f"{english} {when}", f"{french} {TIMES[when]}"
        return english, french

    def draw(self):
        """An English sentence and its French translation, with capital letter and punctuation."""
        while True:
            self.pairs = set()
            try:
                if self.chance(0.004):
                    return self.pick(PHRASES)
                if self.chance(0.12):
                    english, french = self.question()
                else:
                    english, french = self.statement()
                    english, french = english + ".", french + "."
                return capitalised(english), capitalised(french)
            except Unsayable:
                continue


def capitalised(text):
    return text[0].upper() + text[1:]


WIDE = ("street", "river", "bridge", "bed", "table")
# English "is cold" is "has cold" in French for living beings.
HAVE_COLD = replace(next(verb for verb in TRANSITIVE if verb.base == "have"), **{
    name: getattr(BE, name) for name in ("base", "third", "past", "progressive")})
AVOIR = ("ai", "a", "avons", "avez", "ont")
