"""Commands of the tenants floor."""
