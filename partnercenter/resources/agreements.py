"""The Microsoft Customer Agreement: nothing can be bought for a customer before it is settled.

All of it needs a signed-in user.
"""

from datetime import datetime

from partnercenter.errors import CustomerNotFound, MixedUpAnswer
from partnercenter.resources.customers import customer_path
from partnercenter.schemas.agreements import (
    CUSTOMER_AGREEMENT,
    Agreement,
    AgreementContact,
    AgreementDocument,
    AgreementTemplate,
    read_agreement,
    read_agreement_document,
    read_agreement_template,
    read_direct_signature,
    write_agreement,
)
from partnercenter.transport import Transport, join_path
from partnercenter.whole_lists import whole_list


class Agreements:
    """Agreements between customers and Microsoft, as a partner confirms them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def templates(self, agreement_type: str = CUSTOMER_AGREEMENT) -> tuple[AgreementTemplate, ...]:
        """Return the texts of one type; ``*`` is every type, also ones not known yet."""
        # Without a type the agreement of an earlier age is answered.
        return self._transport.get(
            "/v1/agreements",
            params={"agreementType": agreement_type},
            read=whole_list(read_agreement_template),
        )

    def document(self, template_id: str, *, language: str, country: str) -> AgreementDocument:
        """Return where the text can be read for some minutes."""
        return self._transport.get(
            join_path("v1", "agreementtemplates", template_id, "document"),
            params={"language": language, "country": country.upper()},
            read=read_agreement_document,
        )

    def confirm(
        self,
        customer_id: str,
        template_id: str,
        contact: AgreementContact,
        *,
        agreed: datetime,
        request_id: str,
        agreement_type: str = CUSTOMER_AGREEMENT,
    ) -> Agreement:
        """Confirm that a customer agreed, and return the confirmation.

        ``request_id`` is stored by the caller before; Microsoft knows a repeated call by it.
        Raises: AgreementExists when this contact's was confirmed before, CustomerNotFound.
        """

        def read(body: object) -> Agreement:
            agreement = read_agreement(body)
            if agreement.template_id != template_id.lower():
                raise MixedUpAnswer("The answer is about another agreement.")
            return agreement

        return self._transport.send(
            "POST",
            customer_path(customer_id, "agreements"),
            body=write_agreement(
                template_id, contact, agreed=agreed, agreement_type=agreement_type
            ),
            read=read,
            request_id=request_id,
            idempotent=True,
            missing=CustomerNotFound,
        )

    def of_customer(
        self, customer_id: str, agreement_type: str = CUSTOMER_AGREEMENT
    ) -> tuple[Agreement, ...]:
        """Return what was confirmed for a customer. Raises: CustomerNotFound."""
        return self._transport.get(
            customer_path(customer_id, "agreements"),
            params={"agreementType": agreement_type},
            read=whole_list(read_agreement),
            missing=CustomerNotFound,
        )

    def is_directly_signed(self, customer_id: str) -> bool:
        """Say whether the customer signed in its own admin centre. Raises: CustomerNotFound."""
        path = customer_path(customer_id, "directSignedMicrosoftCustomerAgreementStatus")
        return self._transport.get(path, read=read_direct_signature, missing=CustomerNotFound)
