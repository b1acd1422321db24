"""Suggestions for a whole installation: as many tenants as organizations, all names invented.

They are matched in a process of their own, as a worker does it, so that its memory is seen: the
peak above that of a process which has loaded the matching and waits. ``python -m bench.suggestions
N`` is that process.
"""

import json
import os
import subprocess
import sys
from time import perf_counter, process_time
from typing import Any

from bench.ground import Ground
from bench.matching import REFERENCE, by_names_alone
from bench.results import BenchError, Check, Result
from bench.timing import peak_memory
from organizations.suggestions.matching import Match, Matcher
from portal.demo.programs import PROJECT
from tools.matching.blur import blur
from tools.matching.invent import invent
from tools.matching.quality import judge

MOST_SECONDS = 120
MOST_MEGABYTES = 1024
SEED = 20_261_121
STRENGTH = 1.0
_MILLI = 1000


def measure(ground: Ground) -> Result:
    """Match all tenants of a list with all its organizations."""
    went = _apart(ground.sizes.matched)
    return Result(
        name="suggestions",
        n=went["tenants"],
        seconds=went["seconds"],
        reference=REFERENCE,
        reference_seconds=went["reference_seconds"],
        checks=(
            Check("seconds", went["seconds"], MOST_SECONDS),
            Check("megabytes of memory", went["megabytes"], MOST_MEGABYTES),
        ),
        more={
            "organizations": went["organizations"],
            "ready_seconds": went["ready_seconds"],
            "processor_seconds": went["processor_seconds"],
            "milliseconds_per_tenant": went["processor_seconds"] / went["tenants"] * _MILLI,
            "first_place": went["first_place"],
            "certain_precision": went["certain_precision"],
            "certain_coverage": went["certain_coverage"],
        },
        summary=went["summary"],
    )


def _apart(count: int) -> dict[str, Any]:
    outcome = subprocess.run(
        [sys.executable, "-m", "bench.suggestions", str(count)],
        cwd=PROJECT,
        env=os.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode:
        raise BenchError(f"Matching {count:,} organizations ended badly:\n{outcome.stderr}")
    found: dict[str, Any] = json.loads(outcome.stdout.splitlines()[-1])
    return found


def main(count: int) -> None:
    """Invent lists, match them and print one line of JSON."""
    idle = peak_memory()
    case = blur(invent(count, seed=SEED), strength=STRENGTH, seed=SEED)
    tenants = case.tenants[:count]
    began, used = perf_counter(), process_time()
    matcher = Matcher(case.organizations)
    ready = perf_counter() - began
    # A job stores what it found and lets go of it; here the best is kept, to be judged.
    best: list[list[Match]] = [matches[:1] for matches in matcher.match_all(tenants)]
    seconds = perf_counter() - began
    used = process_time() - used
    megabytes = peak_memory() - idle
    keys = [tenant.key for tenant in tenants]
    quality = judge(zip(keys, best, strict=True), case.truth)
    found = {
        "tenants": len(tenants),
        "organizations": len(case.organizations),
        "seconds": seconds,
        "ready_seconds": ready,
        "processor_seconds": used,
        "megabytes": megabytes,
        "reference_seconds": by_names_alone(case.organizations, tenants),
        "first_place": quality.first_place,
        "certain_precision": quality.precision,
        "certain_coverage": quality.coverage,
        "summary": f"{quality}; {megabytes:.0f} MB",
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
