"""Qualifications of customers, and the codes government customers are made with."""

from partnercenter.errors import CustomerNotFound, InvalidRequest, MixedUpAnswer
from partnercenter.resources.asking import ask, whole, write
from partnercenter.resources.customers import customer_path
from partnercenter.schemas.qualifications import (
    Qualification,
    ValidationCode,
    read_qualification,
    read_validation_code,
)
from partnercenter.schemas.strict import word
from partnercenter.transport import Transport

_SEGMENTS = {"k12": "K12", "higher_education": "HigherEducation"}


class Qualifications:
    """What customers qualify for; none is an empty answer."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, customer_id: str) -> tuple[Qualification, ...]:
        """Return what a customer qualifies for or has asked for. Raises: CustomerNotFound."""
        return ask(
            self._transport,
            customer_path(customer_id, "qualifications"),
            read=lambda body: whole(body, read=read_qualification, identity=None),
            missing=CustomerNotFound,
        )

    def ask_for_education(
        self, customer_id: str, segment: str, *, website: str = "", request_id: str
    ) -> Qualification:
        """Ask for education prices, as K12 or HigherEducation; it is reviewed for some days.

        Raises: InvalidRequest for another segment, CustomerNotFound, AppOnlyRefused.
        """
        spelled = _SEGMENTS.get(word(segment))
        if spelled is None:
            raise InvalidRequest("The education segment is K12 or HigherEducation.")
        body = {"qualification": "Education", "educationSegment": spelled}
        return self._ask(customer_id, {**body, "website": website} if website else body, request_id)

    def ask_for_government(
        self, customer_id: str, validation_code: str, *, request_id: str
    ) -> Qualification:
        """Ask for the government cloud with a validation code. Raises: as for education."""
        body = {"qualification": "GovernmentCommunityCloud", "validationCode": validation_code}
        return self._ask(customer_id, body, request_id)

    def ask_for_state_owned(self, customer_id: str, *, request_id: str) -> Qualification:
        """Ask to count as a state-owned entity. Raises: as for education."""
        return self._ask(customer_id, {"qualification": "StateOwnedEntity"}, request_id)

    def validation_codes(self) -> tuple[ValidationCode, ...]:
        """Return the partner's validation codes. Raises: AppOnlyRefused."""
        return ask(
            self._transport,
            "/v1/customers/all/validations",
            read=lambda body: whole(body, read=read_validation_code, identity=lambda code: code.id),
        )

    def _ask(self, customer_id: str, body: dict[str, str], request_id: str) -> Qualification:
        def read(answered: object) -> Qualification:
            qualification = read_qualification(answered)
            if qualification.qualification != word(body["qualification"]):
                raise MixedUpAnswer("The answer is about another qualification.")
            return qualification

        return write(
            self._transport,
            "POST",
            customer_path(customer_id, "qualifications"),
            request_id=request_id,
            body=body,
            read=read,
            missing=CustomerNotFound,
        )
