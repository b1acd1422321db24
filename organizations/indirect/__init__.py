"""Which organization each indirect reseller is that Partner Center lists for a connection."""
