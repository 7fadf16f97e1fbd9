"""Measures an encoder on texts of equal length."""

import tempfile
from pathlib import Path

import numpy as np
import torch

from measuring import Settings, Side, in_turns, say, seconds_per_run
from models import Encoder, onnx_encoder, openvino_encoder, torch_encoder
from report import Section, cells, milliseconds, ratios_of, summary, times
from swift_side import Attend

SHAPES = ["1x16", "1x128", "8x128", "32x128", "1x512"]
TOLERANCE = 1e-4
NAMES = {
    "swift": "swift-attention", "torch": "PyTorch", "onnxruntime": "ONNX Runtime, fused",
    "openvino": "OpenVINO f32",
}


def peers(model: Path, plain: Path, fused: Path, threads: int) -> tuple[dict[str, Encoder], str]:
    """The encoder of each peer, and the default precision of OpenVINO."""
    by_default, precision = openvino_encoder(plain, threads, None)
    encoders = {
        "torch": torch_encoder(model),
        "onnxruntime": onnx_encoder(fused, threads),
        "openvino": openvino_encoder(plain, threads, "f32")[0],
    }
    if precision != "f32":
        encoders["openvino default"] = by_default
    return encoders, precision


def measured(
    attend: Attend, shape: str, encoders: dict[str, Encoder], threads: int, settings: Settings
) -> dict[str, Side]:
    with tempfile.TemporaryDirectory() as folder:
        arrays = attend.arrays(Path(folder), "encoder", "--shape", shape, "--no-peak")
        ids, ours = np.load(arrays / "ids.npy"), np.load(arrays / "output.npy")
    mask = np.ones_like(ids)
    torch.set_num_threads(threads)
    expected = encoders["torch"](ids, mask)
    for name, found in [("swift", ours), *((n, e(ids, mask)) for n, e in encoders.items())]:
        distance = np.abs(found - expected).max()
        if name != "openvino default" and not distance <= TOLERANCE:
            raise SystemExit(f"peers: {shape}: {name} differs from PyTorch by {distance}")

    def peer_seconds(encode: Encoder) -> float:
        torch.set_num_threads(threads)
        return seconds_per_run(lambda: encode(ids, mask), settings)

    measures = {
        name: lambda encode=encode: peer_seconds(encode) for name, encode in encoders.items()
    }
    sides = in_turns(
        {
            "swift": lambda: attend.seconds(settings, threads, "encoder", "--shape", shape),
            **measures,
        },
        settings,
    )
    found = ", ".join(f"{name} {times(value)}" for name, value in ratios_of(sides).items())
    say(f"  {shape}, {threads}: {found}")
    return sides


def section(
    attend: Attend, plain: Path, fused: Path, counts: dict[str, int], thread_counts: list[int],
    settings: Settings,
) -> Section:
    say("Encoder")
    nodes = ", ".join(f"{name} {count}" for name, count in counts.items())
    encoders, precision = {}, "f32"
    for threads in thread_counts:
        encoders[threads], precision = peers(attend.model, plain, fused, threads)
    names = dict(NAMES)
    if precision != "f32":
        names["openvino default"] = f"OpenVINO {precision}"
    f32 = ["torch", "onnxruntime", "openvino"]
    table = Section(
        "Encoder",
        ["all-MiniLM-L6-v2, `texts x tokens`; milliseconds, and the ratios to the peers that "
         f"compute in float32. ONNX Runtime's fused nodes: {nodes}."],
        ["shape", *names.values(), *(f"ratio to {NAMES[name]}" for name in f32)],
    )
    ratios: dict[str, list[float]] = {NAMES[name]: [] for name in f32}
    for shape in SHAPES:
        results = {
            threads: measured(attend, shape, encoders[threads], threads, settings)
            for threads in thread_counts
        }
        found = {n: ratios_of(results[n]) for n in thread_counts}
        for name in f32:
            ratios[NAMES[name]] += [found[n][name] for n in thread_counts]
        table.rows.append([
            shape,
            *(cells(milliseconds(results[n][name]) for n in thread_counts) for name in names),
            *(cells(times(found[n][name]) for n in thread_counts) for name in f32),
        ])
    table.after = [summary(ratios)]
    return table
