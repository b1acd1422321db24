"""Tools for maintainers; nothing here runs in production."""
