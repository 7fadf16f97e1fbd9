"""The two vocabularies, trained on what the grammars say, in the form of T5's and GPT-2's files."""

import json
import math
from collections import Counter

from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers,
)

# A piece is kept from so many occurrences on.
LEAST = 3
LETTER_SCORE = -16.0
LETTERS = [chr(code) for code in range(33, 127)] + list("àâäçéèêëîïôöùûüœÀÂÇÉÈÊËÎÏÔÙÛŒ▁")


WORDS = (pre_tokenizers.WhitespaceSplit(),
         pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"))


def scored_pieces(texts):
    """The texts' words, cut at punctuation and after an apostrophe, with the logarithms of their shares."""
    cut = pre_tokenizers.Sequence([
        *WORDS, pre_tokenizers.Split(Regex(r"[.,?:!]"), "isolated"),
        pre_tokenizers.Split(Regex(r"'"), "merged_with_previous"),
    ])
    counts = Counter(piece for text in texts for piece, _ in cut.pre_tokenize_str(text))
    pieces = [(piece, count) for piece, count in counts.most_common() if count >= LEAST]
    total = sum(count for _, count in pieces)
    return [(piece, math.log(count / total)) for piece, count in pieces]


def extended_t5_tokenizer(file, texts):
    """The tokenizer of a file with the pieces of these texts that it lacks: its own keep their ids."""
    layout = json.loads(file.read_text(encoding="utf-8"))
    vocabulary = layout["model"]["vocab"]
    known = {piece for piece, _ in vocabulary}
    vocabulary += [[piece, score] for piece, score in scored_pieces(texts) if piece not in known]
    return Tokenizer.from_str(json.dumps(layout, ensure_ascii=False))


def t5_tokenizer(texts):
    """Unigram with Metaspace, and `</s>` after the text, as T5's tokenizer.json has it.

    The pieces are the texts' words, cut at punctuation and after an apostrophe (l' + arbre), each
    with the logarithm of its share of the texts; letters, far less likely, spell all other words.
    """
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace("’", "'"),
    ])
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *scored_pieces(texts)]
    known = dict(vocabulary)
    vocabulary += [(letter, LETTER_SCORE) for letter in LETTERS if letter not in known]
    tokenizer.model = models.Unigram(vocabulary, unk_id=2, byte_fallback=False)
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True)
                                  for token in ("<pad>", "</s>", "<unk>")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(list(WORDS))
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    return tokenizer


def gpt2_tokenizer(texts, size):
    """Byte-level BPE as GPT-2's, with `<|endoftext|>`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=[AddedToken("<|endoftext|>", normalized=True)],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
