"""Compares parsers on mutants and prints the differences; see Scripts/compare-parsers --help."""

import argparse
import os
import random
import sys
import traceback
from pathlib import Path

from comparison import Comparison


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="compare-parsers", add_help=False)
    parser.add_argument("--safetensors", type=int, default=100_000)
    parser.add_argument("--tokenizers", type=int, default=10_000)
    parser.add_argument("--patterns", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--output", type=Path)
    parser.add_argument("--shown", type=int, default=3)
    for own in ["--driver", "--root"]:
        parser.add_argument(own, type=Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def compare(target: str, side, mutants, options: argparse.Namespace) -> bool:
    comparison = Comparison(target, options, side.reference, side.differs)
    comparison.run(mutants)
    return comparison.report()


def main() -> None:
    options = arguments()
    print(f"seed {options.seed}", flush=True)
    # The reference prints panics, which are refusals here. Print only the errors of this script.
    errors = os.fdopen(os.dup(2), "w")
    sys.excepthook = lambda *error: traceback.print_exception(*error, file=errors)
    sys.stderr = open(os.devnull, "w")
    os.dup2(sys.stderr.fileno(), 2)
    isEqual = True
    if options.safetensors:
        import safetensors_side as side

        isEqual = compare("safetensors", side, side.mutants(random.Random(options.seed), options.safetensors), options)
    if options.tokenizers:
        import tokenizers_side as side

        mutants = side.mutants(random.Random(options.seed), options.tokenizers, options.root)
        isEqual = compare("tokenizer", side, mutants, options) and isEqual
    if options.patterns:
        import patterns_side as side

        mutants = side.mutants(random.Random(options.seed), options.patterns, options.root)
        isEqual = compare("pattern", side, mutants, options) and isEqual
    sys.exit(0 if isEqual else 1)


if __name__ == "__main__":
    main()
