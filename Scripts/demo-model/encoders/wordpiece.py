"""WordPiece tokenizers in the form of BERT's tokenizer.json."""

import string
from collections import Counter

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def _normalizer(lowercase):
    return normalizers.BertNormalizer(lowercase=lowercase)


def _words(texts, lowercase):
    """The words of the texts with their counts, as BERT splits them."""
    normalizer, cut = _normalizer(lowercase), pre_tokenizers.BertPreTokenizer()
    return Counter(word for text in texts
                   for word, _ in cut.pre_tokenize_str(normalizer.normalize_str(text)))


def _letters(lowercase):
    letters = string.ascii_lowercase + string.digits
    letters += "" if lowercase else string.ascii_uppercase
    return letters


def whole_words(texts, size, lowercase=True):
    """A tokenizer with the most frequent words of the texts; single characters spell all other words."""
    letters = _letters(lowercase)
    vocabulary = [*SPECIAL, *string.punctuation, *letters, *("##" + letter for letter in letters)]
    known = set(vocabulary)
    for word, _ in _words(texts, lowercase).most_common():
        if word not in known and len(vocabulary) < size:
            vocabulary.append(word)
    return bert_tokenizer(vocabulary, lowercase)


def pieces(texts, words, size, lowercase=False):
    """A tokenizer with the given words, and with pieces that are learned from the other words of the texts."""
    letters = _letters(lowercase)
    vocabulary = [*SPECIAL, *string.punctuation, *letters, *("##" + letter for letter in letters)]
    vocabulary += sorted(set(words) - set(vocabulary))
    others = Counter({word: count for word, count in _words(texts, lowercase).items() if word not in words})
    learner = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    learner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    learner.train_from_iterator(
        others.elements(), trainers.WordPieceTrainer(vocab_size=size, show_progress=False))
    known = set(vocabulary)
    for piece, _ in sorted(learner.get_vocab().items(), key=lambda entry: entry[1]):
        if piece not in known and len(vocabulary) < size:
            vocabulary.append(piece)
    return bert_tokenizer(vocabulary, lowercase)


def bert_tokenizer(vocabulary, lowercase):
    ids = {piece: index for index, piece in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.normalizer = _normalizer(lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])])
    return tokenizer


def encode(tokenizer, texts):
    """Encodes texts or pairs of texts; returns the encodings, padded to the longest."""
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
    encodings = tokenizer.encode_batch(texts)
    tokenizer.no_padding()
    return encodings
