"""A real PostgreSQL and a real Valkey, started from installed packages and stopped by process id.

One launcher for the demo, the tests and the benchmarks: what runs on a laptop is what the tests
saw. The servers are children of the caller; no system service, user or package is involved.
"""

from portal.demo.servers.launch import RunningServer, Watch
from portal.demo.servers.postgres import start_postgres
from portal.demo.servers.valkey import start_valkey

__all__ = ["RunningServer", "Watch", "start_postgres", "start_valkey"]
