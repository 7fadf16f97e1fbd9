"""Measures this package and its peers alternately, and prints a report; see Scripts/peers --help."""

import argparse
import os
import sys
from pathlib import Path

STANDARD = ["operator", "encoder", "corpus", "tokenizer", "start", "generate", "search"]
PROCESSORS = len(os.sched_getaffinity(0))


def counts(text: str) -> list[int]:
    values = [int(part) for part in text.split(",")]
    if not values or min(values) < 1:
        raise ValueError
    return values


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="peers", add_help=False)
    parser.add_argument("sections", nargs="*", metavar="section")
    parser.add_argument("--threads", type=counts, default=sorted({1, PROCESSORS}))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--patience", type=float, default=10)
    parser.add_argument("--output", type=Path)
    for own in ["--attend", "--model", "--cache"]:
        parser.add_argument(own, type=Path, default=Path(), help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    result = parser.parse_args()
    for name in result.sections:
        if name not in [*STANDARD, "scaling"]:
            parser.error(f"unknown section '{name}', expected {', '.join([*STANDARD, 'scaling'])}")
    if result.rounds < 1 or result.seconds < 0 or result.patience < 0:
        parser.error("expected --rounds of at least 1, --seconds and --patience of at least 0")
    if result.output and not result.output.resolve().parent.is_dir():
        parser.error(f"--output: folder {result.output.resolve().parent} does not exist")
    result.sections = result.sections or STANDARD
    return result


def main() -> None:
    options = arguments()
    if options.check:
        return
    # Set before importing the libraries, which read these variables.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["RAYON_NUM_THREADS"] = str(max(options.threads))

    import report
    from measuring import Settings, say
    from swift_side import Attend

    settings = Settings(options.rounds, options.seconds, options.patience)
    attend = Attend(options.attend, options.model)
    machine = attend.bench("gemm", "--shape", "8x8x8", "--no-peak", "--seconds", "0")["machine"]
    if set(options.sections) - {"operator", "tokenizer", "generate", "search"}:
        import models

        say("Exporting the model …")
        plain, fused, nodes = models.export(options.model, options.cache / "onnx")
    parts = report.heading(machine, options.threads)
    print("\n\n".join(parts), flush=True)
    for name in options.sections:
        # Each section imports only the peers that it needs.
        match name:
            case "operator":
                import operator_section

                table = operator_section.section(attend, options.threads, settings)
            case "encoder":
                import encoder_section

                table = encoder_section.section(
                    attend, plain, fused, nodes, options.threads, settings
                )
            case "corpus":
                import corpus_section

                table = corpus_section.section(attend, plain, fused, options.threads, settings)
            case "tokenizer":
                import corpus_section

                table = corpus_section.tokenizer_section(attend, settings)
            case "start":
                import start_section

                table = start_section.section(
                    attend, plain, fused, max(options.threads), settings
                )
            case "generate":
                import generate_section

                table = generate_section.section(
                    attend, options.cache, options.threads, settings
                )
            case "search":
                import search_section

                table = search_section.section(attend, options.threads, settings)
            case "scaling":
                import scaling_section

                table = scaling_section.section(attend, plain, fused, PROCESSORS, settings)
        parts.append(table.markdown())
        print("\n" + parts[-1], flush=True)
    if settings.disturbed:
        parts.append(
            f"Other processes kept the machine busy in {settings.disturbed} of "
            f"{settings.measurements} measurements."
        )
        print(parts[-1], flush=True)
    if options.output:
        options.output.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
