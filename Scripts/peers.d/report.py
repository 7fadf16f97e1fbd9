"""Markdown tables."""

import math
import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import distributions

from measuring import Side, ratio


@dataclass
class Section:
    """A table, with paragraphs before and after it."""

    title: str
    before: list[str]
    header: list[str]
    rows: list[list[str]] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        lines = [f"### {self.title}", "", *paragraphs(self.before)]
        lines.append("| " + " | ".join(self.header) + " |")
        lines.append("| --- |" + " ---: |" * (len(self.header) - 1))
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        return "\n".join([*lines, "", *paragraphs(self.after)])


def paragraphs(texts: list[str]) -> list[str]:
    return [line for text in texts for line in (text, "")]


def cells(values: Iterable[str]) -> str:
    """A cell with one value for each number of threads."""
    return " / ".join(values)


def significant(value: float) -> str:
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def milliseconds(side: Side) -> str:
    return significant(side.median * 1e3)


def times(value: float) -> str:
    return f"{value:.2f}"


def geometric_mean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def summary(ratios: dict[str, list[float]]) -> str:
    """The geometric mean and the minimum of the ratios to each peer."""
    parts = [
        f"{peer} {geometric_mean(values):.2f} (minimum {min(values):.2f})"
        for peer, values in ratios.items()
    ]
    return "Geometric mean of the ratios: " + "; ".join(parts) + "."


def ratios_of(sides: dict[str, Side], swift: str = "swift") -> dict[str, float]:
    return {name: ratio(side, sides[swift]) for name, side in sides.items() if name != swift}


def heading(machine: dict, threads: list[int]) -> list[str]:
    """The date, the machine and the versions."""
    names = [
        "torch", "transformers", "sentence-transformers", "tokenizers", "onnxruntime", "openvino",
        "llama-cpp-python", "faiss-cpu",
    ]
    found = {
        package.metadata["Name"].lower().replace("_", "-"): package.version
        for package in distributions()
    }
    versions = ", ".join(f"{name} {found[name]}" for name in names if name in found)
    counts = " / ".join(map(str, threads))
    several = f" A cell with several values has one for each number of threads: {counts}."
    on = several if len(threads) > 1 else f" Threads: {counts}."
    return [
        f"{date.today():%-d %B %Y}. {machine['processor']}, {machine['processors']} CPUs; "
        f"{machine['system']}; swift-attention {machine['version']}, Swift {machine['swift']}, "
        f"OpenBLAS {machine['openblas_version']} ({machine['openblas_core']}).",
        f"Python {platform.python_version()}, {versions}.",
        f"float32 by default.{on} Ratios are the time of the peer divided by ours: above 1, this "
        "package is faster.",
    ]
