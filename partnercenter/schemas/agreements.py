"""The Microsoft Customer Agreement: its templates, and who confirmed it when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from partnercenter.errors import InvalidRequest, MalformedAnswer
from partnercenter.schemas.fields import Fields
from partnercenter.schemas.links import web_link

CUSTOMER_AGREEMENT = "MicrosoftCustomerAgreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementTemplate:
    """A text customers agree to; ``id`` is needed to confirm that one did."""

    id: str
    agreement_type: str
    link: str
    version_rank: int
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementDocument:
    """Where the text can be read for some minutes."""

    display_uri: str = field(repr=False)
    download_uri: str = field(repr=False)
    language: str
    country: str
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementContact:
    """Who agreed, for the customer."""

    first_name: str
    last_name: str
    email: str
    phone_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A confirmation by the partner that a customer agreed.

    ``user_id`` is the partner's user who confirmed it; lists leave it out.
    """

    template_id: str
    agreement_type: str
    contact: AgreementContact
    agreed: datetime | None
    user_id: str
    link: str
    raw: Mapping[str, Any] = field(repr=False)


def write_agreement(
    template_id: str, contact: AgreementContact, *, agreed: datetime, agreement_type: str
) -> dict[str, Any]:
    """Return the body that confirms an agreement. Raises: InvalidRequest without a time zone."""
    if agreed.tzinfo is None:
        raise InvalidRequest("The moment of an agreement needs a time zone.")
    person = {
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "email": contact.email,
        "phoneNumber": contact.phone_number,
    }
    return {
        "primaryContact": {name: value for name, value in person.items() if value},
        "templateId": template_id,
        "dateAgreed": agreed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "type": agreement_type,
    }


def read_agreement_template(body: object) -> AgreementTemplate:
    """Return a template. Raises: MalformedAnswer when it has no id."""
    row = Fields(body)
    identity = row.text("templateid").lower()
    if not identity:
        raise MalformedAnswer("The answer has an agreement without an id.")
    rank = row.get("versionrank")
    return AgreementTemplate(
        id=identity,
        agreement_type=row.text("agreementtype"),
        link=web_link(row.get("agreementlink")),
        version_rank=rank if isinstance(rank, int) and not isinstance(rank, bool) else 0,
        raw=row.raw,
    )


def read_agreement_document(body: object) -> AgreementDocument:
    """Return where the text is."""
    row = Fields(body)
    return AgreementDocument(
        display_uri=web_link(row.get("displayuri")),
        download_uri=web_link(row.get("downloaduri")),
        language=row.text("language"),
        country=row.text("country").upper(),
        raw=row.raw,
    )


def read_agreement(body: object) -> Agreement:
    """Return a confirmation. Raises: MalformedAnswer when it names no template."""
    row = Fields(body)
    template_id = row.text("templateid").lower()
    if not template_id:
        raise MalformedAnswer("The answer has an agreement without an id.")
    person = row.inner("primarycontact") or Fields({})
    return Agreement(
        template_id=template_id,
        # Called otherwise in the list of templates.
        agreement_type=row.text("type", "agreementtype"),
        contact=AgreementContact(
            first_name=person.text("firstname"),
            last_name=person.text("lastname"),
            email=person.text("email"),
            phone_number=person.text("phonenumber"),
        ),
        agreed=row.moment("dateagreed"),
        user_id=row.text("userid"),
        link=web_link(row.get("agreementlink")),
        raw=row.raw,
    )


def read_direct_signature(body: object) -> bool:
    """Return whether the customer signed by itself. Raises: MalformedAnswer when that is open."""
    signed = Fields(body).flag("issigned")
    if signed is None:
        raise MalformedAnswer("The answer does not say whether the agreement is signed.")
    return signed
