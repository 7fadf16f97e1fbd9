"""Measures the speedup with more threads."""

from pathlib import Path

from encoder_section import NAMES, measured as encoder_measured, peers
from measuring import Settings, Side, say
from operator_section import measured as operator_measured
from report import Section, times
from swift_side import Attend

OPERATOR = ["12x512x64", "32x1024x128", "4x8192x64"]
ENCODER = ["8x128", "32x128"]
WORKERS = [1, 2, 4, 8, 16]


def section(
    attend: Attend, plain: Path, fused: Path, processors: int, settings: Settings
) -> Section:
    say("Scaling")
    workers = [count for count in WORKERS if count <= processors]
    table = Section(
        "Scaling",
        [f"Speedup compared with one thread; {processors} CPUs."],
        ["", "", *(f"{count} thread{'s' if count > 1 else ''}" for count in workers)],
    )

    def add(shape: str, name: str, sides: dict[int, Side]) -> None:
        one = sides[workers[0]].median
        table.rows.append([shape, name, *(times(one / sides[n].median) for n in workers)])

    for shape in OPERATOR:
        _, results = operator_measured(attend, shape, workers, settings)
        for name in ["swift", "torch"]:
            add(f"operator {shape}", NAMES[name], {n: results[n][name] for n in workers})
    encoders = {n: peers(attend.model, plain, fused, n)[0] for n in workers}
    for shape in ENCODER:
        results = {
            n: encoder_measured(attend, shape, encoders[n], n, settings) for n in workers
        }
        for name, title in NAMES.items():
            add(f"encoder {shape}", title, {n: results[n][name] for n in workers})
    return table
