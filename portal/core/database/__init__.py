"""The portal's PostgreSQL: a backend that sets the reseller at BEGIN, roles, and policies."""
