"""What can end a demo: a failure, told to the person at the terminal, or that person's own wish.

One class for all failures: nobody recovers from these in code, the command prints the text and ends
with status 1, so the text itself must say what happened, where, and what to do.
"""


class DemoError(Exception):
    """A server or step could not be started; the message is complete and safe to print."""


class StopRequested(Exception):
    """Somebody asked the demo to end; not a failure."""
