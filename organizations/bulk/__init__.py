"""Linking many tenants by one decision: preview, job, result of each, undo of the whole."""
