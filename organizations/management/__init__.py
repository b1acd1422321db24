"""Management commands of the organizations floor."""
