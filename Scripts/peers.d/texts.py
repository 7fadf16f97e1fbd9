"""Generates a corpus of sentences with realistic lengths, the same in every run."""

import math
import random

COUNT = 1_541
LONGEST = 131

NOUNS = """
    river market engine teacher window garden letter station mountain theory bridge harbour
    computer orchestra silence village captain horizon library winter machine question
    answer kitchen language forest battery museum neighbour lantern violin satellite
    parliament bakery archaeologist photosynthesis thermodynamics infrastructure
    semiconductor lighthouse""".split()
VERBS = """sees builds forgets measures carries opens follows repairs explains paints borrows hears
    imagines translates collects abandons photographs reorganises""".split()
ADJECTIVES = """old quiet bright narrow distant curious heavy golden patient electric unexpected
    transparent forgotten northern mechanical extraordinary""".split()
JOINTS = "and but while because although so whenever until".split()
PLACES = "near behind above without beyond during against towards".split()
EXTRAS = ["in 1987", "at 4:30", "for €12.50", "(again)", "São Paulo's", "naïvely", "e-mail", "3.14"]


def clause(random: random.Random) -> list[str]:
    words = ["the", random.choice(ADJECTIVES), random.choice(NOUNS), random.choice(VERBS), "a"]
    words += [random.choice(NOUNS), random.choice(PLACES), "the", random.choice(NOUNS)]
    if random.random() < 0.25:
        words.append(random.choice(EXTRAS))
    return words


def sentence(random: random.Random) -> str:
    """A sentence whose number of words has a log-normal distribution."""
    count = min(max(round(math.exp(random.gauss(3.03, 0.62))), 3), LONGEST)
    words = clause(random)
    while len(words) < count:
        words += [random.choice(JOINTS), *clause(random)]
    return " ".join(words[:count]).capitalize() + "."


def corpus() -> list[str]:
    generator = random.Random(20170612)
    return [sentence(generator) for _ in range(COUNT)]


def sorted_batches(lengths: list[int], size: int = 32) -> list[list[int]]:
    """Batches of text indices, sorted by length to minimize padding."""
    order = sorted(range(len(lengths)), key=lambda index: lengths[index])
    return [order[start : start + size] for start in range(0, len(order), size)]
