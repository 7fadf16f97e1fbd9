"""The matrices of a lesson, computed again in double precision from X, the weight matrices and the options."""

import numpy


def matrix(node):
    return None if node is None else numpy.array(node["rows"], float)


def softmax(scores):
    exponentials = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def expected_matrices(data):
    """By the names on the page: `[token, feature]`, or `[head, query, key or feature]` for matrices of a head."""
    x, count = matrix(data["embeddings"]), len(data["heads"])
    whole = {}
    for letter, name in (("Q", "queries"), ("K", "keys"), ("V", "values")):
        projections = data["projections"]
        whole[letter] = matrix(data[name]) if x is None else x @ matrix(projections[name])
    q, k, v = (numpy.stack(numpy.split(whole[letter], count, axis=1)) for letter in "QKV")
    products = q @ k.transpose(0, 2, 1)
    scores = products / numpy.sqrt(q.shape[2]) if data["isScaled"] else products
    if data["isCausal"]:
        scores = numpy.where(numpy.tri(q.shape[1], dtype=bool), scores, -numpy.inf)
    weights = softmax(scores)
    outputs = weights @ v
    joined = numpy.concatenate(list(outputs), axis=1)
    output_weight = matrix(data["outputWeight"])
    return {
        **whole, "X": x, "Scores": products, "Scaled scores": scores, "Masked scores": scores, "Weights": weights,
        "Output": outputs, "Heads": joined,
        "Result Y": None if output_weight is None else joined @ output_weight,
    }
