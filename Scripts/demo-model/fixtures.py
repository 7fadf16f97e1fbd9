"""The held-out examples that the package's tests ask the model, and what it answered here."""

import json

COUNTS = {"translation": 200, "translation of new pairs": 60, "translation of texts": 100,
          "summarization": 100, "question": 200, "question about a clause": 200}
# Of how many of each the ids of the reference's answers are kept.
WITH_IDS = 6


def write(path, tokenizer, sets, answers):
    """One JSON object a line: task, input, expected; for a few the input's ids and the greedy answer's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, count in COUNTS.items():
        for index, example in enumerate(sets[name][:count]):
            line = {"task": name, "input": example.input, "expected": example.expected}
            if index < WITH_IDS:
                line["inputIds"] = tokenizer.encode(example.input).ids
                line["ids"] = answers[name][index]
            lines.append(json.dumps(line, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_shown(path, examples):
    """What the toys are asked about the texts that the documentation shows, one JSON object a line."""
    lines = [json.dumps({"task": example.task, "input": example.input, "expected": example.expected},
                        ensure_ascii=False) for example in examples]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
