"""The tables of floor 0, gathered for Django."""

from portal.core.audit.models import AuditEvent, AuditHead
from portal.core.identity.models import ApiToken, Membership, Reseller, User
from portal.core.jobs.models import Job, Slot

__all__ = ["ApiToken", "AuditEvent", "AuditHead", "Job", "Membership", "Reseller", "Slot", "User"]
