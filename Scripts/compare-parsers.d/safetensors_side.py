"""Mutants of safetensors files, and their tensors according to the package safetensors."""

import random
import struct
from collections.abc import Iterator

import json_mutation
import numpy as np
import safetensors
from comparison import Refused
from json_mutation import Members

TYPES = {
    "BOOL": 8, "U8": 8, "I8": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "F64": 64, "I64": 64,
    "U64": 64, "C64": 64, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
}
KEYS = ["dtype", "shape", "data_offsets", "__metadata__", "a", "b", "weight", "é", "e\u0301", "", "DTYPE", "format"]


def file(generator: random.Random) -> tuple[Members, bytes]:
    """The header and the data of a valid file."""
    header, end = Members(), 0
    if generator.random() < 0.5:
        header.append(["__metadata__", Members([["format", "pt"], ["k", "é"]][: generator.randrange(3)])])
    for name in generator.sample(["a", "b", "weight", "é", "e\u0301", "x.y", "tensor 0", "\t", ""], generator.randrange(1, 5)):
        kind = generator.choice(list(TYPES))
        shape = generator.choice([[], [0], [1], [2], [4], [8], [2, 2], [2, 4], [1, 2, 4], [0, 3], [3, 0], [1] * 8, [4, 1, 2]])
        count = int(np.prod(shape, dtype=np.int64))
        while count * TYPES[kind] % 8:
            kind = generator.choice(list(TYPES))
        begin, end = end, end + count * TYPES[kind] // 8
        members = Members([["dtype", kind], ["shape", list(shape)], ["data_offsets", [begin, end]]])
        if generator.random() < 0.2:
            generator.shuffle(members)
        header.append([name, members])
    if generator.random() < 0.2:
        generator.shuffle(header)
    return header, bytes(generator.randrange(256) for _ in range(end))


def retype(header: Members, generator: random.Random) -> str:
    """Changes a type or a shape, or the offsets of a tensor."""
    _, entry = generator.choice(header)
    if not isinstance(entry, Members) or not entry:
        return "none"
    member = generator.choice(entry)
    kind = member[0]
    if kind == "dtype":
        member[1] = generator.choice([*TYPES, "f32", "F128", "F8", "", "BOOL ", "I4"])
    elif kind == "shape":
        numbers = [0, 1, 2, 3, 4, 8, 1 << 31, 1 << 32, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 2, 1 << 64]
        member[1] = [generator.choice(numbers) for _ in range(generator.choice([0, 1, 2, 2, 3, 8, 9]))]
    elif kind == "data_offsets" and isinstance(member[1], list):
        for index in range(len(member[1])):
            if generator.random() < 0.7 and isinstance(member[1][index], int):
                member[1][index] += generator.choice([-8, -4, -1, 1, 4, 8, 1 << 32, (1 << 63) - 8])
    return f"retype {kind}"


def mutants(generator: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    for _ in range(count):
        header, data = file(generator)
        kind = generator.random()
        changes = []
        if kind < 0.7:
            for _ in range(generator.choice([1, 1, 1, 1, 2, 3])):
                if not json_mutation.containers(header):
                    break
                if generator.random() < 0.3 and header:
                    changes.append(retype(header, generator))
                else:
                    changes.append(json_mutation.mutate(header, generator, KEYS))
        text = json_mutation.write(header, generator, generator.choice([0, 0, 0.1, 0.5])).encode("utf-8", "surrogatepass")
        if generator.random() < 0.08:
            extra = generator.choice([b" ", b"  ", b" " * 7, b"\n", b"\t", b"\0", b"\0" * 8, b" {}", b",", b"\r\n "])
            text = generator.choice([text + extra, text + extra, extra + text])
            changes.append(f"pad {extra!r}")
        if kind > 0.9:
            change, text = json_mutation.mutate_bytes(text, generator)
            changes.append(change)
        length = len(text)
        if generator.random() < 0.03:
            length = max(0, length + generator.choice([-8, -1, 1, 8, 1 << 20, 1 << 32, 100_000_000 - length, 100_000_001 - length]))
            changes.append("length")
        whole = struct.pack("<Q", length) + text + data
        if 0.7 <= kind < 0.9:
            change, whole = json_mutation.mutate_bytes(whole, generator)
            changes.append(change)
        yield "; ".join(changes), whole


def values(kind: str, data: bytes) -> list[int] | None:
    """The bit patterns of a tensor's numbers as float32; None for a type that this package does not read."""
    types = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4",
             "U64": "<u8", "I64": "<i8"}
    if kind == "BOOL":
        numbers = np.frombuffer(data, "u1") != 0
    elif kind == "BF16":
        numbers = (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")
    elif kind in types:
        numbers = np.frombuffer(data, types[kind])
    else:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = numbers.astype("<f4")
    if kind == "F64" and (np.isinf(rounded) & np.isfinite(numbers)).any():
        # Too large for float32: the file is valid, but reading the tensor is an error.
        return None
    return [int(bits) for bits in rounded.view("<u4")]


def reference(data: bytes) -> dict:
    try:
        tensors = safetensors.deserialize(data)
    except safetensors.SafetensorError as error:
        raise Refused(str(error)) from None
    return {name: [entry["dtype"], entry["shape"], values(entry["dtype"], bytes(entry["data"]))] for name, entry in tensors}


def isNaN(bits: int) -> bool:
    return bits & 0x7FFF_FFFF > 0x7F80_0000


def differs(expected: dict, own: list) -> str | None:
    found = {name: entry for name, *entry in own}
    if found.keys() != expected.keys() or len(found) != len(own):
        return f"names {sorted(found)}, expected {sorted(expected)}"
    for name, (kind, shape, numbers) in expected.items():
        ownKind, ownShape, ownNumbers = found[name]
        if (kind, shape) != (ownKind, ownShape):
            return f"type and shape: {ownKind} {ownShape}, expected {kind} {shape}"
        if (numbers is None) != (ownNumbers is None):
            return f"values of type {kind}"
        ownBits = [int(bits) for bits in ownNumbers or []]
        if len(ownBits) != len(numbers or []):
            return f"count {len(ownBits)}, expected {len(numbers)}"
        for own_, bits in zip(ownBits, numbers or []):
            if own_ != bits and not (isNaN(own_) and isNaN(bits)):
                return f"value {own_:#x}, expected {bits:#x}, of type {kind}"
    return None
