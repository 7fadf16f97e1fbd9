"""Joins French words: elision, contraction, and agreement of participles."""

import re

VOWELS = "aeiouyàâéèêëîïôœhAEIOÉ"

_ELISION = re.compile(rf"\b(le|la|de|ne|je|me|se|que) (?=[{VOWELS}])")
_CONTRACTIONS = [
    (re.compile(r"\bà le "), "au "), (re.compile(r"\bà les "), "aux "),
    (re.compile(r"\bde le "), "du "), (re.compile(r"\bde les "), "des "),
]


def starts_with_vowel(word):
    """Whether `le` becomes `l'` before a word. Every h of this lexicon is mute (homme, habiter)."""
    return word[0] in VOWELS


def joined(*words):
    """The joined words: le + arbre is l'arbre, à + le + jardin is au jardin."""
    text = " ".join(word for word in words if word)
    text = _ELISION.sub(lambda match: match[1][:-1] + "'", text)
    for pattern, replacement in _CONTRACTIONS:
        text = pattern.sub(replacement, text)
    return text


def agreeing(word, gender, plural):
    """A participle such as allé or assis for a gender and number."""
    word += "e" if gender == "f" else ""
    return word if not plural or word.endswith("s") else word + "s"
