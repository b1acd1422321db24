"""How often tests with a number of repetitions repeat them."""

import os

TIMES = int(os.environ.get("TENANTRY_TIMES", "1"))
"""Ten in ``make torture``."""
