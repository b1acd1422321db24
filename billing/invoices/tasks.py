"""What a worker does for this capability."""

from billing.invoices.importing import run_import
from billing.invoices.operations import IMPORT_INVOICES
from portal.core.jobs.kinds import register

register(IMPORT_INVOICES, run_import)
