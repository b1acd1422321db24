"""Who deals with whom: indirect providers, resellers, customers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields
from partnercenter.schemas.links import web_link


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRelationship:
    """A partner another one works with; ``id`` is its tenant, in lower case.

    One partner can occur several times, once for each partner id and location.
    """

    id: str
    name: str
    relationship_type: str
    state: str
    mpn_id: str
    location: str
    raw: Mapping[str, Any] = field(repr=False)


def read_partner_relationship(row: object) -> PartnerRelationship:
    """Return a relationship. Raises: MalformedAnswer when it names no partner."""
    fields = Fields(row)
    identity = fields.text("id").strip().lower()
    if not identity:
        raise MalformedAnswer("The answer has a partner without a tenant id.")
    return PartnerRelationship(
        id=identity,
        name=fields.text("name"),
        relationship_type=fields.text("relationshiptype").replace("_", "").lower(),
        state=fields.text("state").lower(),
        # One page of the documentation calls it by the second name.
        mpn_id=fields.text("mpnid", "partnerid"),
        location=fields.text("location").upper(),
        raw=fields.raw,
    )


def read_request_link(body: object) -> str:
    """Return the address a customer accepts a relationship at. Raises: MalformedAnswer."""
    link = web_link(Fields(body).get("url"))
    if not link:
        raise MalformedAnswer("The answer has no usable invitation link.")
    return link


def read_agreement_status(body: object) -> bool:
    """Return whether a reseller signed. Raises: MalformedAnswer when that is left open."""
    signed = Fields(body).flag("isagreementsigned")
    if signed is None:
        raise MalformedAnswer("The answer does not say whether the agreement is signed.")
    return signed
