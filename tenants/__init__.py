"""Floor 2: connections, tenants and what Microsoft shows of them. Knows no customer."""
