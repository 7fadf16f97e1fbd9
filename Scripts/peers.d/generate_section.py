"""Measures prefill and decoding of a decoder, compared with llama.cpp and PyTorch."""

import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

import random_llama
from llama_cpp_model import LlamaCppModel
from measuring import Settings, Side, in_turns, ratio, say, seconds_per_run
from report import Section, cells, ratios_of, significant, summary, times
from swift_side import Attend
from torch_llama import TorchLlama

PROMPT, TOKENS, PROMPTS, BEAMS = 128, 64, 16, 4


@dataclass
class Width:
    """A weight format, and the most similar format of each peer."""

    name: str
    folder: str
    gguf: str
    torch: str | None
    # The largest allowed difference of logits (standard deviation 1) from PyTorch's in float32.
    tolerances: dict[str, float]
    # `--layer-inputs` of `attend bench generate`.
    inputs: str = "exact"

    @property
    def weights(self) -> str:
        """`--weights` of `attend bench generate`."""
        return self.name.removesuffix(", rounded")


# llama.cpp rounds keys and values to float16, and activations to the type of the weights; hence its
# tolerances.
WIDTHS = [
    Width("float32", "f32", "f32", "f32", {"swift": 1e-4, "llama.cpp": 0.03, "torch": 1e-4}),
    # PyTorch is omitted, because it takes minutes with float16.
    Width("float16", "f16", "f16", None, {"swift": 1e-4, "llama.cpp": 0.03}),
    Width("bfloat16", "bf16", "bf16", None, {"swift": 1e-4, "llama.cpp": 0.15}),
    Width("bfloat16, rounded", "bf16", "bf16", "bf16",
          {"swift": 0.15, "llama.cpp": 0.15, "torch": 0.5}, "rounded"),
    Width("int8", "f32", "q8_0", None, {"swift": 0.5, "llama.cpp": 0.5}),
    Width("int8, rounded", "f32", "q8_0", None, {"swift": 0.5, "llama.cpp": 0.5}, "rounded"),
]


@dataclass
class Task:
    """A workload: `--case` of `attend bench generate`, and its title in the report."""

    case: str
    title: str
    prompts: int
    steps: int

    @property
    def tokens(self) -> int:
        return self.prompts * (self.steps or PROMPT)

    def row(self, width: Width) -> str:
        """The name of its row in `attend bench generate`."""
        count = f"{self.prompts}x" if self.prompts > 1 else ""
        inputs = "" if width.inputs == "exact" else f"{width.inputs} "
        return f"{width.weights} {inputs}decode {count}{self.steps}"


TASKS = [
    Task("prefill", "prefill", 1, 0),
    Task("decode", "decode", 1, TOKENS),
    Task("batch", f"decode, {PROMPTS} prompts", PROMPTS, TOKENS),
]


class Model(Protocol):
    def use_threads(self, threads: int) -> None: ...
    def rewind(self, length: int) -> None: ...
    def step(self, ids: np.ndarray, position: int) -> np.ndarray: ...
    def close(self) -> None: ...


def run(model: Model, task: Task, ids: np.ndarray) -> np.ndarray:
    """The logits after the last step."""
    if task.steps == 0:
        model.rewind(0)
        return model.step(ids, 0)
    model.rewind(PROMPT)
    for position in range(PROMPT, PROMPT + task.steps):
        logits = model.step(ids[:, position : position + 1], position)
    return logits


def peer(name: str, root: Path, width: Width, task: Task, threads: int) -> Model:
    if name == "torch":
        return TorchLlama(root / (width.torch or ""))
    return faster_of_loads(root / f"{width.gguf}.gguf", task, threads)


LOADS: dict[tuple[Path, str], bool] = {}


def faster_of_loads(path: Path, task: Task, threads: int) -> LlamaCppModel:
    """Loads the model in the way that was faster in one trial: memory-mapped, or read into memory."""
    context = PROMPT + TOKENS + 1

    def made(mapped: bool) -> LlamaCppModel:
        return LlamaCppModel(path, task.prompts, context, mapped)

    if (path, task.case) not in LOADS:
        ids = np.arange(task.prompts * (PROMPT + task.steps)).reshape(task.prompts, -1)
        settings = Settings(rounds=3, seconds=0, patience=0)
        models = {name: made(name == "mapped") for name in ["mapped", "read"]}
        for model in models.values():
            model.use_threads(threads)
            begin(model, task, ids)
        sides = in_turns(
            {
                name: lambda model=model: seconds_per_run(lambda: run(model, task, ids), settings)
                for name, model in models.items()
            },
            settings,
        )
        for model in models.values():
            model.close()
        LOADS[path, task.case] = sides["mapped"].median <= sides["read"].median
    return made(LOADS[path, task.case])


def begin(model: Model, task: Task, ids: np.ndarray) -> None:
    if task.steps > 0:
        model.rewind(0)
        model.step(ids[:, :PROMPT], 0)


class Reference:
    """PyTorch's float32 logits of whole texts, without a cache."""

    def __init__(self, root: Path, threads: int) -> None:
        self.model = TorchLlama(root / "f32")
        self.model.use_threads(threads)

    def logits(self, ids: np.ndarray) -> np.ndarray:
        self.model.rewind(0)
        return self.model.step(ids, 0)


def arguments(root: Path, width: Width, case: str) -> list[str]:
    return [
        "generate", "--model", str(root / width.folder), "--weights", width.weights,
        "--layer-inputs", width.inputs, "--case", case,
        "--prompt", str(PROMPT), "--tokens", str(TOKENS), "--prompts", str(PROMPTS),
        "--beams", str(BEAMS),
    ]


def measured(
    attend: Attend, root: Path, reference: Reference, width: Width, task: Task,
    thread_counts: list[int], settings: Settings, errors: dict[str, float],
) -> dict[int, dict[str, Side]]:
    ours = arguments(root, width, task.case)
    with tempfile.TemporaryDirectory() as folder:
        arrays = attend.arrays(Path(folder), *ours, "--no-peak")
        ids, logits = np.load(arrays / "ids.npy"), np.load(arrays / "output.npy")
    expected = reference.logits(ids)

    def compare(name: str, found: np.ndarray) -> None:
        distance = float(np.abs(found - expected).max())
        errors[name] = max(errors.get(name, 0), distance)
        if not distance <= width.tolerances[name]:
            raise SystemExit(f"peers: {width.name} {task.title}: {name} differs by {distance}")

    compare("swift", logits)
    models: dict[str, Model] = {}
    for name in ["llama.cpp", *(["torch"] if width.torch else [])]:
        models[name] = peer(name, root, width, task, max(thread_counts))
        begin(models[name], task, ids)
        compare(name, run(models[name], task, ids))

    def peer_seconds(model: Model, threads: int) -> float:
        model.use_threads(threads)
        return seconds_per_run(lambda: run(model, task, ids), settings)

    results = {}
    for threads in thread_counts:
        measures: dict[str, Callable[[], float]] = {
            "swift": lambda: attend.seconds(settings, threads, *ours),
            **{
                name: lambda model=model: peer_seconds(model, threads)
                for name, model in models.items()
            },
        }
        results[threads] = in_turns(measures, settings)
        found = ", ".join(f"{k} {times(v)}" for k, v in ratios_of(results[threads]).items())
        say(f"  {width.name} {task.title}, {threads}: {found}")
    for model in models.values():
        model.close()
    return results


def beams(
    attend: Attend, root: Path, width: Width, threads: int, settings: Settings
) -> float:
    """The time of a beam search divided by the time of a batch with one prompt for each beam."""
    sides = {"greedy": Side(), "beams": Side()}
    for _ in range(settings.rounds):
        result = attend.bench(
            *arguments(root, width, "beams"), "--threads", str(threads), "--no-peak",
            "--seconds", str(settings.seconds), "--repetitions", "1",
        )
        for side, row in zip(sides.values(), result["rows"]):
            side.durations.append(row["median_seconds"])
    return ratio(sides["beams"], sides["greedy"])


def share(attend: Attend, row: str, threads: int) -> str:
    return f"{100 * statistics.median(attend.memory_shares[row, threads]):.0f} %"


def section(
    attend: Attend, cache: Path, thread_counts: list[int], settings: Settings
) -> Section:
    say("Generate")
    root = random_llama.made(cache)
    reference = Reference(root, max(thread_counts))
    table = Section(
        "Generating text",
        [f"A Llama-shaped decoder with random weights: {random_llama.LAYERS} layers, hidden size "
         f"{random_llama.WIDTH}, {random_llama.HEADS} query heads, {random_llama.KEY_VALUE_HEADS} "
         f"key-value heads, vocabulary size {random_llama.WORDS:,}; each step reads "
         f"{random_llama.WEIGHTS_READ / 1e6:.0f} million weights. A prompt of {PROMPT} tokens, then "
         f"{TOKENS} new tokens; tokens per second over all prompts. `of memory`: fraction of this "
         "machine's memory bandwidth. int8 is compared with llama.cpp's q8_0. `rounded`: activations "
         "are rounded like the weights; llama.cpp always does this, PyTorch with bfloat16 weights."],
        ["weights", "", "swift-attention", "of memory", "llama.cpp", "PyTorch",
         "ratio to llama.cpp", "ratio to PyTorch"],
    )
    ratios: dict[str, list[float]] = {}
    speeds: dict[tuple[str, str, int], float] = {}
    notes: list[str] = []
    for width in WIDTHS:
        errors: dict[str, float] = {}
        for task in TASKS:
            results = measured(
                attend, root, reference, width, task, thread_counts, settings, errors
            )

            def speed(name: str, threads: int) -> str:
                side = results[threads].get(name)
                return significant(task.tokens / side.median) if side else "–"

            found = {n: ratios_of(results[n]) for n in thread_counts}
            for name, title in [("llama.cpp", "llama.cpp"), ("torch", "PyTorch")]:
                for n in thread_counts:
                    if name in found[n]:
                        ratios.setdefault(f"{title}, {task.title}", []).append(found[n][name])
            for n in thread_counts:
                speeds[width.name, task.case, n] = task.tokens / results[n]["swift"].median
            table.rows.append([
                width.name, task.title,
                cells(speed("swift", n) for n in thread_counts),
                cells(share(attend, task.row(width), n) for n in thread_counts)
                if task.steps else "",
                cells(speed("llama.cpp", n) for n in thread_counts),
                cells(speed("torch", n) for n in thread_counts) if width.torch else "",
                cells(times(found[n]["llama.cpp"]) for n in thread_counts),
                cells(times(found[n]["torch"]) for n in thread_counts) if width.torch else "",
            ])
        notes.append(width.name + " " + ", ".join(
            f"{'swift-attention' if k == 'swift' else 'PyTorch' if k == 'torch' else k} {v:.1g}"
            for k, v in errors.items()
        ))
    table.after = [
        summary(ratios),
        "This package alone: int8 decodes "
        + cells(times(speeds["int8", "decode", n] / speeds["bfloat16", "decode", n])
                for n in thread_counts)
        + f" × as fast as bfloat16; a batch of {PROMPTS} prompts "
        + "; ".join(
            f"{width.name} " + cells(
                times(speeds[width.name, "batch", n] / speeds[width.name, "decode", n])
                for n in thread_counts)
            for width in WIDTHS
        )
        + f" × as fast as one prompt; a search with {BEAMS} beams takes "
        + "; ".join(
            f"{width.name} " + cells(
                times(beams(attend, root, width, n, settings)) for n in thread_counts)
            for width in WIDTHS
        )
        + f" × as long as a batch of {BEAMS} prompts.",
        "Memory bandwidth: "
        + cells(significant(attend.memory_rates[n]) for n in thread_counts) + " GB/s.",
        "The largest difference of a logit (standard deviation 1) from PyTorch's in float32: "
        + "; ".join(notes) + ".",
        "The faster way to load llama.cpp's weights: "
        + ", ".join(
            f"{path.stem} {case} {'memory-mapped' if mapped else 'read'}"
            for (path, case), mapped in LOADS.items()
        ) + ".",
    ]
    return table
