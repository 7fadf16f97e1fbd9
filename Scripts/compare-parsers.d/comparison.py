"""Runs both parsers on the same inputs and groups the differences."""

import json
import multiprocessing
import re
import struct
import subprocess
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable


class Refused(Exception):
    """The reference refuses an input."""


class Worker:
    """A process that runs the reference: some panics of the reference end the process."""

    def __init__(self, verdict: Callable) -> None:
        context = multiprocessing.get_context("fork")
        self.connection, child = context.Pipe()
        context.Process(target=Worker.serve, args=(verdict, child), daemon=True).start()
        child.close()

    @staticmethod
    def serve(verdict: Callable, connection) -> None:
        while True:
            connection.send(verdict(*connection.recv()))

    def ask(self, mutant: bytes, own: dict) -> tuple[str, str | None]:
        """Raises EOFError if the process ends."""
        self.connection.send((mutant, own))
        return self.connection.recv()


class Comparison:
    def __init__(self, target: str, options, reference: Callable, differs: Callable) -> None:
        self.target = target
        self.options = options
        # Returns the result for an input, or raises Refused.
        self.reference = reference
        # Returns a description of the difference of two results, or None.
        self.differs = differs
        self.worker: Worker | None = None
        self.counts: Counter = Counter()
        self.groups: dict[tuple[str, str], list] = defaultdict(list)

    def run(self, mutants: Iterable[tuple[str, bytes]]) -> None:
        driver = subprocess.Popen(
            [self.options.driver, self.target, "--stream"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        sent: list[tuple[str, bytes]] = []
        available = threading.Semaphore(0)

        def send() -> None:
            try:
                for mutant in mutants:
                    sent.append(mutant)
                    available.release()
                    driver.stdin.write(struct.pack("<I", len(mutant[1])) + mutant[1])
                driver.stdin.close()
            except BrokenPipeError:
                pass
            available.release()

        threading.Thread(target=send, daemon=True).start()
        index = 0
        while True:
            available.acquire()
            if index == len(sent):
                break
            change, mutant = sent[index]
            sent[index] = ("", b"")
            index += 1
            line = driver.stdout.readline()
            if not line:
                self.add("ends the process", f"status {driver.wait()}", change, mutant)
                break
            self.compare(change, mutant, json.loads(line))

    def compare(self, change: str, mutant: bytes, own: dict) -> None:
        self.counts["mutants"] += 1
        if self.worker is None:
            self.worker = Worker(self.verdict)
        try:
            kind, reason = self.worker.ask(mutant, own)
        except EOFError:
            self.counts["the reference ends"] += 1
            self.worker = None
            return
        if reason is None:
            self.counts[kind] += 1
        else:
            self.add(kind, reason, change, mutant)

    def verdict(self, mutant: bytes, own: dict) -> tuple[str, str | None]:
        """The kind of the outcome, and the reason if the parsers differ."""
        if "violation" in own:
            return "violates a check", own["violation"]
        try:
            expected = self.reference(mutant)
        except Refused as refusal:
            if "accepted" in own:
                return "accepted here, refused by the reference", str(refusal)
            return "refused by both", None
        if "refused" in own:
            return "refused here, accepted by the reference", own["refused"]
        difference = self.differs(expected, own["accepted"])
        return ("other results", difference) if difference else ("accepted by both, equal results", None)

    def add(self, kind: str, reason: str, change: str, mutant: bytes) -> None:
        # Paths, numbers and quoted parts of an error depend on the mutant.
        group = re.sub(r"^/\S*/", "", reason)
        group = re.sub(r"\"(\\.|[^\"\\])*\"|'[^']*'", "'…'", group)
        group = re.sub(r"(unsupported (?!pattern)[a-z_-]+) .*", r"\1 …", group)
        group = re.sub(r"(unsupported pattern) .*: ([^:]*)$", r"\1: \2", group)
        group = re.sub(r"-?\d+(\.\d+)?(e[+-]?\d+)?", "N", group)[:120]
        examples = self.groups[kind, group]
        self.counts[kind] += 1
        examples.append(None if len(examples) >= 50 else (reason, change, mutant))
        if self.options.output and examples[-1]:
            folder = self.options.output / self.target / re.sub(r"\W+", "-", kind)
            folder.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"\W+", "-", group)[:60]
            (folder / f"{name}-{len(examples)}").write_bytes(mutant)

    def report(self) -> bool:
        """Prints the differences; returns whether none is a fault."""
        print(f"\n## {self.target}\n")
        for name, count in self.counts.most_common():
            print(f"{count:8} {name}")
        kinds = ["ends the process", "violates a check", "accepted here, refused by the reference", "other results"]
        for kind in [*kinds, "refused here, accepted by the reference"]:
            groups = {group: found for (key, group), found in self.groups.items() if key == kind}
            if groups:
                print(f"\n### {kind}\n")
            ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
            if kind not in kinds and len(ordered) > 40:
                print(f"{sum(len(found) for _, found in ordered[40:]):8} in {len(ordered) - 40} smaller groups")
                ordered = ordered[:40]
            for group, found in ordered:
                print(f"{len(found):8} {group}")
                for reason, change, mutant in [example for example in found if example][: self.options.shown]:
                    print(f"           {change}: {reason[:200]!r}"[:300])
        return not any(self.counts[kind] for kind in kinds)
