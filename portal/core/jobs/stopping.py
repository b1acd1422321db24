"""Telling running jobs that their worker is asked to stop.

The order to stop reaches a worker's parent process, the jobs run in its children. One byte of
memory, shared because it was mapped before they were forked, tells them: a job looks at it between
two steps and gives itself back to the queue instead of being killed in the middle of the next.
"""

import mmap
from typing import Any

from celery.signals import worker_shutting_down

_flag = mmap.mmap(-1, 1)


def stopping() -> bool:
    """Tell whether this worker has been asked to stop."""
    return _flag[0] != 0


@worker_shutting_down.connect
def ask_to_stop(**_: Any) -> None:
    """Let every job of this worker give itself back at the end of its step."""
    _flag[0] = 1
