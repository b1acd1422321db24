"""What Microsoft tells of changes: events it sends, records of its audit that are read."""
