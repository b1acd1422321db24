"""The start page of each persona."""
