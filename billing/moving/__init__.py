"""Moving a tenant to another organization, with what that moves on the invoices in plain sight."""
