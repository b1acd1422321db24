"""``provisioning-requests``: asking for tenants, following them, deciding what they ask."""

from collections.abc import Callable
from typing import Any, ClassVar

from django_filters import ChoiceFilter, FilterSet, UUIDFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.directory.queries import accounts
from organizations.provisioning.models import ProvisioningRequest
from organizations.provisioning.operations import request_provisioning
from organizations.provisioning.queries import get_request, question_of, requests, steps_of
from organizations.provisioning.serializers import (
    ProvisioningWish,
    RequestSerializer,
    RequestWithJournal,
)
from organizations.provisioning.steering import (
    cancel_provisioning,
    confirm_existing,
    resume_provisioning,
    retry_provisioning,
)
from portal.core.errors import InvalidInput
from portal.core.rows import ScopedQuerySet
from portal.web.api.views import Resource
from tenants.connections.queries import connections

KEY_HEADER = "Idempotency-Key"
READING, PROVISIONING = "provisioning.view", "tenants.provision"


class RequestFilter(FilterSet):
    """Filters named as the fields."""

    account = UUIDFilter(field_name="account_id")
    connection = UUIDFilter(field_name="connection_id")
    state = ChoiceFilter(choices=ProvisioningRequest.State.choices)


class ProvisioningRequestViewSet(ListModelMixin, Resource):
    """Requests of all accounts, newest first."""

    model = ProvisioningRequest
    serializer_class = RequestSerializer
    filterset_class = RequestFilter
    search_fields = ("domain", "account__name", "account__organization__number")
    capabilities: ClassVar[dict[str, str]] = {
        "list": READING,
        "retrieve": READING,
        "create": PROVISIONING,
        "confirm": PROVISIONING,
        "retry": PROVISIONING,
        "resume": PROVISIONING,
        "cancel": PROVISIONING,
    }
    orderings: ClassVar[dict[str, str]] = {"created_at": "created_at", "domain": "domain"}
    default_ordering = "-created_at"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return requests(self.actor)

    @extend_schema(responses=RequestWithJournal)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a request with its journal."""
        return self._answer(self.get_object())

    @extend_schema(
        request=ProvisioningWish,
        responses={202: RequestWithJournal},
        parameters=[
            OpenApiParameter(
                KEY_HEADER,
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description="The same key again returns the same request; with another body, 422.",
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Ask for a tenant for an account; the same wish again returns the request there is."""
        given = ProvisioningWish(data=request.data)
        given.is_valid(raise_exception=True)
        account = accounts(self.actor).filter(pk=given.validated_data["account"]).first()
        connection = connections(self.actor).filter(pk=given.validated_data["connection"]).first()
        wrong = {
            name: [f"There is no such {name}."]
            for name, row in (("account", account), ("connection", connection))
            if row is None
        }
        if account is None or connection is None:
            raise InvalidInput("Some fields are not valid.", fields=wrong)
        values = given.arguments()
        key = request.headers.get(KEY_HEADER, "") or values.pop("key")
        row = request_provisioning(
            account, actor=self.actor, connection=connection, **{**values, "key": key}
        )
        return self._answer(row, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=RequestWithJournal)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: Any = None) -> Response:
        """Synchronize the account with the tenant that exists: link it, or move it here."""
        return self._do(confirm_existing)

    @extend_schema(request=None, responses=RequestWithJournal)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: Any = None) -> Response:
        """Try a refused request again with what its account says now."""
        return self._do(retry_provisioning)

    @extend_schema(request=None, responses=RequestWithJournal)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: Any = None) -> Response:
        """Go on with a request that needed a person, where it stood."""
        return self._do(resume_provisioning)

    @extend_schema(request=None, responses=RequestWithJournal)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: Any = None) -> Response:
        """Give a request up, unless a create was sent whose outcome nobody knows."""
        return self._do(cancel_provisioning)

    def _do(self, operation: Callable[..., ProvisioningRequest]) -> Response:
        return self._answer(operation(self.get_object(), actor=self.actor))

    def _answer(self, found: ProvisioningRequest, *, status: int | None = None) -> Response:
        row: Any = get_request(self.actor, found.pk)
        asking = row.state == ProvisioningRequest.State.ASKING
        row.question = question_of(row, actor=self.actor) if asking else ""
        row.steps = steps_of(row, actor=self.actor)
        return Response(RequestWithJournal(row).data, status=status)


ROUTES: list[tuple[str, type]] = [("provisioning-requests", ProvisioningRequestViewSet)]
