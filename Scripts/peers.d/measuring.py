"""Times both sides in turns, while nothing else computes."""

import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Settings:
    """How long everything is measured, and how often."""

    rounds: int
    seconds: float
    patience: float
    # How often other work did not pause in time, and how often it was waited for.
    disturbed: int = 0
    measurements: int = 0


def seconds_per_run(run: Callable[[], object], settings: Settings) -> float:
    """The median duration of `run`, after a warm-up, over `settings.seconds`."""

    def duration() -> float:
        before = time.perf_counter()
        run()
        return time.perf_counter() - before

    # Not the first run, as outputs are compared before: one so long needs no other to warm it up.
    warm_up = duration()
    if warm_up > 10 * settings.seconds:
        return warm_up
    durations: list[float] = []
    start = time.perf_counter()
    while not durations or time.perf_counter() - start < settings.seconds:
        durations.append(duration())
    return statistics.median(durations)


def busy_processors(seconds: float = 0.15) -> float:
    """How many processors others keep busy while this process sleeps."""

    def busy() -> int:
        with open("/proc/stat") as file:
            fields = [int(field) for field in file.readline().split()[1:]]
        return sum(fields[:3]) + sum(fields[5:8])

    before = busy()
    time.sleep(seconds)
    return (busy() - before) / os.sysconf("SC_CLK_TCK") / seconds


def wait_for_quiet(settings: Settings) -> None:
    """Waits for other work to pause: half a processor less would be blamed on who is measured."""
    settings.measurements += 1
    end = time.monotonic() + settings.patience
    while busy_processors() > 0.3:
        if time.monotonic() > end:
            settings.disturbed += 1
            return


@dataclass
class Side:
    """What one side took in each round."""

    durations: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.durations)


def in_turns(measures: dict[str, Callable[[], float]], settings: Settings) -> dict[str, Side]:
    """Asks each side for its seconds a run, round by round, each round in the other order."""
    sides = {name: Side() for name in measures}
    for number in range(settings.rounds):
        order = list(measures) if number % 2 == 0 else list(reversed(measures))
        for name in order:
            wait_for_quiet(settings)
            sides[name].durations.append(measures[name]())
    return sides


def ratio(peer: Side, swift: Side) -> float:
    """How many times as long the peer takes: the median over the rounds, in which both met the same
    machine."""
    return statistics.median(p / s for p, s in zip(peer.durations, swift.durations))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
