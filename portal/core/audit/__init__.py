"""Append-only record of every change: who, for whom, what, before, after, why.

Use ``audit.record(actor, action, subject, …)`` inside the transaction that makes the change.
"""

from portal.core.audit.entries import Entry
from portal.core.audit.operations import record, record_many

__all__ = ["Entry", "record", "record_many"]
