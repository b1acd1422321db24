"""Customers of the partner: lists, searches, one by id."""

import json
from collections.abc import Iterator

from partnercenter.continuation import Continuation
from partnercenter.errors import (
    CustomerNotFound,
    InvalidRequest,
    MalformedAnswer,
    MixedUpAnswer,
    PagingError,
)
from partnercenter.paging import Listing, Page, read_pages
from partnercenter.schemas.customers import (
    Customer,
    CustomerSummary,
    read_customer,
    read_customer_summary,
)
from partnercenter.schemas.fields import as_guid
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

        Raises: PagingError rather than end early.
        """
        return read_pages(self._transport, _listing({}, size=size), after=after)

    def list(self, size: int = PAGE_SIZE) -> Iterator[CustomerSummary]:
        """Yield all customers; remembers every id, so nothing comes twice however far apart."""
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


def _listing(params: dict[str, str], *, size: int) -> Listing[CustomerSummary]:
    if size < 1:
        raise InvalidRequest("A page has at least one customer.")
    return Listing(
        path=_PATH,
        params=params,
        size=size,
        read=read_customer_summary,
        identity=lambda customer: customer.id,
    )


def _flat(pages: Iterator[Page[CustomerSummary]]) -> Iterator[CustomerSummary]:
    seen: set[str] = set()
    for page in pages:
        for customer in page.items:
            if customer.id in seen:
                raise PagingError("An item came twice.", page=page.number)
            seen.add(customer.id)
        yield from page.items
