"""``jobs``: long work, its progress and its end."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from portal.core.jobs.models import Job
from portal.core.jobs.operations import retry_job
from portal.web.api.views import Resource


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job as its page shows it."""

    percent = serializers.IntegerField(read_only=True, allow_null=True)
    next_try = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Job
        fields = (
            "id",
            "kind",
            "queue",
            "title",
            "state",
            "subject_id",
            "done",
            "total",
            "percent",
            "note",
            "error_code",
            "error",
            "attempts",
            "max_attempts",
            "next_try",
            "asked_by",
            "correlation_id",
            "created_at",
            "started_at",
            "finished_at",
            "result",
        )
        read_only_fields = fields


class JobViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Jobs of the reseller, newest first."""

    model = Job
    serializer_class = JobSerializer
    filterset_fields = ("state", "kind", "subject_id")
    capabilities: ClassVar[dict[str, str]] = {
        "list": "jobs.view",
        "retrieve": "jobs.view",
        "retry": "jobs.retry",
    }
    orderings: ClassVar[dict[str, str]] = {"created_at": "created_at"}
    default_ordering = "-created_at"

    @extend_schema(request=None, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: Any = None) -> Response:
        """Start a failed job over."""
        return Response(JobSerializer(retry_job(self.get_object(), actor=self.actor)).data)


ROUTES: list[tuple[str, type]] = [("jobs", JobViewSet)]
