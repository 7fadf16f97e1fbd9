"""Compares exact search with faiss's exact indexes."""

import tempfile
from pathlib import Path

import faiss
import numpy as np

from measuring import Settings, in_turns, ratio, say, seconds_per_run
from report import Section, cells, milliseconds, summary, times
from swift_side import Attend

SHAPES = ["100000x384", "100000x384:int8", "1000000x384:int8"]
TOP = 10
# The fraction of the best vectors that an int8 search must find.
RECALL = 0.99


def section(attend: Attend, thread_counts: list[int], settings: Settings) -> Section:
    say("Search")
    table = Section(
        "Exact search",
        ["`vectors x features`; milliseconds for one query, 10 results, inner product. faiss: "
         "`IndexFlatIP`, which reads float32. recall: the fraction of its results that are ours."],
        ["vectors", "swift-attention", "faiss", "ratio", "recall"],
    )
    ratios: list[float] = []
    for shape in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            arrays = attend.arrays(Path(folder), "search", "--shape", shape, "--no-peak")
            vectors, queries, rows = [
                np.load(arrays / f"{name}.npy") for name in ["vectors", "queries", "rows"]
            ]
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        del vectors
        expected = index.search(queries, TOP)[1]
        recall = np.mean([len(set(a) & set(b)) / TOP for a, b in zip(rows, expected)])
        if recall < (RECALL if ":" in shape else 1):
            raise SystemExit(f"peers: search: {shape}: recall {recall}")
        number = 0

        def run() -> None:
            nonlocal number
            number += 1
            index.search(queries[number % len(queries)][None], TOP)

        def faiss_seconds(threads: int) -> float:
            faiss.omp_set_num_threads(threads)
            return seconds_per_run(run, settings)

        sides = {
            threads: in_turns(
                {
                    "swift": lambda: attend.seconds(
                        settings, threads, "search", "--shape", shape, "--no-peak"
                    ),
                    "faiss": lambda: faiss_seconds(threads),
                },
                settings,
            )
            for threads in thread_counts
        }
        found = [ratio(sides[n]["faiss"], sides[n]["swift"]) for n in thread_counts]
        ratios += found
        say(f"  {shape}: {cells(map(times, found))}")
        table.rows.append([
            shape, cells(milliseconds(sides[n]["swift"]) for n in thread_counts),
            cells(milliseconds(sides[n]["faiss"]) for n in thread_counts),
            cells(map(times, found)), f"{recall:.3f}",
        ])
    table.after = [summary({"faiss": ratios})]
    return table
