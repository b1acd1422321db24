"""End the suspension of a reseller."""

from portal.core.identity.suspension import resume_reseller
from portal.core.management.shared import SuspensionCommand


class Command(SuspensionCommand):
    help = "End the suspension of a reseller; what has waited runs now."
    reason_help = "the audit keeps it"
    change = staticmethod(resume_reseller)
    outcome = "{name} works again."
