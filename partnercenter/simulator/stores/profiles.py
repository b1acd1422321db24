"""The partner's own profiles: invented around what the world says, until somebody writes them."""

import uuid
from typing import Any

from partnercenter.simulator.ledger import Effect, Ledger
from partnercenter.simulator.worlds import Partner

_CULTURES = {"US": "en-US", "GB": "en-GB", "DE": "de-DE", "FR": "fr-FR", "NL": "nl-NL"}
_CURRENCIES = {"US": "USD", "GB": "GBP", "CH": "CHF", "SE": "SEK", "NO": "NOK", "DK": "DKK"}
_EURO = frozenset({"AT", "BE", "DE", "ES", "FI", "FR", "IE", "IT", "LU", "NL", "PT"})


class ProfileStore:
    """Profile bodies by name: legalbusiness, organization, billing, support."""

    def __init__(self, partner: Partner, ledger: Ledger) -> None:
        self._partner = partner
        self._written: dict[str, dict[str, Any]] = {}
        ledger.on("partner_profile_written", self._apply_written)

    def get(self, name: str) -> dict[str, Any]:
        """Return the body of a profile without its links and attributes."""
        return self._written.get(name) or _first_profile(name, self._partner)

    def reset(self) -> None:
        """Forget what was written."""
        self._written.clear()

    def _apply_written(self, effect: Effect) -> None:
        self._written[effect.subject] = dict(effect.data["profile"])


def _first_profile(name: str, partner: Partner) -> dict[str, Any]:
    build = {
        "legalbusiness": _legal_business,
        "organization": _organization,
        "billing": _billing,
        "support": _support,
    }
    return build[name](partner)


def _address(partner: Partner) -> dict[str, Any]:
    return {
        "country": partner.country,
        "city": "Redmond",
        "state": "WA",
        "addressLine1": "1 Example Street",
        "addressLine2": "",
        "postalCode": "98052",
    }


def _contact() -> dict[str, Any]:
    return {"firstName": "Alex", "lastName": "Example", "phoneNumber": "4255550100"}


def _legal_business(partner: Partner) -> dict[str, Any]:
    email = f"legal@{partner.domain}"
    return {
        "companyName": partner.company_name,
        "address": _address(partner) | _contact(),
        "primaryContact": _contact() | {"email": email},
        "companyApproverAddress": _address(partner),
        "companyApproverEmail": email,
        "vettingStatus": "authorized",
        "vettingSubStatus": "none",
    }


def _organization(partner: Partner) -> dict[str, Any]:
    culture = _CULTURES.get(partner.country, "en-US")
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_DNS, partner.tenant_id)),
        "companyName": partner.company_name,
        "defaultAddress": _address(partner) | _contact(),
        "tenantId": partner.tenant_id,
        "domain": partner.domain,
        "email": f"admin@{partner.domain}",
        "language": culture[:2],
        "culture": culture,
    }


def _billing(partner: Partner) -> dict[str, Any]:
    euro = "EUR" if partner.country in _EURO else "USD"
    return {
        "companyName": partner.company_name,
        "address": _address(partner),
        "primaryContact": _contact(),
        "purchaseOrderNumber": "1000",
        "taxId": "00-0000000",
        "billingCurrency": _CURRENCIES.get(partner.country, euro),
    }


def _support(partner: Partner) -> dict[str, Any]:
    return {
        "email": f"support@{partner.domain}",
        "telephone": "4255550100",
        "website": f"https://www.{partner.domain}",
    }
