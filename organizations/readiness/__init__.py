"""Whether an account can become a tenant: everything Microsoft would refuse, known before."""
