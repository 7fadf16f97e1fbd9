"""Changes JSON as a tree, and writes it with details that JSON libraries hide: duplicate keys, spellings."""

import json
import random

SCALARS = [
    "null", "true", "false", "0", "1", "-1", "-0", "1.0", "1e0", "1e2", "0.5", "-0.0", "2", "3", "4", "7", "8", "255", "256",
    "65536", "2147483647", "2147483648", "4294967295", "4294967296", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "18446744073709551615", "18446744073709551616", "1e400", "1e-400", "NaN", "Infinity", "-Infinity",
    "01", "+1", ".5", "1.", "0x10", "1_000", '""', '"a"', '"\\u0061"', '"\\u0000"', '"\\ud83d\\ude00"', '"\\ud800"', '"\\x41"',
    '"\t"', '"\\t"', '"é"', '"e\\u0301"', "[]", "{}", "[[]]", "[0]", '{"a":0}', "[null]", "",
]


class Raw(str):
    """JSON text that is written as it is."""


class Members(list):
    """The members of an object as pairs, so that a key can occur twice."""


def parse(text: str):
    return json.loads(text, object_pairs_hook=lambda pairs: Members([list(pair) for pair in pairs]))


def write(value, generator: random.Random, spaces: float = 0) -> str:
    def gap() -> str:
        return generator.choice(["", " ", "\n", "\t", "\r\n", "  "]) if spaces and generator.random() < spaces else ""

    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, Members):
        inner = ",".join(f"{gap()}{write(k, generator)}{gap()}:{gap()}{write(v, generator, spaces)}{gap()}" for k, v in value)
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ",".join(gap() + write(item, generator, spaces) + gap() for item in value) + "]"
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=generator.random() < 0.5)
        if spaces and value and generator.random() < 0.02:
            text = '"' + "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 and generator.random() < 0.5 else json.dumps(c)[1:-1] for c in value) + '"'
        return text
    return json.dumps(value)


def containers(value) -> list:
    """All objects and arrays in a value that have elements."""
    found = []
    if isinstance(value, list) and value:
        found.append(value)
        for item in value:
            found += containers(item[1] if isinstance(value, Members) else item)
    return found


def mutate(value, generator: random.Random, keys: list[str]) -> str:
    """Changes one place in a value; returns a description of the change."""
    place = generator.choice(containers(value))
    index = generator.randrange(len(place))
    isObject = isinstance(place, Members)
    name = place[index][0] if isObject else f"[{index}]"

    def current():
        return place[index][1] if isObject else place[index]

    def replace(new) -> None:
        if isObject:
            place[index][1] = new
        else:
            place[index] = new

    kind = generator.choice(
        ["delete", "duplicate", "rename", "scalar", "scalar", "number", "swap", "nest", "insert", "copy", "string", "unknown", "flip", "flip"])
    if kind == "delete":
        del place[index]
    elif kind == "duplicate":
        copy = list(place[index]) if isObject else place[index]
        place.insert(generator.randrange(len(place) + 1), copy)
    elif kind == "rename" and isObject:
        place[index][0] = generator.choice([*keys, name.upper(), name + " ", name[:-1], "", name + "\0"])
    elif kind == "number":
        new = current()
        if isinstance(new, bool) or not isinstance(new, (int, float)):
            new = generator.choice([0, 1, 2, 3])
        new += generator.choice([1, -1, 2, -2, 4, -4, 8, 0.5, 100, 1 << 31, 1 << 32, 1 << 63])
        replace(Raw(generator.choice([f"{new}", f"{new}", f"{new}.0", f"{new}e0", f"-{new}", f"0{new}"])))
    elif kind == "swap":
        other = generator.randrange(len(place))
        place[index], place[other] = place[other], place[index]
    elif kind == "nest":
        replace(generator.choice([[current()], Members([["a", current()]]), [current(), current()]]))
    elif kind == "insert":
        new = Raw(generator.choice(SCALARS))
        place.insert(index, [generator.choice(keys), new] if isObject else new)
    elif kind == "copy":
        other = generator.choice(containers(value))
        if other is not place and not contains(other, place):
            replace(other)
    elif kind == "unknown" and isObject:
        # Most parsers ignore keys that they do not know, but check the syntax of the values.
        place.insert(index, [generator.choice(["x", "unknown", "é", ""]), Raw(generator.choice(SCALARS))])
    elif kind == "flip":
        flip(value, generator)
    elif kind == "string":
        replace(generator.choice([*keys, "é", "a b", "[UNK]", "", "\0", "x" * 70]))
    else:
        kind = "scalar"
        replace(Raw(generator.choice(SCALARS)))
    return f"{kind} {name}"


def flip(value, generator: random.Random) -> None:
    """Changes a Boolean, a null or a small number to another value of its type, or to a Boolean."""
    places = []
    for place in containers(value):
        for item in place:
            pair = item if isinstance(place, Members) else [place, item]
            if pair[1] is None or isinstance(pair[1], bool) or pair[1] in (0, 1):
                places.append((place, item))
    if not places:
        return
    place, item = generator.choice(places)
    if isinstance(place, Members):
        item[1] = generator.choice([True, False]) if item[1] is None else not item[1] if isinstance(item[1], bool) else 1 - item[1]
    else:
        place[place.index(item)] = generator.choice([0, 1])


def contains(value, part) -> bool:
    if value is part:
        return True
    if isinstance(value, list):
        return any(contains(item[1] if isinstance(value, Members) else item, part) for item in value)
    return False


def mutate_bytes(data: bytes, generator: random.Random) -> tuple[str, bytes]:
    """Changes a few bytes."""
    bytes_ = bytearray(data)
    kinds = []
    for _ in range(generator.choice([1, 1, 1, 2, 3])):
        if not bytes_:
            break
        position = generator.randrange(len(bytes_))
        kind = generator.choice(["flip", "set", "remove", "double", "cut", "piece"])
        if kind == "flip":
            bytes_[position] ^= 1 << generator.randrange(8)
        elif kind == "set":
            bytes_[position] = generator.choice([generator.randrange(256), *b"\"'{}[](),:-0912345678eE. \0\\u\n\t"])
        elif kind == "remove":
            del bytes_[position]
        elif kind == "double":
            bytes_.insert(position, bytes_[position])
        elif kind == "cut":
            if generator.random() < 0.5:
                del bytes_[position:]
            else:
                bytes_ += bytes(generator.randrange(256) for _ in range(generator.randrange(1, 9)))
        else:
            piece = bytes_[position : position + generator.randrange(1, 13)]
            place = generator.randrange(len(bytes_))
            bytes_[place:place] = piece
        kinds.append(f"{kind} {position}")
    return "bytes " + ", ".join(kinds), bytes(bytes_)
