"""Auxiliary losses for the training of toys that compare two texts. The finished models do not have them.

One label of a pair of texts is a weak signal for learning to match the words of both. For toy-answers, the
training also asks, for each token of the context,

    after layer 1    whether the question has the same token,
    after layer 2    whether the token is in the sentence with the answer.

Without these losses, a training of 2,000 steps does not learn to use the words of the question. For toy-nli and
toy-rerank, the training also asks after layer 1 for the subject of each word that has only one subject.
"""

import re
from collections import defaultdict

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy


class WithMatching(nn.Module):
    """A BERT for question answering with two linear layers for the auxiliary losses."""

    def __init__(self, model, share=0.5):
        super().__init__()
        self.model, self.share = model, share
        size = model.config.hidden_size
        self.same_token_classifier = nn.Linear(size, 1)
        self.sentence_classifier = nn.Linear(size, 1)

    def forward(self, same_tokens, sentences, **inputs):
        output = self.model(**inputs, output_hidden_states=True)
        context = inputs["token_type_ids"] == 1
        for layer, classifier, labels in ((1, self.same_token_classifier, same_tokens),
                                          (2, self.sentence_classifier, sentences)):
            logits = classifier(output.hidden_states[layer])[..., 0]
            output.loss = output.loss + self.share * binary_cross_entropy_with_logits(
                logits[context], labels[context])
        return output


def labels(input_ids, token_type_ids, starts, stop_id):
    """The labels of both losses: 1 for tokens that the question has, and for the sentence with the answer.

    Sentences end at the token `stop_id`. Without an answer (start 0), no sentence has it.
    """
    same_tokens = torch.zeros(input_ids.shape)
    sentences = torch.zeros(input_ids.shape)
    for row, start in enumerate(starts):
        question = input_ids[row][token_type_ids[row] == 0]
        same_tokens[row] = torch.isin(input_ids[row], question).float()
        if 0 < start < input_ids.shape[1]:
            number = torch.cumsum(input_ids[row] == stop_id, 0)
            number = number - (input_ids[row] == stop_id).long()  # A full stop belongs to its sentence.
            sentences[row] = (number == number[start]).float()
    return {"same_tokens": same_tokens, "sentences": sentences}


class WithSubjects(nn.Module):
    """A BERT for pairs of texts, with a linear layer for the subject of each word."""

    def __init__(self, model, count, share=0.5):
        super().__init__()
        self.model, self.share = model, share
        self.subject_classifier = nn.Linear(model.config.hidden_size, count)

    def forward(self, subjects, **inputs):
        output = self.model(**inputs, output_hidden_states=True)
        logits = self.subject_classifier(output.hidden_states[1])
        output.loss = output.loss + self.share * cross_entropy(
            logits.flatten(0, 1), subjects.flatten(), ignore_index=-100)
        return output


def subject_words(texts):
    """From lists of texts, one for each subject: the index of the subject for words of only one subject."""
    found = defaultdict(set)
    for index, group in enumerate(texts):
        for word in re.findall(r"[a-z0-9]+", re.sub(r"\{\w\}", "", " ".join(group)).lower()):
            found[word].add(index)
    return {word: indices.pop() for word, indices in found.items() if len(indices) == 1}


def subject_labels(tokenizer, input_ids, words):
    """The subject of each token; -100 for tokens without one."""
    table = torch.full((tokenizer.get_vocab_size(),), -100)
    for word, subject in words.items():
        token = tokenizer.token_to_id(word)
        if token is not None:
            table[token] = subject
    return table[input_ids]
