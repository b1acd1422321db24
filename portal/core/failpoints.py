"""Named places where a test may let a process die, stall or lose its database.

In production a failpoint is a call that does nothing. Tests replace `reached` in the processes they
start; nothing in the environment or in a setting can.
"""

from collections.abc import Callable


def _go_on(_name: str) -> None:
    return


reached: Callable[[str], None] = _go_on


def failpoint(name: str) -> None:
    """Mark a place where being killed is most dangerous; ``name`` is unique in the code."""
    reached(name)
