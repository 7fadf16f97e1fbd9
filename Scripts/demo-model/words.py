"""Writes words.txt, the words of the training texts, to the folders of the models.

    python Scripts/demo-model/words.py

The file has one word per line, in lower case and sorted, with `'` for every apostrophe. The library warns
about words of a text that are not in the list.
"""

import re

PREFIXES = re.compile(r"^(translate English to French: |summarize: |question: )| context: ")


def write(folder, texts):
    """Writes the words of the texts without task prefixes, and returns their number."""
    words = set()
    for text in texts:
        words |= set(re.findall(r"[^\W_]+(?:'[^\W_]+)*", PREFIXES.sub(" ", text).lower()))
    (folder / "words.txt").write_text("".join(f"{word}\n" for word in sorted(words)), encoding="utf-8")
    return len(words)


def t5_texts():
    """Prompts of every task, all nouns and names, and both spellings of grey."""
    import lexicon
    import tasks

    examples = tasks.Examples(0)
    for task, count in (("translation", 40_000), ("texts", 5_000), ("summarization", 5_000),
                        ("question", 10_000), ("question about a clause", 30_000)):
        for _ in range(count):
            yield examples.any(task).input
    for source in [None] + [examples.random] * 50:  # With the documented words in the slots, and with others.
        yield from (example.input for example in tasks.shown_examples(source))
    yield "gray " + " ".join(lexicon.MEN + lexicon.WOMEN)
    yield from (f"{noun.english} {noun.plural}" for noun in lexicon.NOUN.values())


def gpt2_texts(count=20_000):
    """Training stories."""
    import toy_gpt2

    source = toy_gpt2.tales(toy_gpt2.TRAINING_SEED)
    for _ in range(count):
        yield next(source)


if __name__ == "__main__":
    from pathlib import Path

    models = Path(__file__).resolve().parents[2] / "Sources/DemonstrationModels/Resources/Demonstration"
    write(models / "toy-t5", t5_texts())
    write(models / "toy-gpt2", gpt2_texts())
