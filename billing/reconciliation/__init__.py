"""Assigned and unassigned money against the invoice."""
