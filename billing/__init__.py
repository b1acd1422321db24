"""Floor 4: invoices, reconciliation and reports."""
