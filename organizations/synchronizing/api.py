"""Synchronization in the API: sub-resources of ``accounts`` and of ``connections``."""

from dataclasses import asdict
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.http import HttpResponseBase
from django.utils.decorators import method_decorator
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.directory.models import Account
from organizations.readiness.availability import check_availability
from organizations.readiness.verifying import verify_address
from organizations.synchronizing.operations import get_services_definitions
from organizations.synchronizing.options import SyncOptions, save_options
from organizations.synchronizing.serializers import (
    AddressVerdictSerializer,
    AvailabilitySerializer,
    ConnectionNamed,
    DefinitionsSerializer,
    DomainAsked,
    OptionsInput,
    SynchronizationSerializer,
    SynchronizationsSerializer,
)
from organizations.synchronizing.systems import Door, provisioning_systems
from portal.core.access import Actor
from portal.core.errors import InvalidInput, NotFound
from portal.core.rows import ScopedQuerySet
from portal.web.api.strict import read_input
from portal.web.api.views import Resource
from tenants.connections.models import Connection
from tenants.connections.queries import connections

NO_CONNECTION = "There is no connection with this id."
CALLING = frozenset({"address_check", "domain_availability"})


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class AccountSynchronizationViewSet(Resource):
    """What an account needs to become a tenant. What calls Partner Center has no transaction."""

    model = Account
    route_name = "account-synchronization"
    serializer_class = SynchronizationSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "synchronization": "organizations.view",
        "change_synchronization": "tenants.provision",
        "address_check": "tenants.provision",
        "domain_availability": "tenants.provision",
    }

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Open the transaction that the request goes without, for every action but two."""
        if self.action_map.get(request.method.lower()) in CALLING:
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organization")

    @extend_schema(responses=SynchronizationsSerializer)
    @action(detail=True, methods=["get"])
    def synchronization(self, request: Request, pk: Any = None) -> Response:
        """Return sync options and readiness for every connection."""
        account: Account = self.get_object()
        rows = [
            _synchronization(door)
            for system in provisioning_systems()
            for door in system.doors(account, actor=self.actor)
        ]
        return Response(SynchronizationsSerializer({"results": rows}).data)

    @extend_schema(request=OptionsInput, responses=SynchronizationSerializer)
    @synchronization.mapping.put
    def change_synchronization(self, request: Request, pk: Any = None) -> Response:
        """Store the sync options for one connection; what is empty can be filled in later."""
        account: Account = self.get_object()
        values = read_input(OptionsInput, request)
        connection = _connection(values.pop("connection"), actor=self.actor)
        save_options(
            account, actor=self.actor, connection=connection, options=SyncOptions(**values)
        )
        doors = [
            door
            for system in provisioning_systems()
            for door in system.doors(account, actor=self.actor)
            if door.connection.pk == connection.pk
        ]
        row = _synchronization(doors[0])
        return Response(SynchronizationSerializer(row).data)

    @extend_schema(request=ConnectionNamed, responses=AddressVerdictSerializer)
    @action(detail=True, methods=["post"], url_path="address-check", url_name="address-check")
    def address_check(self, request: Request, pk: Any = None) -> Response:
        """Have Microsoft verify the address that would be sent; nothing is changed."""
        with transaction.atomic():
            account: Account = self.get_object()
            values = read_input(ConnectionNamed, request)
            connection = _connection(values["connection"], actor=self.actor)
        verdict = verify_address(account, actor=self.actor, connection=connection)
        return Response(AddressVerdictSerializer(verdict).data)

    @extend_schema(request=DomainAsked, responses=AvailabilitySerializer)
    @action(
        detail=True,
        methods=["post"],
        url_path="domain-availability",
        url_name="domain-availability",
    )
    def domain_availability(self, request: Request, pk: Any = None) -> Response:
        """Say whether a domain prefix is free now."""
        with transaction.atomic():
            self.get_object()
            values = read_input(DomainAsked, request)
            connection = _connection(values["connection"], actor=self.actor)
        found = check_availability(values["domain_prefix"], actor=self.actor, connection=connection)
        return Response(AvailabilitySerializer(found).data)


class ServicesDefinitionsViewSet(Resource):
    """The custom fields a connection's services need."""

    model = Connection
    route_name = "connection-services-definitions"
    serializer_class = DefinitionsSerializer
    capabilities: ClassVar[dict[str, str]] = {"services_definitions": "fields.manage"}

    def get_queryset(self) -> ScopedQuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return connections(self.actor)

    @extend_schema(request=None, responses=DefinitionsSerializer)
    @action(detail=True, methods=["post"], url_path="services-definitions")
    def services_definitions(self, request: Request, pk: Any = None) -> Response:
        """Create those of them that are missing; what was edited stays."""
        rows = get_services_definitions(self.get_object(), actor=self.actor)
        return Response(DefinitionsSerializer({"results": rows}).data)


def _synchronization(door: Door) -> dict[str, Any]:
    return {
        "system": door.system,
        "connection": door.connection.pk,
        "is_set_up": door.is_set_up,
        **asdict(door.options),
        "readiness": door.readiness,
        "address": door.readiness.sent if door.readiness else None,
    }


def _connection(connection_id: UUID, *, actor: Actor) -> Connection:
    """Return the connection a field names; a foreign one is as unknown as one that never was."""
    try:
        row: Connection = connections(actor).get_visible(actor, pk=connection_id)
    except NotFound:
        raise InvalidInput(
            "Some fields are not valid.", fields={"connection": [NO_CONNECTION]}
        ) from None
    return row


ROUTES: list[tuple[str, type]] = [
    ("accounts", AccountSynchronizationViewSet),
    ("connections", ServicesDefinitionsViewSet),
]
