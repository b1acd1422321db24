"""A customer to be created, and the answer that shows the first password, once."""

from dataclasses import dataclass, field
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.addresses import write_address
from partnercenter.schemas.customers import Customer, read_customer
from partnercenter.schemas.fields import Fields
from partnercenter.schemas.profiles import Address
from partnercenter.secrecy import Secret, hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCustomer:
    """What is needed to create a customer; empty parts are not sent.

    ``domain`` is the full ``{prefix}.onmicrosoft.com``, ``culture`` like ``en-US``, ``language``
    two letters. ``associated_partner_id`` is the indirect reseller's partner id. ``admin_name`` is
    the wanted name of the first administrator, which Microsoft need not follow.
    """

    domain: str
    company_name: str
    email: str
    culture: str
    language: str
    address: Address
    first_name: str = ""
    last_name: str = ""
    registration_number: str = ""
    associated_partner_id: str = ""
    enable_gdap: bool | None = None
    admin_name: str = ""

    def body(self) -> dict[str, Any]:
        """Return the request's body."""
        company = {
            "domain": self.domain,
            "companyName": self.company_name,
            "organizationRegistrationNumber": self.registration_number,
        }
        billing = {
            "email": self.email,
            "culture": self.culture,
            "language": self.language,
            "companyName": self.company_name,
            "firstName": self.first_name,
            "lastName": self.last_name,
        }
        body: dict[str, Any] = {
            "companyProfile": _filled(company),
            "billingProfile": {
                **_filled(billing),
                "defaultAddress": write_address(self.address),
            },
        }
        if self.associated_partner_id:
            body["associatedPartnerId"] = self.associated_partner_id
        if self.enable_gdap is not None:
            body["enableGDAPByDefault"] = self.enable_gdap
        if self.admin_name:
            # Without a password: choosing one is not supported.
            body["userCredentials"] = {"userName": self.admin_name}
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedCustomer:
    """A customer just created.

    ``password`` is of the first administrator and shown by no later call. It is empty when
    Microsoft repeated an earlier answer without it.
    """

    customer: Customer
    user_name: str
    password: Secret = field(repr=False)

    @property
    def admin_upn(self) -> str:
        """The name the first administrator signs in with."""
        return f"{self.user_name}@{self.customer.domain}" if self.user_name else ""


def read_created_customer(body: object) -> CreatedCustomer:
    """Return what a create call answered.

    Raises: MalformedAnswer when it has no tenant id, told without the password.
    """
    body = hidden(body)
    try:
        credentials = Fields(body).inner("usercredentials") or Fields({})
    except MalformedAnswer as error:
        # Without the frames it came through, whose variables hold the password.
        failure = error.with_traceback(None)
    else:
        return CreatedCustomer(
            customer=read_customer(body),
            user_name=credentials.text("username"),
            password=Secret(credentials.text("password")),
        )
    raise failure


def _filled(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
