"""Customers of the partner: lists, searches, one by id."""

import json
from collections.abc import Iterator

from partnercenter.continuation import Continuation
from partnercenter.errors import (
    Conflict,
    CustomerNotFound,
    DomainTaken,
    InvalidRequest,
    MalformedAnswer,
    MixedUpAnswer,
    NotVetted,
    PagingError,
    PartnerCenterError,
    RequestRefused,
)
from partnercenter.paging import Listing, Page, read_pages
from partnercenter.resources.domains import Domains
from partnercenter.schemas.customers import (
    AccountStatus,
    Customer,
    CustomerOrganization,
    CustomerSummary,
    read_account_status,
    read_customer,
    read_customer_summary,
    read_organization,
)
from partnercenter.schemas.fields import Fields, as_guid
from partnercenter.schemas.new_customers import (
    CreatedCustomer,
    NewCustomer,
    read_created_customer,
)
from partnercenter.secrecy import hidden
from partnercenter.transport import Transport, join_path

_PATH = "/v1/customers"
_SEARCHABLE = {
    name.lower(): name
    for name in ("CompanyName", "Domain", "IndirectReseller", "IndirectCloudSolutionProvider")
}
PAGE_SIZE = 500


class Customers:
    """Customers with a reseller relationship to this partner."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def pages(
        self, size: int = PAGE_SIZE, after: Continuation | None = None
    ) -> Iterator[Page[CustomerSummary]]:
        """Yield all customers page by page, lazily; go on at ``after`` when it is given.

        A customer with two relationships to this partner is there twice, once with each.

        Raises: PagingError rather than end early.
        """
        return read_pages(self._transport, _listing({}, size=size), after=after)

    def list(self, size: int = PAGE_SIZE) -> Iterator[CustomerSummary]:
        """Yield all customers; remembers every id, so nobody comes twice however far apart."""
        return _flat(self.pages(size))

    def search(
        self, field: str, starts_with: str, size: int = PAGE_SIZE
    ) -> Iterator[CustomerSummary]:
        """Yield customers whose field begins with a text, ignoring case.

        Fields: CompanyName, Domain, IndirectReseller (the reseller's tenant id),
        IndirectCloudSolutionProvider. Raises: InvalidRequest for another one.
        """
        name = _SEARCHABLE.get(field.lower())
        if name is None or not starts_with:
            raise InvalidRequest("Customers can be searched by company name, domain or reseller.")
        condition = json.dumps({"Field": name, "Value": starts_with, "Operator": "starts_with"})
        listing = _listing({"filter": condition}, size=size)
        return _flat(read_pages(self._transport, listing))

    def of_indirect_reseller(
        self, reseller_tenant_id: str, size: int = PAGE_SIZE
    ) -> Iterator[CustomerSummary]:
        """Yield the customers of one indirect reseller; only an indirect provider has any.

        Raises: InvalidRequest when the reseller is not named by its tenant id.
        """
        reseller = as_guid(reseller_tenant_id)
        if reseller is None:
            raise InvalidRequest("A reseller is named by its tenant id, not by its partner id.")
        return self.search("IndirectReseller", reseller, size)

    def get(self, customer_id: str) -> Customer:
        """Return one customer in full.

        Raises: CustomerNotFound, NoResellerRelationship, InvalidRequest when it is no GUID.
        """

        def read(body: object) -> Customer:
            customer = read_customer(body)
            if customer.id != as_guid(customer_id):
                raise MixedUpAnswer("The answer is about another customer.")
            return customer

        return self._transport.get(customer_path(customer_id), read=read, missing=CustomerNotFound)

    def custom_domains(self, customer_id: str) -> tuple[str, ...]:
        """Return the customer's verified domains; needs delegated administration."""
        path = customer_path(customer_id, "customDomains")
        return self._transport.get(path, read=_read_domains, missing=CustomerNotFound)

    def organization(self, customer_id: str) -> tuple[CustomerOrganization, ...]:
        """Return what the customer's directory says of it; needs delegated administration."""
        path = customer_path(customer_id, "organization")
        return self._transport.get(path, read=_read_organizations, missing=CustomerNotFound)

    def account_status(self, customer_id: str) -> AccountStatus | None:
        """Return what Microsoft's vetting says of the account, None when there was none.

        Raises: CustomerNotFound, AppOnlyRefused.
        """
        path = customer_path(customer_id, "validationStatus")
        try:
            return self._transport.get(
                path, params={"type": "account"}, read=read_account_status, missing=CustomerNotFound
            )
        except NotVetted:
            return None

    def create(self, new: NewCustomer, *, request_id: str) -> CreatedCustomer:
        """Create a customer with its tenant, and return it with the first password, shown once.

        ``request_id`` is stored by the caller before: with the same one, Microsoft repeats its
        first answer instead of creating a second tenant, so tries are repeated here.
        Raises: DomainTaken, InvalidRequest, SandboxLimit, ...
        """

        def read(body: object) -> CreatedCustomer:
            # Whatever prints the variables of a failed call must not see the password.
            body = hidden(body)
            created = read_created_customer(body)
            if created.customer.domain.lower() not in ("", new.domain.lower()):
                raise MixedUpAnswer("The answer is about another customer.")
            return created

        try:
            return self._transport.send(
                "POST", _PATH, body=new.body(), read=read, request_id=request_id, idempotent=True
            )
        except (InvalidRequest, Conflict) as error:
            refused = error
        # No source names the code for a taken domain, so the domain is asked for.
        raise self._refused_creation(new, refused)

    def _refused_creation(self, new: NewCustomer, refused: RequestRefused) -> RequestRefused:
        if type(refused) not in (InvalidRequest, Conflict):
            return refused
        try:
            taken = Domains(self._transport).is_taken(new.domain)
        except PartnerCenterError:
            return refused
        return DomainTaken.instead_of(refused) if taken else refused

    def delete(self, customer_id: str, *, request_id: str | None = None) -> None:
        """Delete a customer with its tenant; Microsoft allows it in its sandbox only.

        Raises: PermissionRefused elsewhere, CustomerNotFound.
        """
        path = customer_path(customer_id)
        self._transport.call("DELETE", path, request_id=request_id, missing=CustomerNotFound)

    def end_relationship(self, customer_id: str, *, request_id: str | None = None) -> None:
        """End the reseller relationship; the customer and its tenant stay.

        Refused while the customer has active subscriptions. Raises: CustomerNotFound, ...
        """
        self._transport.send(
            "PATCH",
            customer_path(customer_id),
            body={"relationshipToPartner": "none", "attributes": {"objectType": "Customer"}},
            read=_check_ended,
            request_id=request_id,
            missing=CustomerNotFound,
        )


def customer_path(customer_id: str, *rest: str) -> str:
    """Return the path of a customer, or below it. Raises: InvalidRequest when it is no GUID."""
    identity = as_guid(customer_id)
    if identity is None:
        raise InvalidRequest("A customer is named by a tenant id.")
    return join_path("v1", "customers", identity, *rest)


def _read_domains(body: object) -> tuple[str, ...]:
    if not isinstance(body, list):
        raise MalformedAnswer("The customer's domains are no list.")
    return tuple(domain for domain in body if isinstance(domain, str))


def _read_organizations(body: object) -> tuple[CustomerOrganization, ...]:
    if not isinstance(body, list):
        raise MalformedAnswer("The customer's organization is no list.")
    return tuple(read_organization(row) for row in body)


def _check_ended(body: object) -> None:
    # Everything but this is null in the answer, also the customer's own id.
    if Fields(body).text("relationshiptopartner").lower() != "none":
        raise MalformedAnswer("The answer does not say that the relationship has ended.")


def _listing(params: dict[str, str], *, size: int) -> Listing[CustomerSummary]:
    if size < 1:
        raise InvalidRequest("A page has at least one customer.")
    return Listing(
        path=_PATH,
        params=params,
        size=size,
        read=read_customer_summary,
        # A partner with two roles has a customer twice who is its own and a reseller's: one row for
        # each relationship. The same relationship twice is a list that shifted (IND-10).
        identity=lambda customer: f"{customer.id} {customer.relationship}",
    )


def _flat(pages: Iterator[Page[CustomerSummary]]) -> Iterator[CustomerSummary]:
    """Yield each customer once; one with two relationships by the first of its rows."""
    seen: dict[str, set[str]] = {}
    for page in pages:
        fresh = []
        for customer in page.items:
            relationships = seen.setdefault(customer.id, set())
            if customer.relationship in relationships:
                raise PagingError("An item came twice.", page=page.number)
            if not relationships:
                fresh.append(customer)
            relationships.add(customer.relationship)
        yield from fresh
