"""Results of the pipelines of transformers for the toys, in float32 on the processor.

transformers 5 has no pipelines for question answering. `QuestionAnswering` follows `postprocess`,
`get_answer` and `decode_spans` of `QuestionAnsweringPipeline` in transformers 4.57.
"""

import functools

import numpy
import torch
import transformers

transformers.logging.set_verbosity_error()


@functools.cache
def loaded(folder, architecture):
    model = getattr(transformers, architecture).from_pretrained(folder, dtype=torch.float32).eval()
    return model, transformers.AutoTokenizer.from_pretrained(folder)


@functools.cache
def pipeline(task, folder, **options):
    return transformers.pipeline(task, model=str(folder), dtype=torch.float32, device="cpu", **options)


class QuestionAnswering:
    """The pipeline of transformers 4: windows with a stride, spans, and words instead of word pieces."""

    def __init__(self, folder):
        self.model, self.tokenizer = loaded(folder, "AutoModelForQuestionAnswering")

    @torch.no_grad()
    def __call__(self, question, context, top_k=3, handle_impossible_answer=True, max_answer_len=15):
        size = min(self.tokenizer.model_max_length, 384)
        encoded = self.tokenizer(
            question, context, truncation="only_second", max_length=size, stride=min(size // 2, 128),
            return_overflowing_tokens=True)
        answers, null_score = [], 1_000_000.0
        for window, encoding in enumerate(encoded.encodings):
            inputs = {key: torch.tensor([encoded[key][window]])
                      for key in ("input_ids", "token_type_ids", "attention_mask")}
            output = self.model(**inputs)
            # Only the context and [CLS] can be an answer.
            inside = numpy.array([sequence == 1 for sequence in encoded.sequence_ids(window)])
            inside[0] = True
            start, end = (softmax(numpy.where(inside, logits[0].numpy(), -10000.0))
                          for logits in (output.start_logits, output.end_logits))
            null_score = min(null_score, float(start[0] * end[0]))
            start[0] = end[0] = 0.0
            for first, last, score in decoded_spans(start, end, top_k * 2 + 10, max_answer_len):
                if not inside[first] or not inside[last] or first == 0:
                    continue
                begin = encoding.word_to_chars(encoding.token_to_word(first), 1)[0]
                stop = encoding.word_to_chars(encoding.token_to_word(last), 1)[1]
                text = context[begin:stop]
                same = [answer for answer in answers if answer["answer"].lower() == text.lower()]
                if same:
                    same[0]["score"] += float(score)
                else:
                    answers.append({"score": float(score), "start": begin, "end": stop, "answer": text})
        if handle_impossible_answer:
            answers.append({"score": null_score, "start": 0, "end": 0, "answer": ""})
        return sorted(answers, key=lambda answer: answer["score"], reverse=True)[:top_k]


def softmax(logits):
    values = numpy.exp(logits - logits.max())
    return values / values.sum()


def decoded_spans(start, end, top_k, max_answer_len):
    """The most probable spans of at most max_answer_len tokens: decode_spans of transformers 4.57."""
    outer = numpy.tril(numpy.triu(numpy.outer(start, end)), max_answer_len - 1)
    flat = outer.flatten()
    if top_k == 1:
        order = [numpy.argmax(flat)]
    elif len(flat) < top_k:
        order = numpy.argsort(-flat)
    else:
        order = numpy.argpartition(-flat, top_k)[:top_k]
        order = order[numpy.argsort(-flat[order])]
    return [(int(index // len(start)), int(index % len(start)), flat[index]) for index in order]


def plain(results):
    """The results as values for JSON: numbers of Python, without the index of the token."""
    rows = []
    for result in results:
        rows.append({key: value.item() if hasattr(value, "item") else value for key, value in result.items()})
    return rows


@functools.cache
def cross_encoder(folder):
    from sentence_transformers import CrossEncoder

    return CrossEncoder(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})
