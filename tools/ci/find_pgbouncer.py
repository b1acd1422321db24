"""Find PgBouncer for the tests and the benchmark, or install it, and print its path.

The tests of connections that are shared are not skipped for want of a pooler: it is looked for on
PATH and where Debian puts it, then installed with apt where that is possible (as root); when
nothing helps this ends with what was tried.
"""

import sys
from collections.abc import Iterator

from tools.ci.finding import find, given, install_by_apt, on_path

NAMES = ("pgbouncer",)
SYSTEM_PROGRAMS = "/usr/sbin:/sbin"
"""Where Debian puts it, and where nobody's shell but root's looks."""
FAILING = (
    "No PgBouncer was found or could be installed (tried: {tried}). Install one, or set PGBOUNCER "
    "to its path; the tests through a pooler are not skipped without it."
)


def main() -> int:
    """Print the path of a PgBouncer that runs; return the exit status."""
    ways = {
        "PGBOUNCER": lambda: given("PGBOUNCER"),
        "programs on PATH and in /usr/sbin": in_place,
        "apt": installed_by_apt,
    }
    return find(ways, calls_itself="PgBouncer", failing=FAILING)


def in_place() -> Iterator[str]:
    """Yield the one that is there already."""
    return on_path(NAMES, beside=SYSTEM_PROGRAMS)


def installed_by_apt() -> Iterator[str]:
    """Install Debian's package."""
    if install_by_apt("pgbouncer"):
        yield from in_place()


if __name__ == "__main__":
    sys.exit(main())
