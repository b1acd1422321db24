"""The month, per organization."""
