"""Finding every tenant of a connection."""
