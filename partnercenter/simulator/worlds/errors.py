"""The one error of worlds: something in a world folder cannot be used.

There is a single class because every caller does the same with it: show the message and stop. The
message therefore always names the folder, the file, the line where there is one, and the remedy.
"""

from __future__ import annotations


class WorldError(Exception):
    """A world folder is missing, incomplete or holds something that cannot be read."""
