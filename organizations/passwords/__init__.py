"""First passwords of new tenants: kept sealed until they are handed over, once, then gone."""
