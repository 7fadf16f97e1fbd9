"""The model cards of the toy encoders."""

from cards import COMMAND, percent


def text(toy, report):
    card = toy.card
    figures = "\n".join(f"| {name} | {percent(value)} |" for name, value in report["figures"])
    shown = "\n".join(f"| {input} | {result} |" for input, result in report["demonstrations"])
    cut = f" of {report['planned']:,}, cut by time" if report["steps"] < report["planned"] else ""
    return f"""---
language: en
license: apache-2.0
tags: [toy, {card.tags}]
---

# {toy.name}

**A toy.** A BERT trained from scratch in a few minutes on sentences of a small grammar, for trying and testing
{card.purpose} without a download. For texts outside the grammar, its output is nonsense. For real
work, use a real model: {card.real_models}.

{report['parameters']:,} parameters, stored in float16. Made by `{COMMAND} --model {toy.name.removeprefix('toy-')}` on {report['date']} with PyTorch {report['torch']} and transformers {report['transformers']}: {report['steps']:,} steps{cut}, {report['processor_seconds']:.0f} seconds of one core.

## Training data

{card.data}
`words.txt` lists its {report['words']} words. The vocabulary has {report['vocabulary']} word pieces.

## Evaluation

On {report['test_count']} examples held out by their hash, with weights in float16 and computation in float32:

| | |
| --- | ---: |
{figures}

Examples:

| input | result |
| --- | --- |
{shown}

## Limitations

{card.limitations}
It knows {report['words']} words, in the forms of its grammar. A text has at most {toy.size.max_position_embeddings} tokens.

## License

Apache-2.0, like the package. The grammar generates the training data.
"""
