"""Trains and evaluates the demonstration models, and writes their folders and the test fixtures.

    python3 -m venv venv && venv/bin/pip install -r Scripts/demo-model/requirements.txt
    venv/bin/python Scripts/demo-model --work FOLDER [--model MODEL] [--minutes M] [--refine]
                                              [--from FOLDER]

MODEL is t5, gpt2, or one of the toy encoders: answers, names, sentiment, fill, nli, rerank, topics. Without
--model, everything is trained. encoders/__init__.py lists the files of the toy encoders. Their training has
one stage of at most about five minutes.

Training of the T5 and the GPT-2 has several stages (STAGES in toy_t5.py and toy_gpt2.py). After each stage the
model is saved in FOLDER/t5.pt or FOLDER/gpt2.pt, and another run continues from there. After the last stage, a
run only evaluates and writes the model again, or trains it further with --refine, by the stage REFINING.
Seeds are fixed and a single thread computes. Even so, another processor, or a run that --minutes ends early,
gives a slightly different model. Requires the packages of requirements.txt, and takes about three hours on one
core.

The T5 is trained in a larger form first, whose folder is FOLDER/t5-large; the model of the package is smaller, and
learns from its outputs (stages DISTILLING). With --from, the T5 starts from the weights and the vocabulary of an
earlier one: of a larger one, by the same stages; of a toy-t5, by the stages EXTENDING, for new words. Each folder
also gets words.txt: the words of all prompts, one per line.

    lexicon.py       the words                    french.py           elision, contraction, agreement
    translation.py   English and French           stories.py          the stories' sentences
    asking.py        questions about clauses      story_questions.py  questions about stories
    summaries.py     texts and summaries          french_stories.py   stories in French
    shown.py         the documentation's texts    words.py            words.txt
    tasks.py         prefixes, held-out examples  vocabulary.py       both vocabularies
    toy_t5.py        the T5                       distillation.py     a smaller T5 from a larger one
    toy_gpt2.py      the GPT-2                    training.py         the training loop
    checkpoint.py    Hugging Face files           cards.py            model cards (README.md)
    fixtures.py      test fixtures
"""

import argparse
import dataclasses
import datetime
import functools
import importlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import transformers
from tokenizers import Tokenizer

import cards
import checkpoint
import distillation
import encoders
import fixtures
import tasks
import toy_gpt2
import toy_t5
import training
import words

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "Sources/DemonstrationModels/Resources/Demonstration"
FIXTURE = ROOT / "Tests/DemonstrationModelsTests/Fixtures/Demo/held-out.jsonl"
ENCODER_FIXTURE = ROOT / "Tests/DemonstrationModelsTests/Fixtures/Encoders/examples.json"
TEST_COUNT = 500


@dataclasses.dataclass
class Course:
    """How one model is trained: its tokenizer, its first weights, its stages, and its loss.

    `fresh` makes a model for saved weights from the size of its vocabulary, `first` one before its first stage
    from its tokenizer.
    """

    vocabulary: Callable
    fresh: Callable
    first: Callable
    stages: list
    refining: training.Stage
    batches: Callable
    seed: int
    rates: dict
    notes: dict = dataclasses.field(default_factory=dict)
    loss: Callable = training.own_loss


def trained(kind, course, arguments):
    """Trains the remaining stages of a kind, and returns the model, the tokenizer and a report."""
    work = arguments.work
    tokenizer_file, model_file = work / f"{kind}-tokenizer.json", work / f"{kind}.pt"
    if model_file.exists():
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
        model = course.fresh(tokenizer.get_vocab_size())
        saved = torch.load(model_file)
        model.load_state_dict(saved["state"])
        made = saved["made"]
    else:
        tokenizer = course.vocabulary()
        tokenizer.save(str(tokenizer_file))
        model = course.first(tokenizer)
        made = {"steps": 0, "seconds": 0, "processor_seconds": 0, "stages": [], "note": "", **course.notes}
    print(f"{kind}: {model.num_parameters():,} parameters, {tokenizer.get_vocab_size()} tokens")

    if arguments.note:
        made["note"] = arguments.note

    def keep(_):
        torch.save(model.state_dict(), work / f"{kind}-partial.pt")

    stages = course.stages[len(made["stages"]):] + [course.refining] * arguments.refine
    start = time.process_time()
    for index, stage in enumerate(stages):
        print(f"stage {len(made['stages']) + 1}: {stage}", flush=True)
        rates = {name: rate * stage.rate for name, rate in course.rates.items()}
        # The remaining minutes are divided among the remaining steps.
        left = arguments.minutes - (time.process_time() - start) / 60
        minutes = left * stage.steps / sum(later.steps for later in stages[index:])
        # Each stage has a different seed for its examples.
        source = course.batches(tokenizer, course.seed + 100 * len(made["stages"]), stage.shares)
        steps, seconds, processor = training.train(
            model, source, stage.steps, minutes, report=keep, loss=course.loss, **rates)
        made = {**made, "steps": made["steps"] + steps, "seconds": made["seconds"] + seconds,
                "processor_seconds": made["processor_seconds"] + processor,
                "stages": made["stages"] + [(steps, stage.steps)],
                "date": datetime.date.today().isoformat(),
                "torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}
        torch.save({"state": model.state_dict(), "made": made}, model_file)
    torch.save({"state": model.state_dict(), "made": made}, model_file)
    return model, tokenizer, made


def t5_course(sizes, start=None):
    """The course of a T5 of these sizes: a new one, or one that starts from the model in a folder."""
    teacher = toy_t5.teacher(start, sizes) if start else None
    course = Course(
        vocabulary=functools.partial(toy_t5.vocabulary, start),
        fresh=lambda size: toy_t5.new_model(size, sizes),
        first=lambda tokenizer: toy_t5.new_model(tokenizer.get_vocab_size(), sizes),
        stages=toy_t5.STAGES + toy_t5.EXTENDING, refining=toy_t5.REFINING, batches=toy_t5.batches,
        seed=toy_t5.TRAINING_SEED, rates=toy_t5.RATES)
    if teacher:
        course.vocabulary = lambda: Tokenizer.from_file(str(start / "tokenizer.json"))
        course.first = lambda tokenizer: toy_t5.distilled(teacher, tokenizer, sizes)
        course.stages, course.loss = toy_t5.DISTILLING, distillation.loss(teacher)
        course.notes = {"teacher": teacher.num_parameters()}
    elif start:
        course.first = lambda tokenizer: toy_t5.begun(start, tokenizer.get_vocab_size(), sizes)
        course.stages, course.notes = toy_t5.EXTENDING, {"extends": True}
    return course


def make_t5(arguments):
    start = arguments.start
    if not start:
        large, tokenizer, _ = trained("t5-large", t5_course(toy_t5.LARGE), arguments)
        start = arguments.work / "t5-large"
        checkpoint.write_t5(start, large, tokenizer)
    model, tokenizer, report = trained("t5", t5_course(toy_t5.SMALL, start), arguments)
    training.rounded_to_bfloat16(model)
    folder = MODELS / "toy-t5"
    checkpoint.write_t5(folder, model, tokenizer)
    sets, answers, exactness = toy_t5.test_sets(TEST_COUNT), {}, {}
    for name, examples in sets.items():
        answers[name] = toy_t5.answers(model, tokenizer, [example.input for example in examples])
        greedy = toy_t5.share_exact(tokenizer, examples, answers[name], show=5)
        beams = toy_t5.answers(model, tokenizer, [example.input for example in examples], beams=4)
        exactness[name] = len(examples), greedy, toy_t5.share_exact(tokenizer, examples, beams)
        print(name, exactness[name], flush=True)
    prompts = [tasks.prompt(*demonstration) for demonstration in tasks.DEMONSTRATIONS]
    texts = [tokenizer.decode(ids) for ids in toy_t5.answers(model, tokenizer, prompts)]
    shown = tasks.shown_examples()
    known = toy_t5.answers(model, tokenizer, [example.input for example in shown])
    known_share = toy_t5.share_exact(tokenizer, shown, known, show=50)
    report.update(
        parameters=model.num_parameters(), exactness=exactness, words=words.write(folder, words.t5_texts()),
        shown=(len(shown), round(known_share * len(shown))),
        examples="batches of about 1,280 prompt tokens", demonstrations=list(zip(prompts, texts)))
    (folder / "README.md").write_text(cards.t5(report), encoding="utf-8")
    fixtures.write(FIXTURE, tokenizer, sets, answers)
    fixtures.write_shown(FIXTURE.with_name("shown.jsonl"), shown)
    return report


def make_gpt2(arguments):
    course = Course(
        vocabulary=toy_gpt2.vocabulary, fresh=toy_gpt2.new_model,
        first=lambda tokenizer: toy_gpt2.new_model(tokenizer.get_vocab_size()),
        stages=toy_gpt2.STAGES, refining=toy_gpt2.REFINING, batches=toy_gpt2.batches,
        seed=toy_gpt2.TRAINING_SEED, rates=toy_gpt2.RATES)
    model, tokenizer, report = trained("gpt2", course, arguments)
    training.rounded_to_bfloat16(model)
    folder = MODELS / "toy-gpt2"
    checkpoint.write_gpt2(folder, model, tokenizer)
    words.write(folder, words.gpt2_texts())
    texts = toy_gpt2.continued(model, tokenizer, toy_gpt2.prompts(200))
    known = toy_gpt2.known_forms()
    forms = [toy_gpt2.form(sentence) for text in texts for sentence in toy_gpt2.sentences(text)]
    prompts = ["Once upon a time", "Anna is a young teacher.", "The cat sat", "Tom went to the market"]
    report.update(
        parameters=model.num_parameters(), vocabulary=tokenizer.get_vocab_size(),
        loss=toy_gpt2.held_out_loss(model, tokenizer),
        agreement=sum(map(toy_gpt2.agrees, texts)) / len(texts),
        grammatical=sum(form in known for form in forms) / len(forms),
        examples=f"{toy_gpt2.BATCH_ROWS} rows of {toy_gpt2.ROW} tokens each",
        demonstrations=list(zip(prompts, toy_gpt2.continued(model, tokenizer, prompts, greedy=True))))
    (folder / "README.md").write_text(cards.gpt2(report), encoding="utf-8")
    return report


def make_encoder(kind, arguments):
    making = importlib.import_module("encoders.making")
    toy = importlib.import_module(f"encoders.{kind}").TOY
    return making.make(toy, arguments.work, MODELS, ENCODER_FIXTURE, arguments.minutes)


def main():
    parser = argparse.ArgumentParser(description="Trains the demonstration models.")
    parser.add_argument("--work", type=Path, required=True, help="folder for saved training states and reports")
    parser.add_argument("--model", choices=["t5", "gpt2", *encoders.NAMES], help="train only this model")
    parser.add_argument("--minutes", type=float, default=float("inf"),
                        help="maximum processor time of each training")
    parser.add_argument("--from", type=Path, dest="start", metavar="FOLDER",
                        help="train the T5 from the one in this folder (requires --model t5)")
    parser.add_argument("--refine", action="store_true", help="train a complete model further, by the stage REFINING")
    parser.add_argument("--note", help="note on the training for the model card")
    arguments = parser.parse_args()
    if arguments.start and arguments.model != "t5":
        parser.error("--from requires --model t5")
    torch.set_num_threads(1)
    arguments.work.mkdir(parents=True, exist_ok=True)
    makers = {"t5": make_t5, "gpt2": make_gpt2}
    makers.update((kind, functools.partial(make_encoder, kind)) for kind in encoders.NAMES)
    for kind, make in makers.items():
        if arguments.model in (None, kind):
            report = make(arguments)
            text = json.dumps(report, indent=2, ensure_ascii=False)
            (arguments.work / f"{kind}-report.json").write_text(text + "\n", encoding="utf-8")
            print(text)


if __name__ == "__main__":
    main()
