"""A Partner Center to develop and test against: one WSGI application over a world of files.

It is the only stand-in for Microsoft in this project, in tests as in the demo, so its answers are
held to recorded exchanges and to the fidelity rules its tests are named after.
"""

from partnercenter.simulator.errors import SimulatorError
from partnercenter.simulator.simulator import Simulator
from partnercenter.simulator.switches import SwitchError, Switches

__all__ = ["Simulator", "SimulatorError", "SwitchError", "Switches"]
