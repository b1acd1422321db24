"""What the worker does for agreements."""

from organizations.agreements.operations import CONFIRM
from organizations.agreements.running import carry_out
from portal.core.jobs.kinds import register

register(CONFIRM, carry_out)
