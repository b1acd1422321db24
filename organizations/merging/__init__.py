"""Two organizations that turn out to be one: previewed, merged, and redirected."""
