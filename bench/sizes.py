"""How much is measured.

One table of numbers with one scale, so that a small run goes the same way as a large one and
differs in nothing else.
"""

from dataclasses import dataclass

LEAST = 40
"""Below this many rows there is no second page to walk to."""
LEAST_SPREAD = 60
"""Below this many tenants of a reseller a page of fifty is not full."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Numbers of rows and of repetitions.

    ``customers``: the small and the large discovery. ``tenants``: the sizes the tenant list is
    shown at; the first two decide. ``lines``: the small and the large import, of a world that has
    ``billed`` customers. ``links``: the small and the large bulk link. ``sample``: rows of the loop
    that discovery is compared with. ``matched``: organizations of the list that tenants are matched
    with, and as many tenants. ``spread``: the tenants of all the ``resellers`` that a load is for,
    and ``requests`` of each load. ``repeats`` of long work and of ``pages`` are what a median is
    taken of.
    """

    customers: tuple[int, int]
    tenants: tuple[int, ...]
    lines: tuple[int, int]
    billed: int
    links: tuple[int, int]
    sample: int
    matched: int
    spread: int
    resellers: int
    requests: int
    repeats: int
    pages: int


def sizes(*, scale: float = 1.0, full: bool = False) -> Sizes:
    """Return the numbers for a run, ``full`` with a million rows where the usual run stops short.

    ``scale`` makes every number of rows smaller; a run that is scaled down is not repeated.
    """

    def rows(number: int) -> int:
        return max(int(number * scale), LEAST)

    small = scale < 1
    resellers = 10 if small else 200
    return Sizes(
        customers=(rows(10_000), rows(100_000)),
        tenants=tuple(map(rows, (10_000, 100_000, *((1_000_000,) if full else ())))),
        lines=(rows(10_000), rows(1_000_000 if full else 100_000)),
        billed=rows(5_000),
        links=(rows(10_000), rows(100_000)),
        sample=rows(2_000),
        matched=rows(100_000),
        spread=max(rows(100_000), resellers * LEAST_SPREAD),
        resellers=resellers,
        requests=240 if small else 2_400,
        repeats=1 if small or full else 3,
        pages=2 if small else 30,
    )
