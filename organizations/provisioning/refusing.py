"""What Microsoft refused, beside the field it is about and in words for people.

The narrowest error decides (`partnercenter.refusal_codes`). Where Microsoft answers with its code
for any bad input, its own sentence names the property, which is all there is to go by: such a
sentence only chooses the field, never whether something is a refusal.
"""

from collections.abc import Mapping
from typing import Final

from partnercenter import errors
from partnercenter.errors import PartnerCenterError
from tenants.connections.failures import sentence_of

DOMAIN_TAKEN: Final = (
    "This domain was taken by somebody else a moment ago, and nothing was made. Choose another"
    " prefix."
)
FIELDS: Final[Mapping[type[PartnerCenterError], tuple[str, str]]] = {
    errors.DomainTaken: ("domain", DOMAIN_TAKEN),
    errors.RegistrationNumberRefused: (
        "registration_number",
        "The registration number is missing, has not the form this country wants, or is not asked"
        " for there.",
    ),
    errors.PhoneNumberMissing: ("phone", "This country wants a telephone number with the address."),
    errors.PartnerOfRecordRefused: (
        "reseller_mpn_id",
        "Microsoft does not take this reseller: it must be an indirect reseller of yours whose"
        " agreement is signed.",
    ),
    errors.PartnerAccountUnknown: ("reseller_mpn_id", "Microsoft knows no reseller by this id."),
    errors.PartnerRegionMismatch: ("reseller_mpn_id", "This reseller is of another region."),
    errors.PartnerAgreementMissing: (
        "reseller_mpn_id",
        "The Microsoft Partner Agreement of this reseller is not signed.",
    ),
    errors.CountryRefused: ("country", "You may not sell in this country."),
}
NAMED: Final = (
    ("postalcode", "postal_code", "The postal code has not the form this country wants."),
    ("phonenumber", "phone", "The telephone number has not the form this country wants."),
    ("email", "email", "Microsoft does not take this address: it must be the customer's own."),
    ("companyname", "company_name", "This is not the name of a company to Microsoft."),
    ("is not a state of", "state", "This is no state of the country."),
    ("state", "state", "The state is missing, or none of this country's."),
    ("address", "address", "The address is not one Microsoft takes."),
    ("culture", "country", "Microsoft does not serve this country in that language."),
    ("domain", "domain", "Microsoft does not take this domain."),
)


def fields_of(error: PartnerCenterError) -> dict[str, list[str]]:
    """Return by field what to say of a refusal; empty when it is about no single field."""
    for kind, (field, words) in FIELDS.items():
        if isinstance(error, kind):
            return {field: [words]}
    if isinstance(error, errors.InvalidRequest):
        said = error.detail.lower().replace(" ", "")
        for text, field, words in NAMED:
            if text.replace(" ", "") in said:
                return {field: [f"{words} Microsoft says: {error.detail}"]}
    return {}


def words_of(error: PartnerCenterError) -> str:
    """Return a refusal as one sentence: that of its field, or what the client says of it."""
    for messages in fields_of(error).values():
        return messages[0]
    return sentence_of(error)
