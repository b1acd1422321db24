"""Which method of the client each recorded exchange belongs to: one module per part."""
