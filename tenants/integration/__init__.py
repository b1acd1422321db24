"""The integration test: a scripted run that proves a connection, step by step, and is kept."""
