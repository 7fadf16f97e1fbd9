"""Times all sides alternately, on a quiet machine."""

import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Settings:
    """The number and the duration of measurements."""

    rounds: int
    seconds: float
    patience: float
    # The number of measurements that other work disturbed, and the number of all measurements.
    disturbed: int = 0
    measurements: int = 0


def seconds_per_run(run: Callable[[], object], settings: Settings) -> float:
    """The median duration of `run`, after a warm-up, over `settings.seconds`."""

    def duration() -> float:
        before = time.perf_counter()
        run()
        return time.perf_counter() - before

    # An earlier run compared the outputs, so a long run like this is warm enough to count.
    warm_up = duration()
    if warm_up > 10 * settings.seconds:
        return warm_up
    durations: list[float] = []
    start = time.perf_counter()
    while not durations or time.perf_counter() - start < settings.seconds:
        durations.append(duration())
    return statistics.median(durations)


def busy_processors(seconds: float = 0.15) -> float:
    """The number of CPUs that other processes keep busy while this process sleeps."""

    def busy() -> int:
        with open("/proc/stat") as file:
            fields = [int(field) for field in file.readline().split()[1:]]
        return sum(fields[:3]) + sum(fields[5:8])

    before = busy()
    time.sleep(seconds)
    return (busy() - before) / os.sysconf("SC_CLK_TCK") / seconds


def wait_for_quiet(settings: Settings) -> None:
    """Waits until other processes use less than 0.3 CPUs, so that they do not distort a measurement."""
    settings.measurements += 1
    end = time.monotonic() + settings.patience
    while busy_processors() > 0.3:
        if time.monotonic() > end:
            settings.disturbed += 1
            return


@dataclass
class Side:
    """The durations of one side in all rounds."""

    durations: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.durations)


def in_turns(measures: dict[str, Callable[[], float]], settings: Settings) -> dict[str, Side]:
    """Measures the seconds per run of each side in each round; every second round in reverse order."""
    sides = {name: Side() for name in measures}
    for number in range(settings.rounds):
        order = list(measures) if number % 2 == 0 else list(reversed(measures))
        for name in order:
            wait_for_quiet(settings)
            sides[name].durations.append(measures[name]())
    return sides


def ratio(peer: Side, swift: Side) -> float:
    """The time of the peer divided by ours: the median over the rounds, because the speed of the
    machine is the same for both within a round."""
    return statistics.median(p / s for p, s in zip(peer.durations, swift.durations))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
