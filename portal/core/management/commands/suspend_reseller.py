"""Suspend a reseller."""

from portal.core.identity.suspension import suspend_reseller
from portal.core.management.shared import SuspensionCommand


class Command(SuspensionCommand):
    help = "Let nothing of a reseller be changed. Its people still sign in and read; jobs wait."
    reason_help = "its people read it; the audit keeps it"
    change = staticmethod(suspend_reseller)
    outcome = "{name} is suspended: its people can read and change nothing, its jobs wait."
