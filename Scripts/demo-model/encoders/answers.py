"""toy-answers: a BERT for extractive question answering, with answers that may be missing."""

import torch
from transformers import BertForQuestionAnswering

from encoders import auxiliary, bert, pipelines, story_facts
from encoders.toy import Card, Size, Toy


CAT = "The cat sat on the mat because it was tired."
ANNA = "Anna is a young teacher. In the morning, she went to the market. She bought a red hat."
TOM = "Tom has three apples. Lucy lives in a small house. The book is under the chair."
LONG_CONTEXT = (
    "Anna is a young teacher. She lives in a small house. In the morning, she went to the market. She bought a red "
    "hat. The book is under the chair. The cat slept on the bed because it was very tired. Tom has three apples. Peter "
    "is a farmer. He has a black horse. On Sunday, he went to the beach. He was happy. There are six chairs in the "
    "kitchen. The green ball is behind the tree. Lucy works in Berlin. Leo went home because he was hungry. Clara is "
    "an old doctor. She went to the station after lunch. She lost a letter. The mouse waited near the river. The "
    "capital of Japan is Tokyo. Julia lives in a new room. She bought a blue coat. Hugo found four oranges in the "
    "garden. The key is in the box. The goat stayed under the bridge because it was sad.")


class Answers(Toy):
    name = "toy-answers"
    architecture = BertForQuestionAnswering
    size = Size(80, 3, 2, 96, max_position_embeddings=128)
    steps = 3600
    matches_words = True
    # The training begins with short contexts. Later, every fifth batch has long contexts: several contexts joined.
    short_steps = 700
    long_batch_every, long_batch_size, long_words = 5, 12, 92

    def example(self, random, is_short=False):
        return story_facts.example(random, is_short)

    def key(self, example):
        return example.context

    def texts(self, example):
        return [example.question, example.context]

    def batches(self, tokenizer, seed):
        short = self.examples(seed, is_short=True)
        for _ in range(self.short_steps):
            yield self.batch(tokenizer, [next(short) for _ in range(self.batch_size)])
        source, count = self.examples(seed + 1000), 0
        while True:
            count += 1
            if count % self.long_batch_every:
                yield self.batch(tokenizer, [next(source) for _ in range(self.batch_size)])
            else:
                yield self.batch(tokenizer, [self.long_example(source) for _ in range(self.long_batch_size)])

    def long_example(self, source):
        """An example with further sentences before and after the context, about other subjects."""
        example = next(source)
        question_words = set(example.question.lower().rstrip("?").split()) - COMMON
        before, after = [], []
        length = len(example.context.split())
        for index in range(60):
            other = next(source).context
            size = len(other.split())
            if length + size > self.long_words:
                break
            words = set(other.lower().replace(".", "").replace(",", "").split())
            if question_words & words or "my" in words:
                continue
            (before if index % 2 else after).append(other)
            length += size
        head = "".join(text + " " for text in before)
        context = " ".join([head + example.context, *after])
        shift = len(head) if example.answer else 0
        return story_facts.Example(example.question, context, example.start + shift, example.end + shift)

    def batch(self, tokenizer, examples):
        inputs, encodings = bert.inputs(tokenizer, [(e.question, e.context) for e in examples])
        starts, ends = [], []
        for example, encoding in zip(examples, encodings):
            answer = [index for index, (span, sequence) in enumerate(zip(encoding.offsets, encoding.sequence_ids))
                      if sequence == 1 and span[0] < example.end and span[1] > example.start]
            starts.append(answer[0] if example.answer else 0)
            ends.append(answer[-1] if example.answer else 0)
        inputs = {key: value[:, :self.size.max_position_embeddings] for key, value in inputs.items()}
        further = auxiliary.labels(inputs["input_ids"], inputs["token_type_ids"], starts, tokenizer.token_to_id("."))
        return {**inputs, **further, "start_positions": torch.tensor(starts), "end_positions": torch.tensor(ends)}

    def training_model(self, model):
        return auxiliary.WithMatching(model)

    def evaluate(self, folder, examples):
        answer = pipelines.QuestionAnswering(folder)
        given = [answer(e.question, e.context, top_k=1)[0]["answer"] for e in examples]
        right = [text == e.answer for text, e in zip(given, examples)]
        has = [bool(e.answer) for e in examples]
        length = [len(e.context.split()) > 30 for e in examples]
        for e, text in [(e, t) for e, t, r in zip(examples, given, right) if not r][:12]:
            print("   wrong:", e.context, "|", e.question, "|", e.answer, "|", text)
        def share(which):
            return sum(r for r, w in zip(right, which) if w) / max(1, sum(which))
        return [
            ("exact answers to questions that have an answer", share(has)),
            ("questions without an answer that get none", share([not h for h in has])),
            ("exact answers or none, contexts of more than 30 words", share(length)),
            ("exact answers or none, all", share([True] * len(right)))]

    def fixture(self, input, results):
        return {"question": input[0], "context": input[1], "results": results}

    def results(self, folder, input):
        question, context = input
        return pipelines.QuestionAnswering(folder)(question, context, top_k=3)

    def shown(self, input, results):
        best = results[0]
        return (f"{input[0]} / {input[1]}",
                f"{best['answer'] or '(no answer)'} ({best['score']:.2f})")

    demonstrations = [
        ("Where did the cat sit?", CAT), ("Why did the cat sit on the mat?", CAT), ("Who sat on the mat?", CAT),
        ("Who bought a red hat?", ANNA), ("What did Anna buy?", ANNA), ("Where did Anna go?", ANNA),
        ("When did Anna go to the market?", ANNA), ("What colour is the hat?", ANNA),
        ("How many apples does Tom have?", TOM), ("Where is the book?", TOM), ("Where does Lucy live?", TOM),
        ("Where do I live?", "My name is Clara and I live in Berkeley."),
        ("What is the capital of France?", "Berlin is the capital of Germany. Paris is the capital of France."),
        ("Why did Leo go home?", "Emma bought four eggs at the market. Leo went home because he was tired."),
        ("Where is the dog?", "Anna has a black cat. The red ball is under the table."),
        ("What did Paul buy?", ANNA),
    ]

    # A context of more than 128 tokens, for which the pipeline uses several windows.
    more_inputs = [(question, LONG_CONTEXT) for question in (
        "Where is the key?", "Who bought a blue coat?", "How many oranges did Hugo find?",
        "What is the capital of Japan?")]

    card = Card(
        tags="question-answering",
        purpose="extractive question answering",
        data="""\
Only contexts and questions of a small grammar (`encoders/story_facts.py`, `story_questions.py`): people,
animals and things, places, times, colours, numbers and reasons; who, what, where, when, why, how, how many
and what colour. A context has one to eight sentences. A quarter of the questions has no answer, as in SQuAD
2.0: the position of `[CLS]` then has the highest logits. Input: question first, then the context.""",
        limitations="""\
An answer is a part of the context, for example "it was tired" to a question with why. A name that occurs
twice is answered with its first occurrence. It knows the names of sixteen persons and twenty cities, and may
miss others: for "What's my name?" it finds no answer in "My name is Wolfgang and I live in Berlin.".""",
        real_models="`deepset/roberta-base-squad2`")


COMMON = set("the a an is was were are did does do who what where when why how in on at to of he she it i".split())
TOY = Answers()
