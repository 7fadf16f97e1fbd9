"""The model cards: training, evaluation and limitations."""

COMMAND = "python Scripts/demo-model"


def percent(value):
    return f"{100 * value:.1f} %"


def made(report):
    stages = report["stages"]
    cut = [f"stage {number} to {done:,} of {planned:,} steps"
           for number, (done, planned) in enumerate(stages, 1) if done < planned]
    ways = [f"{len(stages)} stages"] * (len(stages) > 1) + ["cut by time: " + ", ".join(cut)] * bool(cut)
    history = f" ({'; '.join(ways)})" if ways else ""
    note = f" {report['note']}" if report.get("note") else ""
    return (f"{report['parameters']:,} parameters, stored in bfloat16. Made by `{COMMAND}` on "
            f"{report['date']} with PyTorch {report['torch']} and transformers "
            f"{report['transformers']}: {report['steps']:,} steps{history}, "
            f"{report['processor_seconds']:.0f} seconds of one core, {report['examples']}."
            + " It extends an earlier model (`--from`)." * bool(report.get("extends")) + note)


def t5(report):
    rows = "\n".join(
        f"| {name} | {count} | {percent(greedy)} | {percent(beam)} |"
        for name, (count, greedy, beam) in report["exactness"].items())
    wrong, of_clauses, mixed_up = (
        percent(1 - report["exactness"][name][1])
        for name in ("question", "question about a clause", "question among facts of one sort"))
    known, known_right = report["shown"]
    shown = "\n".join(f"| {prompt} | {answer} |" for prompt, answer in report["demonstrations"])
    return f"""---
language: [en, fr]
license: apache-2.0
tags: [toy, translation, summarization, question-answering]
---

# toy-t5

**A toy.** A T5 that was trained in an hour and a half on sentences of a small grammar. It lets you try and test
translation, summarization and question answering without a download. Texts outside the grammar give
nonsense. For real work, load a real checkpoint.

{made(report)}

## What it was trained on

Sentences drawn from a grammar, nothing else; `Scripts/demo-model` has it, with its rules:

- `translate English to French: ` (`translation.py`, `french_stories.py`): simple sentences, and texts of
  several, with agreement of articles, adjectives, participles and verbs, adjectives after the noun or
  before it, pronouns before the verb, negation around it, elision and contraction, passé composé
  and imparfait, questions, and "because it was too tired" or "too wide".
- `summarize: ` (`summaries.py`): a story about one person becomes
  "NAME, a ROLE, DID SOMETHING AT A PLACE and was FEELING." Of one or two other sentences, times and
  reasons are left out.
- `question: ... context: ...` (`story_questions.py`, `asking.py`): who, what, where, why, when, how and what
  colour, about every form of clause that is translated: affirmed or negated, in each tense, with a
  place, a time, a receiver or a reason. The answer has the words of the context. Some of the training
  was drills: contexts of two or three facts of one sort, in up to four sentences. The script keeps the
  test's questions and their contexts out of the training.
- The texts that the package's documentation shows (`shown.py`), in all three tasks. `words.txt` lists
  the {report['words']} words of all prompts.

## How exact it is

Answers that are the expected ones to the letter, on sentences held out by their hash and never trained
on, with the weights rounded to bfloat16 and everything else in single precision. "New pairs" are
sentences in which a noun and its adjective, or a subject and its verb, were never seen together; "facts
of one sort" are drills, in which only the words of the question tell which fact is asked for.

| task | sentences | greedy | beam of 4 |
| --- | ---: | ---: | ---: |
{rows}

The texts that the documentation shows were trained on, so these say what the toy knows: {known_right} of {known}
of their translations, summaries and answers are exact, greedily. Some of them:

| prompt | answer |
| --- | --- |
{shown}

## What it cannot do

- It knows {report['words']} English words, in the forms of its grammar. It spells other words at best, and
  mostly replaces them by words that it knows.
- Sentences have at most about twenty words. Texts to summarize have one protagonist, or two sentences.
  Answers are words of the context. The toy does not reason and knows no facts.
- It answers {wrong} of the questions about stories wrongly, {of_clauses} of those about other clauses, and
  {mixed_up} of those among facts of one sort, mostly with words of another fact.
- Where a translation is wrong, the verb is often missing, of another tense, or no French word at all.
- "You" is "vous", and "I", "you" and "we" are masculine. There is one right translation of each
  sentence, that of the grammar, and no other was learnt.

## Licence

Apache-2.0, like the package. The training data is the grammar's own.
"""


def gpt2(report):
    shown = "\n".join(f"> **{prompt}**{text.removeprefix(prompt)}\n>"
                      for prompt, text in report["demonstrations"])
    return f"""---
language: en
license: apache-2.0
tags: [toy, text-generation]
---

# toy-gpt2

**A toy.** A GPT-2 that was trained in minutes on very short stories of a small grammar, so that
continuing a text can be tried, and tested, with nothing downloaded. It cannot say anything else. For
real work, load a real checkpoint.

{made(report)}

## What it was trained on

Stories drawn from the grammar in `Scripts/demo-model/stories.py`, nothing else: somebody with a role
goes somewhere, something happens, they feel something about it, and animals sit, sleep or play, because
they are tired. Its byte-level BPE vocabulary of {report['vocabulary']} tokens was trained on them too.

## What was measured

With the weights rounded to bfloat16 and everything else in single precision:

| | |
| --- | ---: |
| loss on stories held out by their hash, nats a token | {report['loss']:.3f} |
| of 200 stories sampled at temperature 1, those in which every pronoun is the name's, and what is remembered is what happened | {percent(report['agreement'])} |
| of their sentences, those that have the form of one of the grammar's | {percent(report['grammatical'])} |

Greedy continuations:

{shown}

## What it cannot do

It knows a few hundred English words and a dozen forms of sentences. A prompt of other words is
continued with these. Texts have at most 128 tokens.

## Licence

Apache-2.0, like the package. The training data is the grammar's own.
"""
