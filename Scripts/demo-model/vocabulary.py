"""The two vocabularies, trained on texts of the grammars, in the form of T5's and GPT-2's files."""

import json
import math
from collections import Counter

from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers,
)

# The minimum number of occurrences of a piece.
LEAST = 3
LETTER_SCORE = -16.0
LETTERS = [chr(code) for code in range(33, 127)] + list("àâäçéèêëîïôöùûüœÀÂÇÉÈÊËÎÏÔÙÛŒ▁")


WORDS = (pre_tokenizers.WhitespaceSplit(),
         pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"))


def scored_pieces(texts):
    """The words of the texts, split at punctuation and after apostrophes, with their log-probabilities."""
    cut = pre_tokenizers.Sequence([
        *WORDS, pre_tokenizers.Split(Regex(r"[.,?:!]"), "isolated"),
        pre_tokenizers.Split(Regex(r"'"), "merged_with_previous"),
    ])
    counts = Counter(piece for text in texts for piece, _ in cut.pre_tokenize_str(text))
    pieces = [(piece, count) for piece, count in counts.most_common() if count >= LEAST]
    total = sum(count for _, count in pieces)
    return [(piece, math.log(count / total)) for piece, count in pieces]


def extended_t5_tokenizer(file, texts):
    """The tokenizer of a file plus missing pieces of these texts; existing pieces keep their ids."""
    layout = json.loads(file.read_text(encoding="utf-8"))
    vocabulary = layout["model"]["vocab"]
    known = {piece for piece, _ in vocabulary}
    vocabulary += [[piece, score] for piece, score in scored_pieces(texts) if piece not in known]
    return Tokenizer.from_str(json.dumps(layout, ensure_ascii=False))


def t5_tokenizer(texts):
    """Unigram with Metaspace, and `</s>` after the text, like T5's tokenizer.json.

    The pieces are the words of the texts, split at punctuation and after apostrophes (l' + arbre), with
    their log-probabilities; letters with a much lower probability spell all other words.
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
    """Byte-level BPE like GPT-2's, with `<|endoftext|>`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=[AddedToken("<|endoftext|>", normalized=True)],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
