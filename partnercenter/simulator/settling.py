"""What time alone brings: charges that fall due, and invoices that become ready.

Nobody asks for either, so both are recorded when the clock is next looked at: moved on by hand,
read by a call, or noticed by the thread that delivers webhook events.
"""

from partnercenter.simulator.charge_rows import record_due
from partnercenter.simulator.site import Site


def settle(site: Site) -> None:
    """Record what has fallen due and which invoices are ready by now; what is known stays one.

    Charges come first: they may belong to a month whose invoice becomes ready with them. Invoices a
    world begins with were ready before it was opened, so nothing is told of them.
    """
    record_due(site)
    books = site.invoices.books(site.clock(), invoice_day=site.switches.invoice_day)
    for invoice_id in books.later_ids():
        if not site.invoices.is_told(invoice_id):
            site.ledger.record("invoice_ready", invoice_id)
