"""The tables of the organizations floor, gathered for Django."""

from organizations.directory.models import Account, Numbering, Organization
from organizations.linking.models import Link

__all__ = ["Account", "Link", "Numbering", "Organization"]
