"""Measures the embedding of sentences of different lengths, and tokenization alone."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from embedding import embed, tokenizer
from measuring import Settings, in_turns, say, seconds_per_run
from models import onnx_encoder, openvino_encoder
from report import Section, cells, ratios_of, significant, times
from swift_side import Attend
from texts import corpus

TOLERANCE = 1e-4
FILE = "corpus.txt"


def use_threads(threads: int) -> None:
    torch.set_num_threads(threads)
    # The tokenizers use either all their threads or one.
    os.environ["TOKENIZERS_PARALLELISM"] = "false" if threads == 1 else "true"


def section(
    attend: Attend, plain: Path, fused: Path, thread_counts: list[int], settings: Settings
) -> Section:
    say("Corpus")
    texts = corpus()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / FILE
        file.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        arrays = attend.arrays(Path(folder), "corpus", str(file), "--no-peak")
        ours, lengths = np.load(arrays / "output.npy"), np.load(arrays / "lengths.npy")

        sentences = SentenceTransformer(str(attend.model), device="cpu")
        ids = tokenizer(attend.model)
        results, names = {}, {}
        for threads in thread_counts:
            use_threads(threads)
            onnx = onnx_encoder(fused, threads)
            single = openvino_encoder(plain, threads, "f32")[0]
            default, precision = openvino_encoder(plain, threads, None)
            runs: dict[str, Callable[[], np.ndarray]] = {
                "sentence-transformers": lambda: sentences.encode(
                    texts, batch_size=32, show_progress_bar=False
                ),
                "ONNX Runtime, fused, sorted": lambda: embed(texts, ids, onnx),
                "OpenVINO f32, sorted": lambda: embed(texts, ids, single),
            }
            if precision != "f32":
                runs[f"OpenVINO {precision}, sorted"] = lambda: embed(texts, ids, default)
            for name, run in runs.items():
                distance = np.abs(run() - ours).max()
                if "f16" not in name and not distance <= TOLERANCE:
                    raise SystemExit(f"peers: corpus: {name} differs by {distance}")

            def peer_seconds(run: Callable[[], np.ndarray]) -> float:
                use_threads(threads)
                return seconds_per_run(run, settings)

            results[threads] = in_turns(
                {
                    "swift": lambda: attend.seconds(settings, threads, "corpus", str(file)),
                    **{name: lambda run=run: peer_seconds(run) for name, run in runs.items()},
                },
                settings,
            )
            names = {"swift": "swift-attention", **{name: name for name in runs}}
            found = ", ".join(f"{k} {times(v)}" for k, v in ratios_of(results[threads]).items())
            say(f"  {threads}: {found}")
    table = Section(
        "Sentences of different lengths",
        [f"{len(texts):,} sentences, {lengths.mean():.0f} tokens on average, {lengths.max()} in "
         "the longest; including tokenization."],
        ["", "tokens/s", "texts/s", "ratio"],
    )
    for name, title in names.items():
        sides = {n: results[n][name] for n in thread_counts}
        table.rows.append([
            title,
            cells(significant(lengths.sum() / sides[n].median) for n in thread_counts),
            cells(significant(len(texts) / sides[n].median) for n in thread_counts),
            ""
            if name == "swift"
            else cells(times(ratios_of(results[n])[name]) for n in thread_counts),
        ])
    return table


def tokenizer_section(attend: Attend, settings: Settings) -> Section:
    say("Tokenizer")
    texts = corpus()
    size = sum(len(text.encode()) for text in texts)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / FILE
        file.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        arrays = attend.arrays(Path(folder), "tokenizer", str(file))
        ours, lengths = np.load(arrays / "ids.npy"), np.load(arrays / "lengths.npy")
        use_threads(1)
        peer = tokenizer(attend.model)
        expected = [encoding.ids for encoding in peer.encode_batch(texts)]
        if [id for ids in expected for id in ids] != ours.tolist():
            raise SystemExit("peers: tokenizer: the ids differ")
        sides = in_turns(
            {
                "swift": lambda: attend.seconds(settings, None, "tokenizer", str(file)),
                "tokenizers": lambda: seconds_per_run(lambda: peer.encode_batch(texts), settings),
                "tokenizers, without offsets": lambda: seconds_per_run(
                    lambda: peer.encode_batch_fast(texts), settings
                ),
            },
            settings,
        )
    table = Section(
        "The tokenizer", ["The same sentences, on one thread."],
        ["", "MB/s", "tokens/s", "ratio"],
    )
    for name, side in sides.items():
        table.rows.append([
            "swift-attention" if name == "swift" else name,
            significant(size / side.median / 1e6),
            significant(lengths.sum() / side.median),
            "" if name == "swift" else times(ratios_of(sides)[name]),
        ])
    return table
