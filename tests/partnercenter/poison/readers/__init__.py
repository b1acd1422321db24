"""What reads answers: every reader of the client with a body it must read.

Each part has a module here with its own ``READERS``, entered below.
"""

from tests.partnercenter.poison.readers import customers, invoices, partner
from tests.partnercenter.poison.readers.reading import WHEN, Reader

__all__ = ["READERS", "WHEN", "Reader"]

READERS: dict[str, Reader] = {
    **customers.READERS,
    **partner.READERS,
    **invoices.READERS,
}
