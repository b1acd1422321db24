"""Measuring time and memory.

What is compared is measured in turns, a few of one and then a few of the other, because a machine
that others use too is not equally fast from one minute to the next.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

ROUNDS = 3
WARM = 2
_MEGABYTE = 1024 * 1024

Work = Callable[[], object]


def seconds_of(work: Work) -> float:
    """Do some work and return how long it took."""
    began = perf_counter()
    work()
    return perf_counter() - began


def median_seconds(work: Work, *, times: int, warm: int = WARM) -> float:
    """Return the median of ``times`` runs, after some that do not count."""
    return median(_several(work, times=times, warm=warm))


def in_turns(*works: Work, times: int, warm: int = WARM) -> list[float]:
    """Return the median of each kind of work, measured in turns of ``times`` runs in all.

    Before each turn ``warm`` runs are made that do not count.
    """
    found: list[list[float]] = [[] for _ in works]
    rounds = min(ROUNDS, times)
    for _ in range(rounds):
        for work, seconds in zip(works, found, strict=True):
            seconds += _several(work, times=times // rounds, warm=warm)
    return [median(seconds) for seconds in found]


def peak_memory() -> float:
    """Return the most megabytes this process has held at once."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not what getrusage says: on Linux that begins with what the parent process held.
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024 / _MEGABYTE
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held * (1 if sys.platform == "darwin" else 1024) / _MEGABYTE


def processor_seconds(process: int) -> float:
    """Return the processor time another process has used so far, all its threads together."""
    path = Path(f"/proc/{process}/stat")
    if path.exists():
        # The name of the program stands in brackets and may hold anything.
        fields = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    # Elsewhere: [[days-]hours:]minutes:seconds, as the standard has it.
    answer = subprocess.run(
        ["ps", "-o", "time=", "-p", str(process)], capture_output=True, text=True, check=True
    ).stdout
    days, _, clock = answer.strip().rpartition("-")
    seconds = 0.0
    for part in clock.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds + int(days or 0) * 86_400


def _several(work: Work, *, times: int, warm: int) -> list[float]:
    for _ in range(warm):
        work()
    return [seconds_of(work) for _ in range(times)]
