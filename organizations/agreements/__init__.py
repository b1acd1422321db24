"""Confirming to Microsoft that a customer agreed, for a tenant that is there already."""
