"""Who accepted which agreement: the partner's attestations, and signatures of customers themselves.

A customer of the world counts as having accepted the customer agreement, by a contact taken from
its billing profile, unless its record says otherwise (`agreementAccepted`, `agreements`).
"""

from typing import Any

from partnercenter.simulator.ledger import Effect, Ledger
from partnercenter.simulator.stores.customers import Customer

CLOUD_AGREEMENT = "MicrosoftCloudAgreement"
CUSTOMER_AGREEMENT = "MicrosoftCustomerAgreement"
TEMPLATES: tuple[dict[str, Any], ...] = (
    {
        "templateId": "998b88de-aa99-4388-a42c-1b3517d49490",
        "agreementType": CLOUD_AGREEMENT,
        "agreementLink": "https://learn.microsoft.com/partner-center/agreements",
        "versionRank": 0,
    },
    {
        "templateId": "117a77b0-9360-443b-8795-c6dedc750cf9",
        "agreementType": CUSTOMER_AGREEMENT,
        "agreementLink": "https://aka.ms/customeragreement",
        "versionRank": 0,
    },
    # A type no client knows: asking for all of them may answer with such ones.
    {
        "templateId": "5e2c1f0a-7d3b-4a58-9c41-0b6e8f7d2a19",
        "agreementType": "MicrosoftSpecimenAgreement",
        "agreementLink": "https://learn.microsoft.com/partner-center/agreements",
        "versionRank": 0,
    },
)
_SINCE = "2024-01-15T00:00:00Z"


class AgreementStore:
    """Attestations and direct signatures by customer."""

    def __init__(self, ledger: Ledger) -> None:
        self._attested: dict[str, list[dict[str, Any]]] = {}
        self._signed: set[str] = set()
        ledger.on("agreement_attested", self._apply_attested)
        ledger.on("agreement_signed_directly", self._apply_signed)

    def attested(self, customer: Customer) -> list[dict[str, Any]]:
        """Return the attestations of a customer, oldest first, with contact, template and date."""
        return [*_of_world(customer), *self._attested.get(customer["id"].lower(), ())]

    def signed_directly(self, customer: Customer) -> bool:
        """Tell whether the customer signed the customer agreement itself."""
        return customer.get("directSigned") is True or customer["id"].lower() in self._signed

    def accepted(self, customer: Customer) -> bool:
        """Tell whether the customer agreement holds, by either way."""
        return self.signed_directly(customer) or any(
            agreement.get("type") == CUSTOMER_AGREEMENT for agreement in self.attested(customer)
        )

    def reset(self) -> None:
        """Forget what was accepted since the world was opened."""
        self._attested.clear()
        self._signed.clear()

    def _apply_attested(self, effect: Effect) -> None:
        agreement = dict(effect.data["agreement"])
        self._attested.setdefault(effect.subject.lower(), []).append(agreement)

    def _apply_signed(self, effect: Effect) -> None:
        self._signed.add(effect.subject.lower())


def _of_world(customer: Customer) -> list[dict[str, Any]]:
    if customer.get("agreements") is not None:
        return list(customer["agreements"])
    if customer.get("agreementAccepted") is False:
        return []
    billing = customer.get("billingProfile") or {}
    address = billing.get("defaultAddress") or {}
    contact = {
        "firstName": billing.get("firstName") or "Contact",
        "lastName": billing.get("lastName") or "Person",
        "email": billing.get("email") or "",
    }
    if address.get("phoneNumber"):
        contact["phoneNumber"] = address["phoneNumber"]
    agreement = {"templateId": TEMPLATES[1]["templateId"], "type": CUSTOMER_AGREEMENT}
    return [{"primaryContact": contact, **agreement, "dateAgreed": _SINCE}]
