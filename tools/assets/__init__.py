"""Keeps the front-end files that come from npm."""
