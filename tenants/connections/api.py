"""``connections``: the Partner Center accounts. A secret goes in and never comes out."""

from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpResponseBase
from django.utils.decorators import method_decorator
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from partnercenter.secrecy import Secret
from portal.core.rows import ScopedQuerySet
from portal.web.api.views import Resource
from tenants.connections.consent_states import digest_of_session
from tenants.connections.consenting import begin_consent
from tenants.connections.fields import SECRET_LENGTH
from tenants.connections.models import Connection
from tenants.connections.operations import change_connection, connect, test_connection
from tenants.connections.panel import panel_of
from tenants.connections.queries import connections
from tenants.connections.serializers import BegunSerializer, PanelSerializer
from tenants.discovery.operations import request_discovery
from tenants.discovery.serializers import DiscoveryRunSerializer


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    """A connection as its page shows it."""

    class Meta:
        model = Connection
        fields = (
            "id",
            "name",
            "program",
            "cloud",
            "partner_tenant",
            "client_id",
            "state",
            "last_success_at",
            "last_failure_at",
            "last_failure_code",
            "last_failure",
            "discovered_at",
            "secret_expires_on",
            "uses_reseller_address",
            "created_at",
        )
        read_only_fields = fields


class SecretField(serializers.CharField):
    """A text that does not show itself once it was read, and never goes out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(write_only=True, style={"input_type": "password"}, **options)

    def to_internal_value(self, data: Any) -> Secret:
        return Secret(super().to_internal_value(data))


class ConnectionInput(serializers.Serializer[Any]):
    """What is sent to connect or change an account; the operation decides what can be used."""

    name = serializers.CharField(max_length=120)
    program = serializers.CharField(max_length=20, required=False)
    cloud = serializers.CharField(max_length=30)
    partner_tenant = serializers.CharField(max_length=64)
    client_id = serializers.CharField(max_length=64)
    secret = SecretField(max_length=SECRET_LENGTH)
    secret_expires_on = serializers.DateField(required=False, allow_null=True)
    uses_reseller_address = serializers.BooleanField(
        required=False,
        help_text="Whether a customer of a sub-reseller without a billing address is created with"
        " that of its sub-reseller.",
    )

    def __repr__(self) -> str:
        """Return the name alone; the framework's own would print what was sent."""
        return f"<{type(self).__name__}>"


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class ConnectionViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Connections by name. All but ``test``, which calls Partner Center, are one transaction."""

    model = Connection
    serializer_class = ConnectionSerializer
    filterset_fields = ("state", "cloud", "program")
    capabilities: ClassVar[dict[str, str]] = {
        "list": "connections.view",
        "retrieve": "connections.view",
        "create": "connections.manage",
        "partial_update": "connections.manage",
        "test": "connections.manage",
        "health": "connections.view",
        "consent": "connections.manage",
        "discover": "discovery.run",
    }
    orderings: ClassVar[dict[str, str]] = {"name": "name", "created_at": "created_at"}
    default_ordering = "name"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Open the transaction that the request goes without, for every action but one."""
        if self.action_map.get(request.method.lower()) == "test":
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> ScopedQuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return connections(self.actor)

    @extend_schema(request=ConnectionInput, responses={201: ConnectionSerializer})
    def create(self, request: Request) -> Response:
        """Connect an account. Test it next."""
        given = ConnectionInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = connect(actor=self.actor, **given.validated_data)
        return Response(ConnectionSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ConnectionInput(partial=True), responses=ConnectionSerializer)
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Change what is given; new credentials have to be tested again."""
        given = ConnectionInput(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        row = change_connection(self.get_object(), actor=self.actor, **given.validated_data)
        return Response(ConnectionSerializer(row).data)

    @extend_schema(request=None, responses=ConnectionSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: Any = None) -> Response:
        """Sign in and ask for customers; ``state`` and ``last_failure`` say how that went."""
        with transaction.atomic():
            row = self.get_object()
        return Response(ConnectionSerializer(test_connection(row, actor=self.actor)).data)

    @extend_schema(responses=PanelSerializer)
    @action(detail=True, methods=["get"])
    def health(self, request: Request, pk: Any = None) -> Response:
        """Who signed in, what ends when, and how each part of Partner Center answers."""
        panel = panel_of(self.get_object(), actor=self.actor)
        return Response(PanelSerializer(panel).data)

    @extend_schema(request=None, responses={201: BegunSerializer})
    @action(detail=True, methods=["post"])
    def consent(self, request: Request, pk: Any = None) -> Response:
        """Begin a sign-in. Open ``address`` in a browser signed in to the portal as yourself."""
        # A program has no session; then any browser of the same person may finish.
        session = None if self.actor.kind == "token" else request.session.session_key
        begun = begin_consent(
            self.get_object(),
            actor=self.actor,
            host=request.get_host(),
            session_digest=digest_of_session(session),
        )
        body = {"id": begun.request.pk, "address": begun.address, "ends_at": begun.ends_at}
        return Response(BegunSerializer(body).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={202: DiscoveryRunSerializer})
    @action(detail=True, methods=["post"])
    def discover(self, request: Request, pk: Any = None) -> Response:
        """Ask for a discovery of this connection."""
        run = request_discovery(self.get_object(), actor=self.actor)
        return Response(DiscoveryRunSerializer(run).data, status=status.HTTP_202_ACCEPTED)


ROUTES: list[tuple[str, type]] = [("connections", ConnectionViewSet)]
