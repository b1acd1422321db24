"""Management commands of the outside API."""
