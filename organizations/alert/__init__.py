"""What needs somebody: tenants that belong to nobody, connections that fail, and their history."""
