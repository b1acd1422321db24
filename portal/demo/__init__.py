"""The demo: a whole installation on one machine, from one command, with nothing else installed."""
