"""Leaving tenants out on purpose: a decision with a reason, an end, and a guard against money."""
