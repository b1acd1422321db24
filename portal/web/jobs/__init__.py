"""What runs, waits and failed."""
