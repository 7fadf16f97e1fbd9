"""Runs `attend bench` for one row at a time."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from measuring import Settings


@dataclass
class Attend:
    """The built executable."""

    path: Path
    model: Path
    # The fraction of the machine's sgemm peak, by row and number of threads.
    shares: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    peaks: dict[int, float] = field(default_factory=dict)
    # The same fractions for the memory bandwidth; rates are in gigabytes per second.
    memory_shares: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    memory_rates: dict[int, float] = field(default_factory=dict)

    def bench(self, *arguments: str) -> dict:
        """The JSON object that `attend bench` prints."""
        command = [str(self.path), "bench", *arguments, "--format", "json"]
        # The library calls OpenBLAS on its own threads, so OpenBLAS need not start more.
        run = subprocess.run(
            command, stdout=subprocess.PIPE, env=environment(OPENBLAS_NUM_THREADS="1")
        )
        if run.returncode != 0:
            raise SystemExit(f"peers: {' '.join(command)} ended with {run.returncode}")
        return json.loads(run.stdout)

    def arrays(self, folder: Path, *arguments: str) -> Path:
        """Runs a benchmark with one row once, and returns the folder of its inputs and result."""
        arrays = folder / "arrays"
        result = self.bench(
            *arguments, "--arrays", str(arrays), "--seconds", "0", "--repetitions", "1"
        )
        return arrays / result["rows"][0]["name"]

    def seconds(self, settings: Settings, threads: int | None, *arguments: str) -> float:
        """The median duration of the one row. Also stores its fractions of peak and memory bandwidth."""
        scope = [] if threads is None else ["--threads", str(threads)]
        result = self.bench(
            *arguments, *scope, "--seconds", str(settings.seconds), "--repetitions", "1"
        )
        row = result["rows"][0]
        if row["peak_share"] is not None and threads is not None:
            self.shares.setdefault((row["name"], threads), []).append(row["peak_share"])
            for peak in result["peaks"]:
                best = max(self.peaks.get(peak["threads"], 0), peak["gflops"])
                self.peaks[peak["threads"]] = best
        if row["memory_share"] is not None and threads is not None:
            self.memory_shares.setdefault((row["name"], threads), []).append(row["memory_share"])
            for rate in result["memory"]:
                best = max(self.memory_rates.get(rate["threads"], 0), rate["gigabytes_per_second"])
                self.memory_rates[rate["threads"]] = best
        return row["median_seconds"]


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, **changes}
