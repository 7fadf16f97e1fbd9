"""Mutants of tokenizer.json, and their encodings according to the package tokenizers."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import json_mutation
from comparison import Refused
from json_mutation import Members
from tokenizers import Tokenizer

KEYS = [
    "type", "model", "vocab", "merges", "unk_token", "unk_id", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
    "truncation", "padding", "version", "id", "content", "special", "normalized", "lstrip", "rstrip", "single_word", "pattern", "String",
    "Regex", "behavior", "invert", "add_prefix_space", "trim_offsets", "use_regex", "prepend_scheme", "replacement", "split", "lowercase",
    "strip_accents", "clean_text", "handle_chinese_chars", "dropout", "byte_fallback", "fuse_unk", "ignore_merges",
    "continuing_subword_prefix", "end_of_word_suffix", "max_input_chars_per_word", "single", "pair", "special_tokens", "Sequence",
    "SpecialToken", "type_id", "ids", "tokens", "cls", "sep", "normalizers", "pretokenizers", "processors", "decoders", "prefix", "cleanup",
    "start", "stop", "individual_digits", "delimiter", "prepend", "strip_left", "strip_right", "suffix", "length", "BPE", "Unigram",
    "WordPiece", "ByteLevel", "Metaspace", "NFC", "NFKC", "Lowercase", "Strip", "Replace", "Whitespace", "Fuse", "ByteFallback", "Digits",
    "Punctuation", "Isolated", "Removed", "MergedWithNext", "Contiguous", "Left", "first", "never", "always", "Prepend", "Nmt",
    "StripAccents", "BertNormalizer", "BertPreTokenizer", "TemplateProcessing", "BertProcessing", "RobertaProcessing", "WhitespaceSplit",
]


def small(text: str) -> Members:
    """A tokenizer with the first tokens of its vocabulary, so that a mutation hits the structure."""
    tree = json.loads(text)
    model = tree["model"]
    added = {token["content"] for token in tree["added_tokens"]}
    texts = json.dumps([tree.get("post_processor"), model.get("unk_token")])
    if isinstance(model["vocab"], dict):
        kept = {}
        for token, id in sorted(model["vocab"].items(), key=lambda item: item[1]):
            if len(kept) < 300 or token in added or json.dumps(token) in texts:
                kept[token] = id
        model["vocab"] = kept
        merges = []
        for merge in model.get("merges", []):
            left, right = merge.split(" ") if isinstance(merge, str) else merge
            prefix = model.get("continuing_subword_prefix") or ""
            if {left, right, left + right.removeprefix(prefix)} <= kept.keys():
                merges.append(merge)
        if "merges" in model:
            model["merges"] = merges
    else:
        model["vocab"] = model["vocab"][: max(300, (model.get("unk_id") or 0) + 1)]
    return json_mutation.parse(json.dumps(tree))


def sources(root: Path) -> list[Members]:
    fixtures = root / "Tests/TokenizersTests/Fixtures"
    paths = sorted([*fixtures.glob("Families/*/tokenizer.json"), *fixtures.glob("Tokenizer/*/tokenizer.json")])
    trees = []
    for path in paths:
        tree = small(path.read_text())
        text = json_mutation.write(tree, random.Random(0))
        try:
            Tokenizer.from_str(text)
            trees.append(text)
        except Exception as error:
            raise SystemExit(f"{path}, shortened: {error}") from None
    return trees


def mutants(generator: random.Random, count: int, root: Path) -> Iterator[tuple[str, bytes]]:
    texts = sources(root)
    for index in range(count):
        text = generator.choice(texts)
        changes = []
        if generator.random() < 0.85:
            tree = json_mutation.parse(text)
            for _ in range(generator.choice([1, 1, 1, 1, 2, 3])):
                # Half of the changes are outside the vocabulary and the merges.
                place = tree
                if generator.random() < 0.5:
                    section = generator.choice([member for member in tree if isinstance(member[1], list) and member[1]] or [["", tree]])
                    place = section[1]
                if json_mutation.containers(place):
                    changes.append(json_mutation.mutate(place, generator, KEYS))
            text = json_mutation.write(tree, generator, generator.choice([0, 0, 0.05]))
            data = text.encode("utf-8", "surrogatepass")
        else:
            change, data = json_mutation.mutate_bytes(text.encode(), generator)
            changes.append(change)
        yield "; ".join(changes), data


def reference(data: bytes):
    try:
        # `Tokenizer.from_file` reads text; some errors about other bytes end the process.
        tokenizer = Tokenizer.from_str(data.decode())
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise Refused(str(error)) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def differs(tokenizer: Tokenizer, own: list) -> str | None:
    for result in own:
        text = result["text"]
        try:
            encoding = tokenizer.encode(text)
            plain = tokenizer.encode(text, add_special_tokens=False)
            decoded = tokenizer.decode(plain.ids, skip_special_tokens=False)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            # A panic is a fault of the reference, and no result to compare with.
            if "error" in result or type(error).__name__ == "PanicException":
                continue
            return f"no error, expected {str(error)[:60]}"
        if "error" in result:
            return f"an error for a text: {result['error']}"
        for name, expected in [
            ("ids", encoding.ids), ("types", encoding.type_ids), ("offsets", [list(pair) for pair in encoding.offsets]),
            ("decoded", decoded),
        ]:
            if result[name] != expected:
                return f"{name} of {text!r}: {result[name]}, expected {expected}"
    return None
