"""Microsoft's invoices, every line kept as received."""
