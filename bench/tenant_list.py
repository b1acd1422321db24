"""The list of tenants at several sizes: first and last page, searches, one filter.

What counts is the worst of the pages: against a bare view of the same statement and rows, and
against the same page of a list a tenth as long. The milliseconds are a quarter of what NetBox 4.6
took for its list of tenants on the machine these goals were set on.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.test import Client

from bench.bare import ROWS, TABLE, asking, asking_bare, observed
from bench.ground import Ground
from bench.results import Check, Result
from bench.seeding import (
    NOUNS,
    RARE,
    Reseller,
    add_organizations,
    add_tenants,
    make_reseller,
    settle,
)
from bench.timing import in_turns

ADDRESS = f"/tenants/?size={ROWS}"
PAGES = {
    "first": ("", 45),
    "last": ("&page=last", 98),
    "search": (f"&search={RARE}", 74),
    "search_common": (f"&search={NOUNS.split()[0].lower()}", 74),
    "not_linked": ("&tab=unlinked", 45),
}
"""What each page adds to the address, and the milliseconds it may take."""
TENANTS_PER_ORGANIZATION = 5
MOST_OF_BARE = 3
MOST_GROWTH = 1.3
MOST_QUERIES = 12


@dataclass(frozen=True, slots=True)
class Timing:
    """One page at one size."""

    seconds: float
    bare_seconds: float
    queries: int

    @property
    def ratio(self) -> float:
        return self.seconds / self.bare_seconds


@cache
def reseller_with(ground: Ground, tenants: int) -> Reseller:
    """Return a reseller with so many tenants, made the first time it is asked for."""
    reseller = make_reseller()
    organizations = max(tenants // TENANTS_PER_ORGANIZATION, 1)
    add_organizations(ground, reseller, organizations)
    add_tenants(ground, reseller, tenants, organizations=organizations)
    settle(ground)
    return reseller


def measure(ground: Ground) -> Result:
    """Measure every page at every size."""
    timings = {
        tenants: _pages(reseller_with(ground, tenants), times=ground.sizes.pages)
        for tenants in ground.sizes.tenants
    }
    small, large = ground.sizes.tenants[:2]
    worst = max(timings[large].values(), key=lambda timing: timing.ratio)
    growth = {page: timings[large][page].seconds / timings[small][page].seconds for page in PAGES}
    return Result(
        name="tenant_list",
        n=large,
        seconds=worst.seconds,
        reference="a bare view of the same statement and rows, for the worst page",
        reference_seconds=worst.bare_seconds,
        checks=(
            Check("times the bare view", worst.ratio, MOST_OF_BARE),
            Check(f"times the {small:,} rows", max(growth.values()), MOST_GROWTH),
            Check(
                "queries", max(timing.queries for timing in timings[large].values()), MOST_QUERIES
            ),
            *(
                Check(f"ms for {page}", timings[large][page].seconds * 1000, limit)
                for page, (_, limit) in PAGES.items()
            ),
        ),
        more={
            "pages": {
                page: _told(page, {size: pages[page] for size, pages in timings.items()})
                for page in PAGES
            }
        },
    )


def _pages(reseller: Reseller, *, times: int) -> dict[str, Timing]:
    client = reseller.browser()
    return {
        page: _page(client, reseller, f"{ADDRESS}{query}", times=times)
        for page, (query, _) in PAGES.items()
    }


def _page(client: Client, reseller: Reseller, address: str, *, times: int) -> Timing:
    ask = asking(client, address)
    ask()
    statement, queries = observed(ask)
    seconds, bare_seconds = in_turns(
        ask,
        asking_bare(TABLE, statement, actor=reseller.actor),
        times=times,
    )
    return Timing(seconds, bare_seconds, queries)


def _told(page: str, timings: dict[int, Timing]) -> dict[str, Any]:
    return {
        "queries": max(timing.queries for timing in timings.values()),
        "ms": {str(size): timing.seconds * 1000 for size, timing in timings.items()},
        "bare_ms": {str(size): timing.bare_seconds * 1000 for size, timing in timings.items()},
        "goal_ms": PAGES[page][1],
    }
