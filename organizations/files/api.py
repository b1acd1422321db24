"""``imports`` of the API: upload a file, see what it would do, run it."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.files.models import UploadedFile
from organizations.files.operations import discard_file, run_file, upload_file
from organizations.files.queries import files, get_file, remarks_of
from organizations.files.serializers import (
    FileSerializer,
    RemarkSerializer,
    RunRequest,
    UploadedRequest,
    UploadRequest,
)
from organizations.linking.apipages import SeekPages
from portal.web.api.parsers import BoundedJSONParser
from portal.web.api.views import Resource

CREATED, NO_CONTENT = 201, 204


class ImportViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Files of organizations and of links; nothing is done before `run`."""

    model = UploadedFile
    serializer_class = FileSerializer
    pagination_class = SeekPages
    parser_classes = (BoundedJSONParser, MultiPartParser)
    capabilities: ClassVar[dict[str, str]] = {
        "list": "jobs.view",
        "retrieve": "jobs.view",
        "create": "tenants.link",
        "destroy": "tenants.link",
        "run": "tenants.link",
        "remarks": "jobs.view",
    }
    orderings: ClassVar[dict[str, str]] = {"created_at": "created_at", "name": "name"}
    default_ordering = "-created_at"

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return files(self.actor)

    @extend_schema(
        request={"application/json": UploadRequest, "multipart/form-data": UploadedRequest},
        responses={CREATED: FileSerializer},
    )
    def create(self, request: Request) -> Response:
        """Upload a file, as text in JSON or as a form sends it; a worker then reads it."""
        is_form = request.content_type.startswith("multipart/")
        asked = (UploadedRequest if is_form else UploadRequest)(data=request.data)
        asked.is_valid(raise_exception=True)
        file = upload_file(actor=self.actor, **asked.arguments())
        return Response(FileSerializer(get_file(self.actor, file.pk)).data, status=CREATED)

    def destroy(self, request: Request, pk: str) -> Response:
        """Discard a file that nobody is going to run."""
        discard_file(self.get_object(), actor=self.actor)
        return Response(status=NO_CONTENT)

    @extend_schema(request=RunRequest, responses=FileSerializer)
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: Any = None) -> Response:
        """Do what the file's preview showed."""
        asked = RunRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        file = run_file(self.get_object(), actor=self.actor, **asked.validated_data)
        return Response(FileSerializer(get_file(self.actor, file.pk)).data)

    @extend_schema(responses=RemarkSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=())
    def remarks(self, request: Request, pk: Any = None) -> Response:
        """List what there is to say of the file's rows, by line; at most the first 5,000."""
        rows = remarks_of(self.get_object(), self.actor)
        shown = RemarkSerializer(rows, many=True).data
        return Response({"results": shown, "next": None, "previous": None})


ROUTES: list[tuple[str, type]] = [("imports", ImportViewSet)]
