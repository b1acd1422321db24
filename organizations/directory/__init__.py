"""Organizations and their accounts."""
