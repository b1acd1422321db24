"""``audit-events``: who did what, when and why."""

from typing import ClassVar

from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from portal.core.audit.models import AuditEvent
from portal.core.audit.queries import sentence
from portal.web.api.views import Resource
from portal.web.audit.filters import AuditEventFilter


class AuditEventSerializer(serializers.ModelSerializer[AuditEvent]):
    """One event of the trail."""

    sentence = serializers.SerializerMethodField()

    class Meta:
        model = AuditEvent
        fields = (
            "id",
            "sequence",
            "at",
            "action",
            "sentence",
            "actor_kind",
            "actor_label",
            "organization_id",
            "subject_type",
            "subject_id",
            "subject_label",
            "before",
            "after",
            "reason",
            "correlation_id",
        )
        read_only_fields = fields

    def get_sentence(self, event: AuditEvent) -> str:
        return sentence(event)


class AuditEventViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """The reseller's trail, newest first."""

    model = AuditEvent
    serializer_class = AuditEventSerializer
    filterset_class = AuditEventFilter
    capabilities: ClassVar[dict[str, str]] = {"list": "audit.view", "retrieve": "audit.view"}
    orderings: ClassVar[dict[str, str]] = {"sequence": "sequence", "at": "sequence"}
    default_ordering = "-sequence"


ROUTES: list[tuple[str, type]] = [("audit-events", AuditEventViewSet)]
