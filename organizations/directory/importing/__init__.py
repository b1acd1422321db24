"""Importing organizations from a file: `run` goes through it, the others are its rooms.

`columns` says what a row may hold, `creating` adds what is new, `changes`, `extras` and `partners`
know what is to be given to what exists, and `waiting` keeps what the audit is told at the end.
"""

from organizations.directory.importing.report import ImportReport
from organizations.directory.importing.run import import_organizations

__all__ = ["ImportReport", "import_organizations"]
