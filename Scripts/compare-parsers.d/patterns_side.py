"""Mutants of the patterns of published tokenizers, and where the package tokenizers splits texts by them."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

from comparison import Refused
from tokenizers import Regex, pre_tokenizers

BEHAVIORS = ["isolated", "removed", "merged_with_previous", "merged_with_next", "contiguous"]
PARTS = [
    "|", "*", "+", "?", "??", "*?", "+?", "++", "{2}", "{1,3}", "{2,}", "{,2}", "(", ")", "(?:", "(?i:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "[",
    "]", "[^", "-", "&&", "^", "$", ".", "\\", "\\s", "\\S", "\\w", "\\W", "\\d", "\\D", "\\h", "\\H", "\\R", "\\X", "\\b", "\\B", "\\A", "\\z", "\\Z",
    "\\n", "\\r", "\\t", "\\x41", "\\x{e9}", "\\u00e9", "\\u{e9}", "\\1", "\\p{L}", "\\p{N}", "\\P{L}", "\\p{^L}", "\\p{Lu}", "\\p{Han}", "\\p{Latin}",
    "\\p{Alpha}", "\\p{Nope}", "[:alpha:]", "[[:alpha:]]", "[[:^space:]]", "a", "b", "s", "é", "日", " ", "'", "\t", ",", "}", "{", "0", "(?i)", "(?m:", "(?x: ",
]
TEXTS = [
    "It's 12 a-b, ééé  日本\n x", "aab  abab'S 1234\r\n\r\n!! é", "  \t a\nb\u00a0c \U0001f600 ABC def", "don't STOP, s'il\u2019s [x] {y} $9.99 -- \\o/", "",
]


def mutants(generator: random.Random, count: int, root: Path) -> Iterator[tuple[str, bytes]]:
    lines = (root / "Tests/TokenizersTests/Fixtures/Patterns/patterns.jsonl").read_text().splitlines()
    patterns = [pattern for line in lines if len(pattern := json.loads(line)["pattern"]) < 300 and "\n" not in pattern]
    patterns += [r"\s+", "a|b", "[a-z]+", r"\p{L}+|\p{N}{1,3}", "ab", r"[^\s]+", "(?i:ab)+c?", " ?[^ ]+"]
    for _ in range(count):
        pattern = generator.choice(patterns)
        changes = []
        for _ in range(generator.choice([0, 1, 1, 1, 2, 3])):
            place = generator.randrange(len(pattern) + 1)
            kind = generator.choice(["insert", "insert", "delete", "replace", "piece", "double"])
            end = place + generator.choice([1, 1, 2, 3, 6])
            if kind == "insert":
                pattern = pattern[:place] + generator.choice(PARTS) + pattern[place:]
            elif kind == "delete":
                pattern = pattern[:place] + pattern[end:]
            elif kind == "replace":
                pattern = pattern[:place] + generator.choice(PARTS) + pattern[end:]
            elif kind == "piece":
                other = generator.choice(patterns)
                start = generator.randrange(len(other) + 1)
                pattern = pattern[:place] + other[start : start + generator.randrange(1, 12)] + pattern[place:]
            else:
                pattern = pattern[:end] + pattern[place:]
            changes.append(f"{kind} {place}")
        choice = generator.randrange(10)
        yield f"{'; '.join(changes)}: {pattern}", f"{choice}{pattern}\n{generator.choice(TEXTS)}".encode()


def reference(data: bytes) -> list:
    pattern, text = data[1:].decode().split("\n", 1)
    choice = data[0] - ord("0")
    try:
        split = pre_tokenizers.Split(Regex(pattern), BEHAVIORS[choice % 5], invert=choice >= 5)
        return [list(piece[1]) for piece in split.pre_tokenize_str(text)]
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise Refused(str(error)) from None


def differs(expected: list, own: list) -> str | None:
    return None if own == expected else f"pieces {own}, expected {expected}"
