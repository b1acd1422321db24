"""``saved-views`` and ``table-columns`` of the API."""

from typing import Any, ClassVar

from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from portal.core.access import Actor
from portal.core.tables.models import NAME_LENGTH, TableView
from portal.core.tables.operations import (
    COLUMNS,
    choose_columns,
    remove_view,
    save_view,
)
from portal.core.tables.queries import own_views, settled
from portal.web.api.views import Resource
from portal.web.lists import TABLES
from portal.web.tables.views import check_columns, list_of

CREATED, NO_CONTENT = 201, 204


class NewView(serializers.Serializer[Any]):
    """A list's query string under a name; the same name again replaces it."""

    table = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=NAME_LENGTH)
    query = serializers.CharField(allow_blank=True, default="", help_text="tab=unlinked&sort=name")
    is_default = serializers.BooleanField(default=False)


class ViewSerializer(serializers.ModelSerializer[TableView]):
    """A saved view of the caller."""

    class Meta:
        model = TableView
        fields = ("id", "table", "name", "query", "is_default", "created_at")
        read_only_fields = fields


class SavedViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """The caller's own views of the lists, by name."""

    model = TableView
    serializer_class = ViewSerializer
    filterset_fields = ("table",)
    capabilities: ClassVar[dict[str, str]] = {
        "list": "profile.view",
        "retrieve": "profile.view",
        "create": "views.manage",
        "destroy": "views.manage",
    }
    orderings: ClassVar[dict[str, str]] = {"name": "name", "created_at": "created_at"}
    default_ordering = "name"

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return own_views(self.actor)

    @extend_schema(request=NewView, responses={CREATED: ViewSerializer})
    def create(self, request: Request) -> Response:
        shape = NewView(data=request.data)
        shape.is_valid(raise_exception=True)
        values = dict(shape.validated_data)
        table = values.pop("table")
        list_of(table)
        view = save_view(table, actor=self.actor, **values)
        return Response(ViewSerializer(view).data, status=CREATED)

    @extend_schema(responses={NO_CONTENT: None})
    def destroy(self, request: Request, pk: str) -> Response:
        remove_view(self.get_object(), actor=self.actor)
        return Response(status=NO_CONTENT)


class ColumnChoice(serializers.Serializer[Any]):
    """Which columns of a table the caller wants; an empty list means the usual ones."""

    table = serializers.CharField(max_length=40)
    columns = serializers.ListField(child=serializers.CharField(max_length=40), max_length=100)


class ColumnChoiceViewSet(ViewSet):
    """The columns the caller has chosen, table by table."""

    model = TableView
    capabilities: ClassVar[dict[str, str]] = {"list": "profile.view", "create": "views.manage"}

    @extend_schema(responses=ColumnChoice(many=True))
    def list(self, request: Request) -> Response:
        return Response({"results": [_choice(request, table) for table in sorted(TABLES)]})

    @extend_schema(request=ColumnChoice, responses={CREATED: ColumnChoice})
    def create(self, request: Request) -> Response:
        shape = ColumnChoice(data=request.data)
        shape.is_valid(raise_exception=True)
        table = shape.validated_data["table"]
        names = check_columns(table, shape.validated_data["columns"], actor=_actor(request))
        chosen = choose_columns(table, actor=_actor(request), columns=names)
        return Response({"table": table, "columns": list(chosen)}, status=CREATED)


def _choice(request: Request, table: str) -> dict[str, Any]:
    kept = settled(_actor(request), table=table).filter(name="").first()
    names = QueryDict(kept.query).get(COLUMNS, "") if kept else ""
    return {"table": table, "columns": names.split(",") if names else []}


def _actor(request: Request) -> Actor:
    return request.user  # type: ignore[return-value]


ROUTES: list[tuple[str, type[Any]]] = [
    ("saved-views", SavedViewSet),
    ("table-columns", ColumnChoiceViewSet),
]
"""Where each is found below the API."""
