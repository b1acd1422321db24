"""The doors to saved views and chosen columns; what they do is in `portal.core.tables`."""
