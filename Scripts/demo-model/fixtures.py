"""Writes held-out examples with the model's answers in PyTorch, for the tests of the package."""

import json

COUNTS = {"translation": 200, "translation of new pairs": 60, "translation of texts": 100,
          "summarization": 100, "question": 200, "question about a clause": 200}
# The number of examples of each task with the ids of the reference answers.
WITH_IDS = 6


def write(path, tokenizer, sets, answers):
    """One JSON object per line: task, input, expected; some also with the ids of input and greedy answer."""
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
    """Prompts about the texts in the documentation, one JSON object per line."""
    lines = [json.dumps({"task": example.task, "input": example.input, "expected": example.expected},
                        ensure_ascii=False) for example in examples]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
