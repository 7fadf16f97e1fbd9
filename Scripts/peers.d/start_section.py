"""Measures a process from its start until it has printed an embedding."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from measuring import Settings, Side, say, wait_for_quiet
from report import Section, ratios_of, significant, times
from swift_side import Attend, environment

TEXT = "The cat sat on the mat because it was tired."
TOLERANCE = 1e-4
FOLDER = Path(__file__).parent


def run(command: list[str]) -> tuple[float, float, np.ndarray]:
    """The time in seconds, the peak memory in MiB, and the embedding that the command prints."""
    process = subprocess.run(
        [sys.executable, str(FOLDER / "launch.py"), *command], stdout=subprocess.PIPE,
        env=environment(OPENBLAS_NUM_THREADS="1", HF_HUB_OFFLINE="1"),
    )
    if process.returncode != 0:
        raise SystemExit(process.returncode)
    seconds, memory, output = json.loads(process.stdout)
    result = json.loads(output)
    vector = result["embedding"] if isinstance(result, dict) else result
    return seconds, memory, np.array(vector)


def section(
    attend: Attend, plain: Path, fused: Path, threads: int, settings: Settings
) -> Section:
    say("Start")
    program = str(FOLDER / "first_embedding.py")

    def peer(name: str, onnx: Path) -> list[str]:
        return [sys.executable, program, name, str(attend.model), str(onnx), str(threads), TEXT]

    commands = {
        "swift-attention": [
            str(attend.path), "embed", "--model", str(attend.model), "--threads", str(threads),
            TEXT,
        ],
        "sentence-transformers": peer("sentence-transformers", plain),
        "ONNX Runtime, fused": peer("onnxruntime", fused),
        "OpenVINO f32": peer("openvino", plain),
    }
    # The first run fills the page cache; only its results are used.
    vectors = {name: run(command)[2] for name, command in commands.items()}
    for name, vector in vectors.items():
        distance = np.abs(vector - vectors["sentence-transformers"]).max()
        if not distance <= TOLERANCE:
            raise SystemExit(f"peers: start: {name} differs by {distance}")
    sides = {name: Side() for name in commands}
    memory = dict.fromkeys(commands, 0.0)
    for _ in range(settings.rounds):
        for name, command in commands.items():
            wait_for_quiet(settings)
            seconds, peak, _ = run(command)
            sides[name].durations.append(seconds)
            memory[name] = max(memory[name], peak)
    found = ratios_of(sides, swift="swift-attention")
    table = Section(
        "From start to the first embedding",
        [f"The whole process, with files in the page cache, on {threads} "
         f"thread{'s' if threads > 1 else ''}."],
        ["", "milliseconds", "peak memory, MiB", "ratio"],
    )
    for name, side in sides.items():
        table.rows.append([
            name, significant(side.median * 1e3), significant(memory[name]),
            times(found[name]) if name in found else "",
        ])
    return table
