"""What Microsoft Graph tells a partner: delegated administration and the health of services."""

from collections.abc import Iterator

from partnercenter.errors import InvalidRequest, MixedUpAnswer
from partnercenter.odata import read_graph_list
from partnercenter.schemas.delegated_admin import (
    DelegatedAdminRelationship,
    read_delegated_admin_relationship,
)
from partnercenter.schemas.fields import as_guid
from partnercenter.schemas.service_health import ServiceHealth, read_service_health
from partnercenter.transport import Transport, join_path

_RELATIONSHIPS = "/v1.0/tenantRelationships/delegatedAdminRelationships"
_HEALTH = "/v1.0/admin/serviceAnnouncement/healthOverviews"
# The most Graph gives of these at once.
RELATIONSHIP_PAGE_SIZE = 300
HEALTH_PAGE_SIZE = 100


class DelegatedAdmin:
    """Granular delegated administration of customers' tenants."""

    def __init__(self, graph: Transport) -> None:
        self._graph = graph

    def list(self, customer_id: str | None = None) -> Iterator[DelegatedAdminRelationship]:
        """Yield all relationships, or those with one customer. Raises: PagingError."""
        params = {"$top": str(RELATIONSHIP_PAGE_SIZE)}
        customer = as_guid(customer_id)
        if customer_id is not None:
            if customer is None:
                raise InvalidRequest("A customer is named by a tenant id.")
            params["$filter"] = f"customer/tenantId eq '{customer}'"

        def read(row: object) -> DelegatedAdminRelationship:
            relationship = read_delegated_admin_relationship(row)
            if customer is not None and relationship.customer_id != customer:
                raise MixedUpAnswer("The answer is about another customer.")
            return relationship

        return read_graph_list(
            self._graph,
            _RELATIONSHIPS,
            params=params,
            read=read,
            identity=lambda relationship: relationship.id,
        )

    def get(self, relationship_id: str) -> DelegatedAdminRelationship:
        """Return one relationship. Raises: NotFound."""

        def read(body: object) -> DelegatedAdminRelationship:
            relationship = read_delegated_admin_relationship(body)
            if relationship.id != relationship_id.lower():
                raise MixedUpAnswer("The answer is about another relationship.")
            return relationship

        segments = _RELATIONSHIPS.strip("/").split("/")
        return self._graph.get(join_path(*segments, relationship_id), read=read)


class ServiceStatus:
    """How Microsoft's services are in the tenant whose token is used."""

    def __init__(self, graph: Transport) -> None:
        self._graph = graph

    def list(self, *, issues: bool = True) -> Iterator[ServiceHealth]:
        """Yield every service, with what is or was wrong with it. Raises: PagingError."""
        params = {"$top": str(HEALTH_PAGE_SIZE)}
        if issues:
            params["$expand"] = "issues"
        return read_graph_list(
            self._graph,
            _HEALTH,
            params=params,
            read=read_service_health,
            identity=lambda service: service.id,
        )
