"""Questions about every form of clause: who, what, where, why, when, how and what colour.

A fact is a clause of the grammar in translation.py, stored as parts: subject, verb, object, place, time and
reason. Questions ask for one part with the words of the others, in several forms:

    My sister didn't give the old king a red key in the garden because she was too tired.
    Who didn't give the king the key? my sister         What didn't my sister give the king? a red key
    Where was my sister? in the garden                  Why didn't she give the king a key? because ...
    Who was too tired? my sister                        What colour is the key? red

A question may omit parts and adjectives, say "the" for "a", use a pronoun for the only subject, or change
the perspective ("my sister" becomes "your sister"). The answer always consists of words of the context,
including the determiner, without the full stop.
"""

import re
from dataclasses import dataclass, replace

from lexicon import (
    ADJECTIVES, ANIMALS, ARRIVE, BE, CROSS, DESTINATIONS, GIVING, GO, GO_HOME, INTRANSITIVE, LIVING,
    NOUN, PERSONS, SIT, THINGS, TRANSITIVE,
)
from translation import PRONOUNS, WIDE, Phrase, Sentences, Unsayable, capitalised

COLOURS = ("red", "blue", "green", "black", "white", "grey")
FEELINGS = ("tired", "happy", "sad", "hungry", "angry", "cold")
YOU = next(pronoun for pronoun in PRONOUNS if pronoun.english == "you")
SUBJECTS = {"i": "I", "you": "you", "we": "we", "he": "he", "she": "she", "they": "they"}
ME = {"I": "me", "we": "us", "he": "him", "she": "her", "they": "them", "you": "you"}
OTHER_SIDE = {"my": "your", "our": "your", "me": "you", "us": "you", "your": "my", "you": "me"}
# Verbs that locate their subject.
BEING_THERE = ("sit", "sleep", "play", "wait", "work", "stay", "rest", "eat", "sing", "dance", "read",
               "draw", "run")


@dataclass(frozen=True)
class Fact:
    """A clause in parts. `modal` is can, must or want; missing parts are empty."""

    subject: Phrase
    verb: object
    tense: str
    negated: bool = False
    frequency: str = ""
    modal: str = ""
    object: Phrase = None
    receiver: Phrase = None
    preposition: str = ""
    place: Phrase = None
    time: str = ""
    state: str = ""  # the adjective of the subject: tired, very happy
    reason: tuple = ()  # who, its pronoun and verb, and its state
    there: bool = False  # "there is" before the subject

    @property
    def where(self):
        return f"{self.preposition} {self.place.english}" if self.place else self.preposition


class Asking(Sentences):
    """Generates random contexts, questions and answers."""

    # Facts

    def fact(self):
        kind = self.pick(["intransitive"] * 6 + ["transitive"] * 6 + ["reasoned"] * 5 + ["giving"] * 3
                         + ["going"] * 2 + ["modal"] * 3 + ["state"] * 3 + ["being"] * 3
                         + ["falling", "there", "there"])
        fact = getattr(self, kind + "_fact")()
        if self.chance(0.12) and not fact.frequency and not fact.modal and not fact.reason:
            fact = replace(fact, time=self.moment(fact.tense))
        return fact

    def mood(self, verb, negatable=True, subject=None):
        subject, negated, frequency, tense = self.verb_clause(verb, negatable, subject=subject)
        if subject.determiner == "every" and negated:
            raise Unsayable
        return {"subject": subject, "verb": verb, "negated": negated, "frequency": frequency,
                "tense": tense}

    def somewhere(self):
        preposition, _, place = self.place_parts()
        return {"preposition": preposition, "place": place}

    def intransitive_fact(self):
        verb = self.pick([v for v in INTRANSITIVE if v.base != "fall"] + [SIT] * 4)
        where = self.somewhere() if self.chance(0.9) or verb.base in ("live", "stay") else {}
        return Fact(**self.mood(verb), **where)

    def transitive_fact(self):
        verb = self.pick(TRANSITIVE + [CROSS])
        mood = self.mood(verb)
        thing = self.object(verb, mood["negated"] or mood["frequency"] == "never")
        if thing.noun == mood["subject"].noun:
            raise Unsayable
        where = self.somewhere() if self.chance(0.3) and verb.base not in (
            "cross", "love", "have") else {}
        return Fact(**mood, object=thing, **where)

    def reasoned_fact(self):
        """The fact with a reason, about the subject or the object."""
        fact = self.intransitive_fact() if self.chance(0.4) else self.transitive_fact()
        if fact.verb is CROSS or self.chance(0.15):
            fact = replace(fact, negated=fact.negated or self.chance(0.3))
        if fact.frequency or fact.tense == "future" or fact.subject.determiner == "every":
            raise Unsayable
        about, of = fact.subject, [a.english for a in ADJECTIVES if a.english in (
            *FEELINGS, "clever", "young", "old")] + ["cold"]
        if fact.object and fact.object.kind not in LIVING and self.chance(0.6):
            about = fact.object
            of = [a.english for a in ADJECTIVES if fact.object.kind in a.kinds
                  and not set(a.kinds) & set(LIVING)
                  and (a.english != "wide" or fact.object.noun in WIDE)]
            if fact.subject.plural and about.plural or not of:
                raise Unsayable
        if about.noun in ("two",) or about.kind == "mixed":
            raise Unsayable
        past = fact.tense.startswith("past")
        pronoun = self.pronoun(about)
        degree = self.pick(["", "", "", "very ", "too ", "too "])
        be = self.be(about, past)
        return replace(fact, reason=(about, f"{pronoun} {be}", degree + self.pick(of)))

    @staticmethod
    def pronoun(phrase):
        if phrase.english in SUBJECTS.values():
            return phrase.english
        if phrase.plural:
            return "they"
        return "it" if phrase.kind != "person" else "she" if phrase.gender == "f" else "he"

    def giving_fact(self):
        mood = self.mood(self.pick(GIVING))
        thing = self.noun_phrase(self.pick(THINGS), adjectives=0.3,
                                 negated=mood["negated"] or mood["frequency"] == "never")
        if self.chance(0.4):
            word = self.pick(["him", "her", "them", "me", "us", "you"])
            if word in {"I": ("me", "us"), "we": ("me", "us"), "you": ("you",)}.get(
                    mood["subject"].english, ()):
                raise Unsayable
            receiver = Phrase(word, "", "", False, kind="pronoun")
        else:
            receiver = self.living(("person",), False)
        if receiver.noun and receiver.noun == mood["subject"].noun or " and " in receiver.english:
            raise Unsayable
        return Fact(**mood, object=thing, receiver=receiver)

    def going_fact(self):
        verb = self.pick([GO] * 4 + [ARRIVE, GO_HOME])
        mood = self.mood(verb)
        if verb is GO_HOME:
            return Fact(**mood, preposition="home")
        determiners = ["the"] * 8 + ["my", "our", "your", "their", "this"]
        place = self.noun_phrase(NOUN[self.pick(DESTINATIONS)], determiners, False, 0.15)
        return Fact(**mood, preposition="at" if verb is ARRIVE else "to", place=place)

    def modal_fact(self):
        fact = self.transitive_fact() if self.chance(0.6) else self.intransitive_fact()
        modal = self.pick(["can", "must", "want"])
        tense = "present" if modal == "must" or self.chance(0.7) else "past"
        if fact.verb.base in ("love", "live", "have"):
            raise Unsayable
        return replace(fact, modal=modal, tense=tense, frequency="")

    def state_fact(self):
        subject = self.thing_or_living(True)
        state = self.predicate(subject)[0]
        if subject.kind in LIVING and self.chance(0.1):
            state = "cold"
        return Fact(**self.mood(BE, subject=subject), state=state)

    def being_fact(self):
        subject = self.living(negated=True) if self.chance(0.4) else self.noun_phrase(
            self.pick(THINGS), None, adjectives=0.4)
        return Fact(**self.mood(BE, subject=subject), **self.somewhere())

    def there_fact(self):
        plural = self.chance(0.4)
        counts = ["some", "two", "three", "many"]
        subject = self.noun_phrase(self.pick(ANIMALS + PERSONS + THINGS), counts if plural else ["a"],
                                   plural, adjectives=0.4)
        if plural and subject.determiner not in counts:
            raise Unsayable
        return Fact(subject, BE, self.pick(["present", "present", "past"]), there=True,
                    **self.somewhere())

    def falling_fact(self):
        subject = self.living() if self.chance(0.4) else self.noun_phrase(self.pick(THINGS), None)
        fall = next(verb for verb in INTRANSITIVE if verb.base == "fall")
        fact = Fact(**self.mood(fall, subject=subject))
        if "progressive" in fact.tense:
            raise Unsayable
        if self.chance(0.6):
            return replace(fact, time=self.moment(fact.tense))
        return replace(fact, **self.somewhere())

    # Sentences

    def group(self, fact, subject=None):
        """The verb group: sat, is not eating, doesn't want to eat."""
        subject = subject or fact.subject
        if not fact.modal:
            return self.english_verb(fact.verb, subject, fact.tense, fact.negated, fact.frequency)
        past = fact.tense == "past"
        if fact.modal == "want":
            if fact.negated:
                word = "did" if past else "does" if self.is_third(subject) else "do"
                return f"{self.negation(word)} want to {fact.verb.base}"
            form = "wanted" if past else "wants" if self.is_third(subject) else "want"
            return f"{form} to {fact.verb.base}"
        word = "could" if past and fact.modal == "can" else fact.modal
        return f"{self.negation(word) if fact.negated else word} {fact.verb.base}"

    def complement(self, fact):
        """The words after the verb, without time and reason."""
        parts = []
        if fact.receiver and self.chance(0.6):
            parts += [fact.receiver.english, fact.object.english]
        elif fact.receiver:
            parts += [fact.object.english, "to " + fact.receiver.english]
        elif fact.object:
            parts.append(fact.object.english)
        return " ".join(part for part in [*parts, fact.state, fact.where] if part)

    def told(self, fact):
        """The clause, the clause without time and reason, and its predicate."""
        predicate = f"{self.group(fact)} {self.complement(fact)}".strip()
        core = f"{fact.subject.english} {predicate}"
        if fact.there:
            core = f"there {self.group(fact)} {fact.subject.english} {fact.where}"
        text = core
        if fact.reason:
            text += f" because {fact.reason[1]} {fact.reason[2]}"
        if fact.time:
            text = self.pick([f"{text} {fact.time}", f"{fact.time}, {text}"])
        return text, core, predicate

    # Questions

    def words(self, phrase, side=False):
        """A phrase in a question: sometimes with "the", sometimes without adjectives."""
        if phrase.kind == "pronoun" or not phrase.noun or phrase.noun in ("name", "two"):
            text = phrase.english
        else:
            words = phrase.english.split()
            determiner = phrase.determiner if words[0] == phrase.determiner or words[0] == "an" else ""
            adjectives, noun = words[bool(determiner):-1], words[-1]
            if self.chance(0.5):
                adjectives = []
            if determiner in ("a", "the", "this", "that", "these", "some", "two", "three", "many", ""):
                if self.chance(0.75) or determiner == "a" and phrase.plural:
                    determiner = "the"
            words = [*adjectives, noun]
            if determiner == "a":
                determiner = "an" if words[0][0] in "aeiou" else "a"
            text = " ".join([determiner, *words]).strip()
        if side:
            text = " ".join(OTHER_SIDE.get(word, word) for word in text.split())
        return text

    def place_words(self, fact, side):
        return f"{fact.preposition} {self.words(fact.place, side)}" if fact.place else fact.preposition

    def rest(self, fact, side, without=(), full=False):
        """The words after the verb in a question, without the given parts, sometimes without others."""
        parts = []
        thing = "" if not fact.object or "object" in without else self.words(fact.object, side)
        receiver = "" if not fact.receiver or "receiver" in without else self.words(
            fact.receiver, side)
        if receiver and thing and self.chance(0.6):
            parts += [receiver, thing]
        elif receiver:
            parts += [thing, ("to " if thing or "object" not in without else "") + receiver]
        else:
            parts.append(thing)
        if fact.state and "state" not in without:
            parts.append(fact.state)
        if fact.where and "where" not in without and (full or self.chance(0.6)):
            parts.append(self.place_words(fact, side))
        if fact.time and "time" not in without and self.chance(0.4):
            parts.append(fact.time)
        return " ".join(part for part in parts if part)

    def inverted(self, fact, subject_words, subject):
        """Auxiliary, subject and verb: did the cat sit, didn't the cat sit, was the cat not tired."""
        verb, tense, tail = fact.verb, fact.tense, fact.verb.base
        if fact.modal and fact.modal != "want":
            auxiliary = "could" if tense == "past" and fact.modal == "can" else fact.modal
        elif tense == "future":
            auxiliary = "will"
        elif verb.base == "be":
            auxiliary, tail = self.be(subject, tense == "past"), ""
        elif "progressive" in tense:
            auxiliary, tail = self.be(subject, tense.startswith("past")), verb.progressive
        else:
            auxiliary = "did" if tense == "past" else "does" if self.is_third(subject) else "do"
        if fact.modal == "want":
            tail = "want to " + tail
        tail = " ".join(word for word in (fact.frequency, tail) if word)
        if not fact.negated:
            return f"{auxiliary} {subject_words} {tail}".strip()
        negation = self.negation(auxiliary)
        if " " in negation or auxiliary in ("must", "am"):
            return f"{auxiliary} {subject_words} not {tail}".strip()
        return f"{negation} {subject_words} {tail}".strip()

    def questions(self, fact, alone, core, predicate):
        """Questions with their kinds and answers."""
        subject, answer = fact.subject, fact.subject.english
        side = self.chance(0.15)
        asker, asker_words = subject, self.words(subject, side)
        if side and subject.english in ("I", "we"):
            asker, asker_words = YOU, "you"
        elif side and subject.english == "you":
            raise Unsayable
        elif alone and subject.kind in (*LIVING, "thing", "place") and self.chance(0.1):
            asker_words = self.pronoun(subject)
        living = subject.kind == "person" or subject.english in SUBJECTS.values()
        who = "who" if living or subject.kind == "mixed" else self.pick(
            ["who", "what"]) if subject.kind == "animal" else "what"
        third = Phrase(who, "", "m", False)
        found = []

        def ask(kind, question, answer):
            found.append((kind, capitalised(re.sub(r"\s+", " ", question).strip()) + "?", answer))

        full = fact.verb.base in ("live", "stay", "go", "arrive") or fact.verb is SIT or (
            fact.verb.base == "be")
        ask("subject", f"{who} {self.group(fact, third)} {self.rest(fact, side, (), full)}", answer)
        said = self.inverted(fact, asker_words, asker)
        if fact.object:
            what = "who" if fact.object.kind in ("person",) else "what"
            ask("object", f"{what} {said} {self.rest(fact, side, ('object',))}", fact.object.english)
            colour = next((word for word in fact.object.english.split() if word in COLOURS), "")
            if colour:
                self.ask_colour(ask, fact.object, colour, "past" in fact.tense)
        number = fact.subject.determiner
        if number in ("two", "three", "many") and fact.where and fact.verb.base == "be":
            ask("how many", f"how many {answer.split()[-1]} {said.split()[0]} "
                f"{'there ' if fact.there else ''}{self.place_words(fact, side)}", number)
        if fact.receiver:
            ask("receiver", f"who {said} {self.words(fact.object, side)} to", fact.receiver.english)
        if fact.where and not fact.negated:
            ask("where", f"where {said} {self.rest(fact, side, ('where',))}", fact.where)
            if fact.place and fact.preposition not in ("at", "to"):
                ask("what place", f"what {said} {self.rest(fact, side, ('where', 'time'))} "
                    f"{fact.preposition}", fact.place.english)
            if fact.verb.base in BEING_THERE and not fact.modal and (
                    fact.tense != "future" and not fact.frequency):
                past = fact.tense.startswith("past")
                ask("where", f"where {self.be(asker, past)} {asker_words}", fact.where)
                be = self.be(third, past)
                ask("subject", f"{who} {be} {self.place_words(fact, side)}", answer)
        if fact.time and not fact.negated:
            ask("when", f"when {said} {self.rest(fact, side, ('time',))}", fact.time)
        if fact.verb.base == "be" and fact.state:
            bare = fact.state.removeprefix("very ").removeprefix("too ")
            if bare in COLOURS:
                self.ask_colour(ask, subject, bare, fact.tense == "past")
            elif not fact.negated:
                ask("how", f"how {said}", bare)
        if fact.tense == "past" and not fact.negated and not fact.there:
            when = f" {fact.time}" if fact.time else ""
            ask("happened", f"what happened{when}", core)
        colour = next((word for word in answer.split()[:-1] if word in COLOURS), "")
        if colour and subject.kind in ("animal", "thing", "place"):
            self.ask_colour(ask, subject, colour, "past" in fact.tense)
        if fact.verb.base not in ("be", "have", "love", "want", "live") and not fact.modal and (
                not fact.frequency):
            do = {"progressive": (self.be(asker, False), "doing"),
                  "past progressive": (self.be(asker, True), "doing"), "future": ("will", "do"),
                  "past": ("did", "do")}.get(
                      fact.tense, ("does" if self.is_third(asker) else "do", "do"))
            question = f"what {do[0]} {asker_words} {do[1]}"
            if fact.negated:
                negation = self.negation(do[0])
                question = f"what {do[0]} {asker_words} not {do[1]}"
                if " " not in negation:
                    question = f"what {negation} {asker_words} {do[1]}"
                predicate = predicate.replace(" not ", " ", 1)
            if fact.negated or fact.tense not in ("past", "present"):  # Forms without is, was, will or didn't.
                predicate = predicate.split(" ", 1)[1]
            ask("doing", question, predicate)
        if fact.reason:
            self.ask_why(ask, fact, side, said, (asker, asker_words), (who, answer))
        return found

    def ask_colour(self, ask, phrase, colour, past):
        be = self.be(phrase, past and self.chance(0.5))
        words = self.words(replace(phrase, english=" ".join(
            word for word in phrase.english.split() if word not in COLOURS)))
        ask("colour", f"what {self.pick(['colour', 'colour', 'color'])} {be} {words}", colour)
        if phrase.english.split()[-1] not in COLOURS and colour in phrase.english.split():
            ask("colour", f"what {be} {colour}", phrase.english)

    def ask_why(self, ask, fact, side, said, asker, subject):
        about, be, state = fact.reason
        answer = f"because {be} {state}"
        ask("why", f"why {said} {self.rest(fact, side)}", answer)
        ask("why", f"why {said} {self.rest(fact, side, (), True)}", answer)
        past = fact.tense.startswith("past")
        if fact.where and fact.verb.base in BEING_THERE and not fact.negated and not fact.modal:
            ask("why", f"why {self.be(asker[0], past)} {asker[1]} {self.place_words(fact, side)}",
                answer)
            if fact.verb is SIT and "progressive" not in fact.tense:
                ask("why", f"why {self.be(asker[0], past)} {asker[1]} sitting {self.rest(fact, side)}",
                    answer)
        if about.english == fact.subject.english:
            who, words = subject
        else:
            who, words = "what", about.english
        third = Phrase(who, "", "m", False)
        bare = state.removeprefix("very ").removeprefix("too ")
        said_state = state if self.chance(0.6) else bare
        tense = past if self.chance(0.85) else not past
        ask("state", f"{who} {self.be(third, tense)} {said_state}", words)
        if words == subject[1]:
            ask("was", f"what {self.be(asker[0], past)} {asker[1]}", state)
        if bare in FEELINGS and words == subject[1]:
            ask("how", f"how {self.be(asker[0], past)} {asker[1]}", bare)

    # Contexts

    def facts(self, counts):
        """Facts that share only function words, so that each question has one answer."""
        count, found, used = self.pick(counts), [], set()
        while len(found) < count:
            try:
                fact = self.fact()
                text, core, predicate = self.told(fact)
            except Unsayable:
                continue
            words = content_words(text) | {fact.subject.english, fact.verb.base}
            if fact.subject.english in SUBJECTS.values():
                words.add(self.pronoun(fact.subject))
            if used & words or len(text.split()) > 18:
                continue
            used |= words
            found.append((fact, text, core, predicate))
        return found

    def question(self, counts=(1, 1, 1, 2, 2, 3)):
        """A context, a question about it, and the answer."""
        if self.chance(0.03):
            return self.presented()
        while True:
            facts = self.facts(counts)
            context = " ".join(capitalised(text) + "." for _, text, _, _ in facts)
            try:
                found = self.questions(*self.pick_fact(facts))
            except Unsayable:
                continue
            # All kinds are equally frequent, regardless of their number of forms; only who and why are more
            # frequent.
            kinds = [kind for kind, _, _ in found]
            often = [kind for kind in sorted(set(kinds))
                     if kind not in ("happened", "what place", "was") or self.chance(0.4)]
            kind = self.pick(often + ["why", "state"] * ("why" in kinds) * 2 + ["subject"])
            _, question, answer = self.pick([item for item in found if item[0] == kind])
            return context, question, answer

    def presented(self):
        """What is this? my house"""
        determiners = ["a", "the", "my", "your", "his", "her", "our", "their"]
        thing = self.noun_phrase(self.pick(list(NOUN.values())), determiners, False, 0.5)
        this = self.pick(["this is", "that is", "it is", "it was"])
        what, be = this.split()
        question = f"What {be} {what}?"
        colour = next((word for word in thing.english.split()[:-1] if word in COLOURS), "")
        if colour and self.chance(0.4):
            return (f"{capitalised(this)} {thing.english}.",
                    f"What colour {be} the {thing.noun}?", colour)
        return f"{capitalised(this)} {thing.english}.", question, thing.english

    def pick_fact(self, facts):
        fact, _, core, predicate = self.pick(facts)
        return fact, len(facts) == 1, core, predicate

    def summary(self):
        """One or two clauses, and their summary: without times and reasons, joined by "and"."""
        facts = self.facts((1, 1, 2))
        text = " ".join(capitalised(text) + "." for _, text, _, _ in facts)
        return text, capitalised(" and ".join(core for _, _, core, _ in facts)) + "."


GRAMMAR = set("""the a an my your his her our their this that these some two three many every is are was were
am not there will did didn't does doesn't do don't isn't aren't wasn't weren't won't can can't cannot could couldn't
must want wants wanted to on in under behind near of front at because and very too it he she they i you we him
them me us be""".split())


def content_words(text):
    words = set(re.findall(r"[a-z']+", text.lower())) - GRAMMAR
    singular = {noun.plural: noun.english for noun in NOUN.values()}
    return {singular.get(word, word) for word in words}
