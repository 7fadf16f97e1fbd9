"""The toy encoders: BERT models for the tasks that read a text and do not generate one.

    toy.py         description of a toy      wordpiece.py    tokenizers
    bert.py        sizes and new models      making.py       training, evaluation, files
    pipelines.py   results of pipelines      card.py         model cards (README.md)
    examples.py    test fixture

    answers.py     toy-answers               story_facts.py  its contexts and questions
                                             auxiliary.py    auxiliary losses in training
    names.py       toy-names                 name_lists.py   its names
    sentiment.py   toy-sentiment             topics.py       toy-topics
    nli.py         toy-nli                   subjects.py     the sentences of topics and nli
    fill.py        toy-fill                  facts.py        its capitals, colours and sounds
    rerank.py      toy-rerank                help_desk.py    its queries and passages
"""

# The names of the toys, without "toy-".
NAMES = ["answers", "names", "sentiment", "fill", "nli", "rerank", "topics"]
