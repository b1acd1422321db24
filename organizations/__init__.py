"""Floor 3: organizations, their accounts and members, and the links to tenants."""
