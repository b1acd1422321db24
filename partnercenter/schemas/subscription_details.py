"""What hangs on a subscription: support contact, provisioning, the ends a term can be given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields, as_guid
from partnercenter.schemas.strict import count, word

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SupportContact:
    """Who supports a subscription: a reseller's tenant, partner id and name."""

    tenant_id: str
    mpn_id: str
    name: str

    def body(self) -> dict[str, str]:
        """Return it as the wire has it."""
        return {"supportTenantId": self.tenant_id, "supportMpnId": self.mpn_id, "name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    """How far a subscription is: ``success``, ``pending``, ``failed`` or a word to come."""

    sku_id: str
    status: str
    quantity: int | None
    ends: datetime | None
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True)
class TermEnd:
    """A date a first or next term may end at; with it, the subscriptions that end then too."""

    kind: str
    ends: datetime
    subscription_ids: tuple[str, ...]


def read_support_contact(body: object) -> SupportContact:
    """Return a support contact."""
    fields = Fields(body)
    return SupportContact(
        tenant_id=as_guid(fields.get("supporttenantid")) or "",
        mpn_id=fields.text("supportmpnid"),
        name=fields.text("name"),
    )


def read_provisioning(body: object) -> Provisioning:
    """Return how far a subscription is."""
    fields = Fields(body)
    return Provisioning(
        sku_id=fields.text("skuid").lower(),
        status=word(fields.text("status")),
        quantity=count(fields, "quantity"),
        ends=fields.moment("enddate"),
        raw=fields.raw,
    )


def read_term_end(row: object) -> TermEnd:
    """Return a possible end of a term. Raises: MalformedAnswer without a readable date."""
    fields = Fields(row)
    ends = fields.moment("allowedcustomtermenddate")
    if ends is None:
        raise MalformedAnswer("The answer has an end of a term without a date.")
    return TermEnd(
        kind=word(fields.text("allowedcustomtermenddatetype")),
        ends=ends,
        subscription_ids=tuple(each.lower() for each in fields.texts("cotermsubscriptionids")),
    )
