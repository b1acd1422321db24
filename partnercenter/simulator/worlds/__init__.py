"""Worlds: the partners, customers, subscriptions and invoices the simulator serves.

A world is a folder of JSON Lines files that people can read, edit and diff; named worlds are such
folders too, generated once. Nothing outside this package knows how the records are stored.
"""

from partnercenter.simulator.worlds.errors import WorldError
from partnercenter.simulator.worlds.folder import Partner, World
from partnercenter.simulator.worlds.generator import make_world
from partnercenter.simulator.worlds.index import Collection
from partnercenter.simulator.worlds.named import open_world

__all__ = ["Collection", "Partner", "World", "WorldError", "make_world", "open_world"]
