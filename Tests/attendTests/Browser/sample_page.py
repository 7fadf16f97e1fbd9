"""Writes attention pages with made-up data, to look at the page and to test it without a model.

    python3 sample_page.py FOLDER

FOLDER gets bert.html (a pair of texts), decoder.html (with readout), t5.html (three maps, position bias) and
large.html (512 tokens, 12 × 12 heads, sparse).
"""

import base64
import html
import json
import pathlib
import re
import sys

import numpy

PAGE = pathlib.Path(__file__).resolve().parents[3] / "Sources/AttentionModels/Resources/Page"


def encoded(array, kind):
    return base64.b64encode(numpy.ascontiguousarray(array, dtype=kind).tobytes()).decode()


def side(name, texts, special=("[CLS]", "[SEP]"), piece=5):
    """The tokens of texts: long words are split into pieces; the special tokens enclose each text."""
    result = {"name": name, "texts": texts, "tokens": [], "shown": [], "text": [], "offsets": [], "special": [], "words": []}

    def add(token, shown, text, offsets, is_special=False):
        for key, value in zip(("tokens", "shown", "text", "offsets", "special"), (token, shown, text, offsets, is_special)):
            result[key].append(value)

    def add_special(token):
        add(token, token, -1, [0, 0], True)
        result["words"].append([len(result["tokens"]) - 1, len(result["tokens"])])

    if special[0]:
        add_special(special[0])
    for index, text in enumerate(texts):
        for match in re.finditer(r"\w+|[^\w\s]", text):
            first, start = len(result["tokens"]), match.start()
            word = match.group()
            cuts = [0, piece, len(word)] if len(word) > piece + 4 else [0, len(word)]
            for a, b in zip(cuts, cuts[1:]):
                add(("##" if a else "") + word[a:b].lower(), word[a:b], index, [start + a, start + b])
            result["words"].append([first, len(result["tokens"])])
        if special[1]:
            add_special(special[1])
    return result


def pattern(generator, kind, queries, keys, same):
    """Scores of a head that looks at the previous token, at equal words, at special tokens, and so on."""
    i, j = numpy.arange(len(queries["tokens"]))[:, None], numpy.arange(len(keys["tokens"]))[None, :]
    special = numpy.array(keys["special"])[None, :]
    noise = generator.normal(0, 0.5, (i.shape[0], j.shape[1]))
    if kind == "previous":
        return noise + 5.0 * (j == i - 1)
    if kind == "next":
        return noise + 4.5 * (j == i + 1)
    if kind == "near":
        return noise - 0.8 * numpy.abs(i - j)
    if kind == "special":
        return noise + 4.0 * special
    if kind == "first":
        return noise + 5.0 * (j == 0)
    if kind == "same":
        return noise + 4.0 * same + 1.0 * special
    return generator.normal(0, 1.4, noise.shape)


def softmax(scores):
    shifted = numpy.exp(scores - scores.max(-1, keepdims=True))
    return shifted / shifted.sum(-1, keepdims=True)


def attention(generator, kind, sides, query_side, key_side, layers, heads, dimension, causal=False, bias=False,
              softcap=None, with_steps=None, sparse=None):
    """One map. Queries and keys come from a factorization of the scores, so that all steps agree with the weights."""
    queries, keys = sides[query_side], sides[key_side]
    count, key_count = len(queries["tokens"]), len(keys["tokens"])
    words = lambda s: [t.lower() for t in s["shown"]]
    same = numpy.array([[a == b for b in words(keys)] for a in words(queries)])
    if query_side == key_side:
        numpy.fill_diagonal(same, False)
    masked = numpy.triu(numpy.ones((count, key_count), bool), 1) if causal else None
    kinds = ["previous", "next", "near", "special", "first", "same", "any", "any"]
    if causal:
        kinds = ["previous", "near", "first", "same", "first", "any"]
    scale = dimension ** -0.5 if not bias else 1.0
    weights = numpy.zeros((layers, heads, count, key_count), numpy.float32)
    steps = {"heads": [], "scale": [], "softcap": [], "keyHeads": [], "queries": [], "keys": [], "values": [], "logSumExp": []}
    distance = numpy.abs(numpy.arange(count)[:, None] - numpy.arange(key_count)[None, :])
    for layer in range(layers):
        for head in range(heads):
            scores = pattern(generator, kinds[generator.integers(len(kinds))], queries, keys, same)
            if with_steps is not None and (with_steps == "all" or [layer, head] in with_steps):
                u, s, v = numpy.linalg.svd(scores / scale, full_matrices=False)
                rank = min(dimension, len(s))
                rotation = numpy.linalg.qr(generator.normal(size=(dimension, dimension)))[0][:rank]
                q = (u[:, :rank] * numpy.sqrt(s[:rank])) @ rotation
                k = (v[:rank].T * numpy.sqrt(s[:rank])) @ rotation
                scores = scale * q @ k.T
                steps["heads"].append([layer, head])
                steps["scale"].append(scale)
                steps["softcap"].append(softcap)
                steps["keyHeads"].append(len(steps["keyHeads"]))
                steps["queries"].append(q)
                steps["keys"].append(k)
                steps["values"].append(generator.normal(size=(key_count, dimension)))
                if softcap:
                    scores = softcap * numpy.tanh(scores / softcap)
                if bias:
                    scores = scores - numpy.log1p(distance) * (0.3 + 0.2 * head)
                masked_scores = numpy.where(masked, -numpy.inf, scores) if causal else scores
                top = masked_scores.max(-1)
                steps["logSumExp"].append(top + numpy.log(numpy.exp(masked_scores - top[:, None]).sum(-1)))
            elif count > 100:
                scores = scores * 1.6
            weights[layer, head] = softmax(numpy.where(masked, -numpy.inf, scores) if causal else scores)
    entropy = -(weights * numpy.log2(numpy.maximum(weights, 1e-12))).sum(-1).mean(-1)
    figures = {"entropy": encoded(entropy, "<f4"),
               "special": encoded(weights[..., numpy.array(keys["special"])].sum(-1).mean(-1), "<f4"),
               "rank": encoded(2 ** (entropy * 0.7), "<f4") if count < 100 else None}
    if query_side == key_side:
        figures["distance"] = encoded((weights * distance).sum(-1).mean(-1), "<f4")
    if sparse:
        kept = weights >= sparse
        stored = {"type": "sparse", "threshold": sparse, "counts": encoded(kept.sum(-1), "<u2"),
                  "keys": encoded(numpy.nonzero(kept)[3], "<u2"), "values": encoded(numpy.rint(weights[kept] * 65535), "<u2")}
    else:
        stored = {"type": "dense", "data": encoded(weights, "<f4")}
    if steps["heads"]:
        for name in ("queries", "keys", "values", "logSumExp"):
            steps[name] = encoded(numpy.array(steps[name]), "<f4")
        steps.update(keyDimension=dimension, valueDimension=dimension)
    return {"kind": kind, "queries": query_side, "keys": key_side, "layers": layers, "heads": heads, "isCausal": causal,
            "weights": stored, "figures": figures, "steps": steps if steps["heads"] else None}


def states(generator, index, tokens, layers):
    """Points that start at the same place for equal words and drift with the neighbours of each token."""
    names = sorted({t.lower() for t in tokens["shown"]})
    place = generator.normal(size=(len(names), 2))
    points = [place[[names.index(t.lower()) for t in tokens["shown"]]]]
    drift = generator.normal(0, 0.6, points[0].shape) + numpy.array(tokens["text"])[:, None] * [0.5, -0.35]
    for layer in range(1, layers):
        points.append(points[0] + drift * layer / (layers - 1) * 1.8 + generator.normal(0, 0.08, points[0].shape))
    if len(tokens["tokens"]) > 14:
        for layer in range(1, layers):
            points[layer][0] = [40, 25]
    return {"side": index, "layers": layers, "points": encoded(numpy.array(points), "<f4"), "explained": [0.41, 0.12]}


def readout(generator, index, tokens, layers, count=5):
    table = sorted({t for t in tokens["shown"]} | {" the", "\n", " because", " tired", " it", " and", " hungry", " moved"})
    length = len(tokens["tokens"])
    choices = numpy.array([[generator.permutation(len(table))[:count] for _ in range(length)] for _ in range(layers)])
    probabilities = numpy.zeros((layers, length, count))
    for token in range(length):
        following = table.index(tokens["shown"][min(token + 1, length - 1)])
        begin = generator.integers(2, layers)
        for layer in range(layers):
            sharp = 0.3 + 2.5 * layer / layers if layer >= begin else 0.2
            probabilities[layer, token] = softmax(-sharp * numpy.arange(count)) * (0.2 + 0.75 * (layer + 1) / layers)
            if layer >= begin:
                row = [c for c in choices[layer, token] if c != following][:count - 1]
                choices[layer, token] = [following] + row
    return {"side": index, "layers": layers, "count": count, "tokens": table, "choices": encoded(choices, "<u4"),
            "probabilities": encoded(probabilities, "<f4")}


def fill(data):
    """Fills the template in one pass, so that a text may contain the name of a placeholder."""
    parts = {"title": html.escape(data["title"]), "style": (PAGE / "page.css").read_text(),
             "script": "".join(path.read_text() for path in sorted(PAGE.glob("page-*.js"))),
             "data": json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")}
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match.group(1)], (PAGE / "page.html").read_text())


def page(title, sides, maps, state_list, readout_data=None):
    return {"format": 1, "title": title, "generator": "swift-attention (sample)", "sides": sides, "maps": maps,
            "states": state_list, "readout": readout_data}


def bert(generator):
    sides = [side("input", ["The bank was closed.", "We sat on the bank, undeniably tired."])]
    return page("toy-bert", sides, [attention(generator, "encoder", sides, 0, 0, 6, 12, 32, with_steps="all")],
                [states(generator, 0, sides[0], 7)])


def decoder(generator):
    text = "The cat did not cross the street because it was too tired and the cat was hungry <b>"
    sides = [side("input", [text], special=(None, None))]
    maps = [attention(generator, "decoder", sides, 0, 0, 12, 12, 64, causal=True, softcap=50.0,
                      with_steps=[[5, 1], [7, 3], [10, 11]])]
    return page("toy-gpt2", sides, maps, [states(generator, 0, sides[0], 13)], readout(generator, 0, sides[0], 12))


def encoder_decoder(generator):
    sides = [side("input", ["The animal did not cross the street because it was tired."], special=(None, "</s>")),
             side("output", ["Das Tier ging nicht über die Straße, weil es müde war."], special=("<s>", "</s>"))]
    maps = [attention(generator, "encoder", sides, 0, 0, 6, 8, 32, bias=True, with_steps="all"),
            attention(generator, "decoder", sides, 1, 1, 6, 8, 32, causal=True, bias=True, with_steps="all"),
            attention(generator, "cross", sides, 1, 0, 6, 8, 32, with_steps="all")]
    return page("toy-t5", sides, maps, [states(generator, 0, sides[0], 7), states(generator, 1, sides[1], 7)],
                readout(generator, 1, sides[1], 6))


def large(generator):
    words = ("the a of cat river bank mind light quiet morning letter window stone garden because when under over walks "
             "sees opens keeps forgets remembers slowly never again small green old distant").split()
    text = " ".join(generator.choice(words) + ("." if n % 11 == 10 else "") for n in range(464))
    sides = [side("input", [text])]
    for key in ("tokens", "shown", "text", "offsets", "special"):
        sides[0][key] = sides[0][key][:512]
    sides[0]["words"] = [[a, min(b, 512)] for a, b in sides[0]["words"] if a < 512]
    maps = [attention(generator, "encoder", sides, 0, 0, 12, 12, 64, with_steps=[[4, 4]], sparse=0.003)]
    return page("toy-bert-base", sides, maps, [states(generator, 0, sides[0], 13)])


SAMPLES = {"bert": bert, "decoder": decoder, "t5": encoder_decoder, "large": large}

if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, make) in enumerate(SAMPLES.items()):
        (folder / f"{name}.html").write_text(fill(make(numpy.random.default_rng(seed + 7))))
        print(folder / f"{name}.html")
