"""The tables of floor 0, gathered for Django."""

from portal.core.audit.models import AuditEvent, AuditHead
from portal.core.books import Books
from portal.core.identity.models import ApiToken, Membership, Reseller, SignInTries, User
from portal.core.jobs.heartbeat import Heartbeat
from portal.core.jobs.models import Job, Slot
from portal.core.tables.models import TableView

__all__ = [
    "ApiToken",
    "AuditEvent",
    "AuditHead",
    "Books",
    "Heartbeat",
    "Job",
    "Membership",
    "Reseller",
    "SignInTries",
    "Slot",
    "TableView",
    "User",
]
