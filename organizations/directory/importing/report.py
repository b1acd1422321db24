"""What an import says of itself, and a row as the import knows it once it was checked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from organizations.directory.details import OrganizationDetails
from organizations.directory.importing.columns import Extra, PartnerDetails
from organizations.directory.models import Organization
from portal.web.sheets.reading import Remark

SUB_RESELLER = Organization.Kind.SUB_RESELLER
Tell: TypeAlias = Callable[[Remark], None]


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would have done.

    ``kept``: they exist with other values and stay; ``alike``: created although they resemble one
    that exists; ``missing``: rows that leave a field empty.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    alike: int = 0
    bad_rows: int = 0
    incomplete: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    written: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A checked row."""

    line: int
    number: str
    details: OrganizationDetails
    partner: PartnerDetails
    extra: Extra

    @property
    def says_more(self) -> bool:
        """Whether it says anything besides the details of the organization."""
        partner = self.partner
        return bool(self.extra) or partner.has_id or partner.kind == SUB_RESELLER
