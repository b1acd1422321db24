"""The tables of floor 0, gathered for Django."""

from portal.core.audit.models import AuditEvent, AuditHead
from portal.core.identity.models import ApiToken, Membership, Reseller, SignInTries, User
from portal.core.jobs.heartbeat import Heartbeat
from portal.core.jobs.models import Job, Slot

__all__ = [
    "ApiToken",
    "AuditEvent",
    "AuditHead",
    "Heartbeat",
    "Job",
    "Membership",
    "Reseller",
    "SignInTries",
    "Slot",
    "User",
]
