"""Ignoring in the API: actions of ``tenants``, one by one and in bulk."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.ignoring.models import IgnoredTenant
from organizations.ignoring.operations import (
    AT_ONCE,
    REASON_LENGTH,
    ignore_tenant,
    ignore_tenants,
    unignore_tenant,
)
from organizations.ignoring.queries import ignores_of
from portal.core.access import Actor
from portal.web.api.strict import StrictSerializer, read_input


class IgnoreRequest(StrictSerializer):
    """Why a tenant is left out, and until when."""

    kind = serializers.ChoiceField(choices=IgnoredTenant.Kind.choices)
    reason = serializers.CharField(max_length=REASON_LENGTH)
    until = serializers.DateField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The day it comes back; ``lost`` and ``other`` need one within a year.",
    )


class IgnoreManyRequest(IgnoreRequest):
    """The same for many tenants at once."""

    tenants = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=AT_ONCE)


class UnignoreRequest(StrictSerializer):
    """Why a tenant comes back."""

    reason = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=REASON_LENGTH
    )


class IgnoredTenantSerializer(serializers.ModelSerializer[IgnoredTenant]):
    """A decision to leave a tenant out, holding while ``ended_at`` is null."""

    tenant = serializers.UUIDField(source="tenant_id")
    live = serializers.BooleanField(source="is_live")

    class Meta:
        model = IgnoredTenant
        fields = (
            "id",
            "tenant",
            "live",
            "kind",
            "reason",
            "until",
            "begins_at",
            "ignored_by",
            "ended_at",
            "ended_by",
            "ended_how",
            "end_reason",
        )
        read_only_fields = fields


class IgnoredHistory(serializers.Serializer[Any]):
    """Every decision about one tenant."""

    results = IgnoredTenantSerializer(many=True)


class SkippedTenant(serializers.Serializer[Any]):
    """A tenant that stays as it is, and why."""

    tenant = serializers.UUIDField()
    detail = serializers.CharField()


class IgnoredBatch(serializers.Serializer[Any]):
    """What became of many."""

    ignored = IgnoredTenantSerializer(many=True)
    skipped = SkippedTenant(many=True)


class IgnoringActions:
    """Actions of the tenants' viewset, which gives the tenant and the actor."""

    actor: Actor
    get_object: Any

    @extend_schema(request=IgnoreRequest, responses=IgnoredTenantSerializer)
    @action(detail=True, methods=["post"])
    def ignore(self, request: Request, pk: Any = None) -> Response:
        """Leave the tenant out of the alert; what Microsoft bills for it stays in Unassigned."""
        values = read_input(IgnoreRequest, request)
        row = ignore_tenant(self.get_object(), actor=self.actor, **values)
        return Response(IgnoredTenantSerializer(row).data)

    @extend_schema(responses=IgnoredHistory)
    @ignore.mapping.get
    def ignores(self, request: Request, pk: Any = None) -> Response:
        """Return every decision there was to leave the tenant out, newest first."""
        rows = ignores_of(self.get_object(), actor=self.actor)
        return Response(IgnoredHistory({"results": rows}).data)

    @extend_schema(request=UnignoreRequest, responses=IgnoredTenantSerializer)
    @action(detail=True, methods=["post"])
    def unignore(self, request: Request, pk: Any = None) -> Response:
        """Bring the tenant back: it waits for a link again."""
        values = read_input(UnignoreRequest, request)
        row = unignore_tenant(self.get_object(), actor=self.actor, **values)
        return Response(IgnoredTenantSerializer(row).data)

    @extend_schema(
        request=IgnoreManyRequest, responses=IgnoredBatch, operation_id="tenants_ignore_many"
    )
    @action(detail=False, methods=["post"], url_path="ignore", url_name="ignore-many")
    def ignore_many(self, request: Request) -> Response:
        """Leave up to 1,000 tenants out at once; one that is unknown, and none is."""
        values = read_input(IgnoreManyRequest, request)
        batch = ignore_tenants(values.pop("tenants"), actor=self.actor, **values)
        skipped = [{"tenant": row.pk, "detail": said} for row, said in batch.skipped]
        return Response(IgnoredBatch({"ignored": batch.ignored, "skipped": skipped}).data)
