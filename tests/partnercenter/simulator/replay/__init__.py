"""Recorded exchanges asked of the simulator again: one module per part of the service."""
