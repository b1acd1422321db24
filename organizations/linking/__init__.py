"""Which tenant belongs to which organization, and the alert about those that belong to none."""
