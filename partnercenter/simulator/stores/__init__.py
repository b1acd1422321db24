"""State over the world's files.

Each store listens to the ledger and changes only itself; nothing else may change it.
"""
