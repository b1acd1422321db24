"""Resellers, people, their memberships and API tokens."""
