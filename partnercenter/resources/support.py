"""Cases opened with Microsoft; reading them needs a signed-in user."""

from collections.abc import Iterator

from partnercenter.errors import InvalidRequest, MixedUpAnswer, PagingError
from partnercenter.paging import Listing, read_pages
from partnercenter.resources.customers import customer_path
from partnercenter.schemas.support import ServiceRequest, read_service_request
from partnercenter.transport import Transport, join_path

PAGE_SIZE = 200


class ServiceRequests:
    """Service requests of the partner, or of one customer."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self, customer_id: str | None = None, size: int = PAGE_SIZE
    ) -> Iterator[ServiceRequest]:
        """Yield every case once. Raises: PagingError rather than end early."""
        if size < 1:
            raise InvalidRequest("A page has at least one service request.")
        listing = Listing(
            path=(
                "/v1/servicerequests"
                if customer_id is None
                else customer_path(customer_id, "servicerequests")
            ),
            params={},
            size=size,
            read=read_service_request,
            identity=None,
            probes=True,
        )
        return self._once(listing)

    def get(self, request_id: str) -> ServiceRequest:
        """Return one case. Raises: NotFound."""

        def read(body: object) -> ServiceRequest:
            case = read_service_request(body)
            if case.id != request_id:
                raise MixedUpAnswer("The answer is about another service request.")
            return case

        return self._transport.get(join_path("v1", "servicerequests", request_id), read=read)

    def _once(self, listing: Listing[ServiceRequest]) -> Iterator[ServiceRequest]:
        seen: set[str] = set()
        for page in read_pages(self._transport, listing):
            for case in page.items:
                if case.id in seen:
                    raise PagingError("A service request came twice.", page=page.number)
                seen.add(case.id)
            yield from page.items
