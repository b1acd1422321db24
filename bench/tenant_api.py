"""Fifty tenants of the API, by a program with a token."""

from bench.bare import COLLECTION, ROWS, asking, asking_bare, observed
from bench.ground import Ground
from bench.results import Check, Result
from bench.tenant_list import reseller_with
from bench.timing import in_turns

ADDRESS = f"/api/v1/tenants/?page_size={ROWS}"
MOST_MILLISECONDS = 30
"""A quarter of what NetBox 4.6 took for 50 tenants on the machine this goal was set on."""


def measure(ground: Ground) -> Result:
    """Measure the first page at the second of the list's sizes."""
    tenants = ground.sizes.tenants[1]
    reseller = reseller_with(ground, tenants)
    ask = asking(reseller.program(), ADDRESS)
    ask()
    statement, queries = observed(ask)
    seconds, bare_seconds = in_turns(
        ask,
        asking_bare(COLLECTION, statement, actor=reseller.actor),
        times=ground.sizes.pages,
    )
    return Result(
        name="tenant_api",
        n=tenants,
        seconds=seconds,
        reference="a bare view of the same statement",
        reference_seconds=bare_seconds,
        checks=(Check("ms", seconds * 1000, MOST_MILLISECONDS),),
        more={"ms": seconds * 1000, "bare_ms": bare_seconds * 1000, "queries": queries},
    )
