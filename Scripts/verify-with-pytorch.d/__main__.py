"""Entry point of Scripts/verify-with-pytorch, which describes the options."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KINDS = [
    "attention", "linear", "layer_norm", "rms_norm", "multi_head_attention", "encoder",
    "language_model",
]
# Most cases are of the operator.
SHARES = {"attention": 6}
# Cases for one run of `attend verify --against`.
BATCH = 200


def parsed() -> argparse.Namespace:
    def kinds(text: str) -> list[str]:
        names = text.split(",")
        for name in names:
            if name not in KINDS:
                raise argparse.ArgumentTypeError(
                    f"unknown kind '{name}'; expected one of {', '.join(KINDS)}"
                )
        return names

    def count(text: str) -> int:
        if not text.isdigit() or int(text) < 1:
            raise argparse.ArgumentTypeError(f"expected a number of at least 1, got '{text}'")
        return int(text)

    parser = argparse.ArgumentParser(prog="verify-with-pytorch", add_help=False)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--attend", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--cases", type=count)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--kinds", type=kinds, default=KINDS)
    parser.add_argument("--backends")
    parser.add_argument("--keep", type=Path)
    return parser.parse_args()


def write_cases(folder: Path, first: int, count: int, kinds: list[str]) -> None:
    """Writes a subfolder for each case, named after its kind and its seed."""
    from cases import write_case

    wheel = [kind for kind in kinds for _ in range(SHARES.get(kind, 1))]
    for seed in range(first, first + count):
        kind = wheel[seed % len(wheel)]
        write_case(kind, seed, folder / f"{kind}-{seed}")


def compare(options: argparse.Namespace, folder: Path) -> dict:
    """The report of `attend verify --against`."""
    command = [str(options.attend), "verify", "--against", str(folder), "--format", "json"]
    if options.backends:
        command += ["--backends", options.backends]
    run = subprocess.run(command, stdout=subprocess.PIPE)
    if run.returncode not in (0, 1) or not run.stdout:
        raise SystemExit(f"verify-with-pytorch: {' '.join(command)} ended with {run.returncode}")
    return json.loads(run.stdout)


class Summary:
    """The results of all batches."""

    def __init__(self, keep: Path | None) -> None:
        self.keep = keep
        self.rows: dict[tuple[str, str], dict] = {}
        self.failed: dict[str, str] = {}

    def add(self, report: dict) -> None:
        for row in report["rows"]:
            total = self.rows.setdefault(
                (row["check"], row["backend"]), {"cases": 0, "failed": 0, "share": 0.0}
            )
            total["cases"] += row["cases"]
            total["failed"] += len(row["failures"])
            if row["error"] and row["bound"]:
                total["share"] = max(total["share"], row["error"] / row["bound"])
            for failure in row["failures"]:
                self.add_failure(row["backend"], failure)

    def add_failure(self, backend: str, failure: dict) -> None:
        case = Path(failure["case"])
        if case.name in self.failed:
            return
        if self.keep:
            self.keep.mkdir(parents=True, exist_ok=True)
            shutil.copytree(case, self.keep / case.name, dirs_exist_ok=True)
        self.failed[case.name] = (
            f"{backend}: {failure['input']}: error {failure['error']}, bound {failure['bound']}"
        )

    def print(self) -> None:
        print(f"\n{'kind':22}{'backend':26}{'cases':>6}  {'share':>6}  verdict")
        for (kind, backend), row in sorted(self.rows.items()):
            verdict = f"{row['failed']} FAILED" if row["failed"] else "passed"
            print(f"{kind:22}{backend:26}{row['cases']:6}  {row['share']:6.0%}  {verdict}")
        print()
        for name, text in self.failed.items():
            kind, seed = name.rsplit("-", 1)
            print(
                f"Scripts/verify-with-pytorch --cases 1 --seed {seed} --kinds {kind}  # {text}"
            )


def live(options: argparse.Namespace) -> int:
    """Compares batch after batch; returns the exit status."""
    count = options.cases or 2000
    summary = Summary(options.keep)
    for start in range(0, count, BATCH):
        with tempfile.TemporaryDirectory(prefix="verify-with-pytorch-") as name:
            folder = Path(name)
            write_cases(folder, options.seed + start, min(BATCH, count - start), options.kinds)
            summary.add(compare(options, folder))
        print(f"{min(start + BATCH, count)} of {count} cases", file=sys.stderr)
    summary.print()
    seeds = f"seeds {options.seed} to {options.seed + count - 1}"
    if summary.failed:
        print(f"{len(summary.failed)} of {count} cases differ from PyTorch ({seeds}).")
        return 1
    print(f"All {count} cases agree with PyTorch ({seeds}).")
    return 0


def main() -> int:
    options = parsed()
    if options.check:
        return 0
    if options.seed is None:
        options.seed = int(time.time())
    try:
        import transformers  # noqa: F401
    except ImportError:
        skipped = [kind for kind in options.kinds if kind in ("encoder", "language_model")]
        options.kinds = [kind for kind in options.kinds if kind not in skipped]
        if skipped:
            print(
                f"transformers is not installed: no cases of {', '.join(skipped)}",
                file=sys.stderr,
            )
        if not options.kinds:
            return 1
    import torch

    print(f"PyTorch {torch.__version__} in float64, seed {options.seed}", flush=True)
    if not options.write:
        return live(options)
    count = options.cases or 100
    options.write.mkdir(parents=True, exist_ok=True)
    write_cases(options.write, options.seed, count, options.kinds)
    print(f"{options.write}: {count} cases")
    return 0


if __name__ == "__main__":
    sys.exit(main())
