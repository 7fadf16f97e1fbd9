"""Compares softmax(QKᵀ/√d) V with PyTorch's scaled_dot_product_attention."""

import tempfile
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import scaled_dot_product_attention

from measuring import Settings, Side, in_turns, ratio, say, seconds_per_run
from report import Section, cells, significant, summary, times
from swift_side import Attend

SHAPES = [
    "12x128x64", "12x128x64:causal", "12x512x64", "12x512x64:causal", "96x128x64",
    "12x1024x64:causal", "12x2048x64", "8x4096x64", "32x1024x128", "32x1024x128:causal",
    "4x8192x64", "12x1x64:keys=1024",
]
TOLERANCE = 1e-5


def inputs(folder: Path) -> list[torch.Tensor]:
    """Queries, keys and values in PyTorch's preferred layout, [1, head, token, dimension]."""
    arrays = [np.load(folder / f"{name}.npy") for name in ["queries", "keys", "values"]]
    return [torch.from_numpy(array).permute(1, 0, 2).contiguous()[None] for array in arrays]


def operations(q: torch.Tensor, k: torch.Tensor, causal: bool) -> float:
    return 4 * q.shape[1] * q.shape[2] * k.shape[2] * q.shape[3] / (2 if causal else 1)


def measured(
    attend: Attend, shape: str, thread_counts: list[int], settings: Settings
) -> tuple[float, dict[int, dict[str, Side]]]:
    """The operations of one run, and the times of both sides for each number of threads."""
    with tempfile.TemporaryDirectory() as folder:
        arrays = attend.arrays(Path(folder), "operator", "--shape", shape, "--no-peak")
        q, k, v = inputs(arrays)
        ours = torch.from_numpy(np.load(arrays / "output.npy")).permute(1, 0, 2)[None]
    causal = shape.endswith(":causal")

    def run() -> torch.Tensor:
        with torch.inference_mode():
            return scaled_dot_product_attention(q, k, v, is_causal=causal)

    distance = (run() - ours).abs().max().item()
    if not distance <= TOLERANCE:
        raise SystemExit(f"peers: {shape}: the outputs differ by {distance}")

    def torch_seconds(threads: int) -> float:
        torch.set_num_threads(threads)
        return seconds_per_run(run, settings)

    results = {}
    for threads in thread_counts:
        results[threads] = in_turns(
            {
                "swift": lambda: attend.seconds(settings, threads, "operator", "--shape", shape),
                "torch": lambda: torch_seconds(threads),
            },
            settings,
        )
        sides = results[threads]
        say(f"  {shape}, {threads}: {times(ratio(sides['torch'], sides['swift']))}")
    return operations(q, k, causal), results


def share(attend: Attend, shape: str, threads: int) -> str:
    shares = sorted(attend.shares[shape, threads])
    return f"{100 * shares[len(shares) // 2]:.0f} %"


def section(attend: Attend, thread_counts: list[int], settings: Settings) -> Section:
    say("Operator")
    table = Section(
        "Attention operator",
        ["`heads x length x head dimension`; GFLOP/s, with half of the work for causal. A row with "
         "one query is a decoding step."],
        ["shape", "swift-attention", "of the sgemm peak", "PyTorch", "ratio"],
    )
    ratios: list[float] = []
    for shape in SHAPES:
        work, results = measured(attend, shape, thread_counts, settings)
        found = [ratio(results[n]["torch"], results[n]["swift"]) for n in thread_counts]
        ratios += found
        table.rows.append([
            shape,
            cells(significant(work / results[n]["swift"].median / 1e9) for n in thread_counts),
            cells(share(attend, shape, n) for n in thread_counts),
            cells(significant(work / results[n]["torch"].median / 1e9) for n in thread_counts),
            cells(map(times, found)),
        ])
    peaks = cells(significant(attend.peaks[n]) for n in thread_counts)
    table.after = [summary({"PyTorch": ratios}), f"The machine's sgemm peak: {peaks} GFLOP/s."]
    return table
