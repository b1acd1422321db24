"""Floor 0: resellers, people, rights, audit, jobs, money, errors and encryption."""
