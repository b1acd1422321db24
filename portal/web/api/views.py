"""The base of every API resource."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.viewsets import GenericViewSet

from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.core.rows import ResellerOwned, ScopedQuerySet


class Resource(GenericViewSet[Any]):
    """Rows come from ``visible_to(actor)`` and no other way; actions name their capability.

    ``capabilities`` maps each action to a right, ``orderings`` a public name to a field.
    """

    model: ClassVar[type[ResellerOwned]]
    capabilities: ClassVar[dict[str, str]] = {}
    orderings: ClassVar[dict[str, str]] = {}
    default_ordering: ClassVar[str] = ""
    lookup_value_regex = "[0-9a-fA-F-]{36}"

    @property
    def actor(self) -> Actor:
        return self.request.user  # type: ignore[return-value]

    def get_queryset(self) -> ScopedQuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.model._base_manager.none()  # type: ignore[return-value]
        rows: ScopedQuerySet[Any] = self.model.objects.visible_to(self.actor)
        return rows

    def get_object(self) -> Any:
        """Return the row in the address, or `NotFound` alike for foreign, unknown and malformed."""
        try:
            wanted = UUID(str(self.kwargs[self.lookup_url_kwarg or self.lookup_field]))
        except ValueError:
            raise NotFound from None
        row = self.get_queryset().filter(pk=wanted).first()
        if row is None:
            raise NotFound
        return row
