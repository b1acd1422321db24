"""``alerts/unlinked-tenants``, ``alerts/conditions`` and ``alerts/preferences``."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.alert.choosing import choose_preferences
from organizations.alert.filters import ApiConditionFilter
from organizations.alert.models import Condition
from organizations.alert.operations import (
    acknowledge_conditions,
    assign_conditions,
    reopen_conditions,
)
from organizations.alert.queries import conditions, unlinked_alert
from organizations.alert.serializers import (
    AcknowledgeManyRequest,
    AcknowledgeRequest,
    AssignManyRequest,
    AssignRequest,
    ChangedSerializer,
    ConditionSerializer,
    PreferencesSerializer,
    ReopenRequest,
    UnlinkedAlertSerializer,
)
from portal.core.errors import InvalidInput
from portal.core.identity.models import Membership
from portal.notify.models import Preference
from portal.notify.operations import Wishes
from portal.notify.queries import preferences_of
from portal.web.api.views import Resource
from tenants.discovery.models import Tenant


class UnlinkedAlertViewSet(Resource):
    """The alert about tenants that belong to no organization: one object, for the staff."""

    model = Tenant
    serializer_class = UnlinkedAlertSerializer
    pagination_class = None
    filter_backends = ()
    capabilities: ClassVar[dict[str, str]] = {"list": "tenants.view"}

    @extend_schema(responses=UnlinkedAlertSerializer(many=False))
    def list(self, request: Request) -> Response:
        """Return the count, the money per currency, the days of the oldest and the owners."""
        return Response(UnlinkedAlertSerializer(unlinked_alert(self.actor)).data)


ORDERS = ("worth", "opened_at", "label", "billed_amount", "unbilled_amount")


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter(
                "ordering",
                OpenApiTypes.STR,
                enum=[sign + name for name in ORDERS for sign in ("", "-")],
            )
        ]
    )
)
class ConditionViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Alerts, the dearest first, and what is done about them."""

    model = Condition
    serializer_class = ConditionSerializer
    filterset_class = ApiConditionFilter
    capabilities: ClassVar[dict[str, str]] = {
        "list": "alerts.view",
        "retrieve": "alerts.view",
        "assign": "alerts.manage",
        "acknowledge": "alerts.manage",
        "reopen": "alerts.manage",
        "assign_many": "alerts.manage",
        "acknowledge_many": "alerts.manage",
    }
    orderings: ClassVar[dict[str, str]] = {name: name for name in ORDERS}
    default_ordering = "-worth"

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return conditions(self.actor)

    @extend_schema(request=AssignRequest, responses=ConditionSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: Any = None) -> Response:
        """Give the alert to a member of staff, or to nobody."""
        asked = self._asked(AssignRequest)
        assign_conditions(
            [self.get_object().pk],
            actor=self.actor,
            assignee=self._member(asked["assignee"]),
            why=asked["why"],
        )
        return self._answer()

    @extend_schema(request=AcknowledgeRequest, responses=ConditionSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: Any = None) -> Response:
        """Let the alert wait until a day."""
        asked = self._asked(AcknowledgeRequest)
        acknowledge_conditions([self.get_object().pk], actor=self.actor, **asked)
        return self._answer()

    @extend_schema(request=ReopenRequest, responses=ConditionSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: Any = None) -> Response:
        """End the alert's acknowledgement before its day."""
        asked = self._asked(ReopenRequest)
        reopen_conditions([self.get_object().pk], actor=self.actor, why=asked["why"])
        return self._answer()

    @extend_schema(
        request=AssignManyRequest,
        responses=ChangedSerializer,
        operation_id="alerts_conditions_assign_many",
    )
    @action(detail=False, methods=["post"], url_path="assign", url_name="assign-many")
    def assign_many(self, request: Request) -> Response:
        """Give several alerts to somebody: all of them, or none if one is not there."""
        asked = self._asked(AssignManyRequest)
        rows = assign_conditions(
            asked["conditions"],
            actor=self.actor,
            assignee=self._member(asked["assignee"]),
            why=asked["why"],
        )
        return Response({"count": len(rows)})

    @extend_schema(
        request=AcknowledgeManyRequest,
        responses=ChangedSerializer,
        operation_id="alerts_conditions_acknowledge_many",
    )
    @action(detail=False, methods=["post"], url_path="acknowledge", url_name="acknowledge-many")
    def acknowledge_many(self, request: Request) -> Response:
        """Let several alerts wait: all of them, or none if one is not there."""
        asked = self._asked(AcknowledgeManyRequest)
        ids = asked.pop("conditions")
        rows = acknowledge_conditions(ids, actor=self.actor, **asked)
        return Response({"count": len(rows)})

    def _asked(self, serializer: Any) -> dict[str, Any]:
        asked = serializer(data=self.request.data)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def _member(self, member_id: UUID | None) -> Membership | None:
        if member_id is None:
            return None
        found = Membership.objects.visible_to(self.actor).filter(pk=member_id).first()
        if found is None:
            text = "There is no member with this id."
            raise InvalidInput(text, fields={"assignee": [text]})
        return found

    def _answer(self) -> Response:
        return Response(ConditionSerializer(self.get_object()).data)


class PreferencesViewSet(Resource):
    """What the caller's person is told by mail: one object, read with GET and set with POST."""

    model = Preference
    serializer_class = PreferencesSerializer
    pagination_class = None
    filter_backends = ()
    capabilities: ClassVar[dict[str, str]] = {"list": "alerts.view", "create": "alerts.manage"}

    @extend_schema(responses=PreferencesSerializer(many=False))
    def list(self, request: Request) -> Response:
        """Return what holds for the caller's person."""
        member = self._own()
        chosen = preferences_of([member], actor=self.actor)[member.pk]
        return Response(PreferencesSerializer(chosen).data)

    @extend_schema(request=PreferencesSerializer, responses={200: PreferencesSerializer})
    def create(self, request: Request) -> Response:
        """Set all of it."""
        asked = PreferencesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in asked.validated_data.items()
        }
        row = choose_preferences(self._own(), actor=self.actor, wishes=Wishes(**values))
        return Response(PreferencesSerializer(row).data)

    def _own(self) -> Membership:
        row: Membership = Membership.objects.get_visible(self.actor, pk=self.actor.membership_id)
        return row


ROUTES: list[tuple[str, type]] = [
    ("alerts/unlinked-tenants", UnlinkedAlertViewSet),
    ("alerts/conditions", ConditionViewSet),
    ("alerts/preferences", PreferencesViewSet),
]
