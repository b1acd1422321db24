"""Money that is not on an invoice yet, tenant by tenant."""
