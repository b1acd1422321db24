"""The checklist in the API: ``tenants/{id}/offboarding/``."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.directory.serializers import StrictSerializer
from organizations.offboarding.models import OffboardingStep
from organizations.offboarding.operations import NOTE_LENGTH, tick_step
from organizations.offboarding.queries import State, checklist_of
from portal.core.access import Actor
from tenants.discovery.remains import read_remains


class TickRequest(StrictSerializer):
    """A step to tick off, or to open again."""

    step = serializers.ChoiceField(choices=OffboardingStep.Step.choices)
    done = serializers.BooleanField(default=True)
    note = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=NOTE_LENGTH
    )


class ItemSerializer(serializers.Serializer[Any]):
    """One thing to see to, read from what is known."""

    key = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=[state.value for state in State])
    text = serializers.CharField()
    details = serializers.ListField(child=serializers.CharField())


class TickSerializer(serializers.Serializer[Any]):
    """A step that a person ticks."""

    step = serializers.CharField()
    title = serializers.CharField()
    done_by = serializers.CharField(source="done.done_by", default=None, allow_null=True)
    done_at = serializers.DateTimeField(source="done.done_at", default=None, allow_null=True)
    note = serializers.CharField(source="done.note", default="")


class ChecklistSerializer(serializers.Serializer[Any]):
    """Everything there is to see to before a tenant is gone."""

    open = serializers.IntegerField(source="open_count")
    items = ItemSerializer(many=True)
    ticks = TickSerializer(many=True)


class OffboardingActions:
    """Actions of the tenants' viewset, which gives the tenant and the actor.

    Partner Center is asked between two transactions, so the request has none of its own.
    """

    actor: Actor
    get_object: Any

    @extend_schema(responses=ChecklistSerializer)
    @action(detail=True, methods=["get"])
    def offboarding(self, request: Request, pk: Any = None) -> Response:
        """Return what is still to be done before the tenant is gone; asks Partner Center."""
        with transaction.atomic():
            tenant = self.get_object()
        remains = read_remains(tenant, actor=self.actor)
        return self._answer(tenant, remains)

    @extend_schema(request=TickRequest, responses=TickSerializer)
    @offboarding.mapping.post
    def tick(self, request: Request, pk: Any = None) -> Response:
        """Tick a step off, or open it again with ``done`` false."""
        asked = TickRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        with transaction.atomic():
            tenant = self.get_object()
        values = asked.validated_data
        row = tick_step(tenant, actor=self.actor, **values)
        title = OffboardingStep.Step(values["step"]).label
        shown = {"step": values["step"], "title": title, "done": row}
        return Response(TickSerializer(shown).data)

    def _answer(self, tenant: Any, remains: Any) -> Response:
        with transaction.atomic():
            checklist = checklist_of(tenant, remains, actor=self.actor)
        return Response(ChecklistSerializer(checklist).data)
