"""People of the reseller and of its customers."""
