"""The portal's PostgreSQL: a backend that sets the reseller at BEGIN, its roles, and its policies."""
