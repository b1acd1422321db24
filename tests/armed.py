"""Runs a program of the portal with the faults, the clock and the kinds of work of a test.

    python -m tests.armed celery --app portal worker …
    python -m tests.armed manage.py relay

``TENANTRY_CLOCK`` shifts this process's clock by so many seconds; the database's stays what it is.
"""

import os
import runpy
import sys
from datetime import UTC, datetime, timedelta

import time_machine

from tests import faults

CLOCK = "TENANTRY_CLOCK"


def main() -> None:
    """Run the program named by the arguments, as if it had been started itself."""
    shift = float(os.environ.get(CLOCK, "0"))
    if shift:
        time_machine.travel(datetime.now(UTC) + timedelta(seconds=shift), tick=True).start()
    faults.arm()
    sys.argv = sys.argv[1:]
    if sys.argv[0].endswith(".py"):
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
