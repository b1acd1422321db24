"""``link-suggestions``: the API of suggestions. It is the staff's; customers see none."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.linking.api import LinkingResource, ordering
from organizations.linking.serializers import LinkSerializer
from organizations.suggestions.filters import LinkSuggestionFilter
from organizations.suggestions.models import LinkSuggestion
from organizations.suggestions.operations import (
    accept_suggestion,
    automatic_state,
    dismiss_suggestion,
    request_suggestions,
    restore_suggestion,
    switch_automatic,
)
from organizations.suggestions.queries import shown_suggestions, suggestions
from organizations.suggestions.serializers import (
    AutomaticRequest,
    AutomaticSerializer,
    DismissRequest,
    LinkSuggestionSerializer,
)
from portal.web.jobs.api import JobSerializer


@extend_schema_view(list=extend_schema(parameters=[ordering("score")]))
class LinkSuggestionViewSet(LinkingResource):
    """Organizations that tenants may belong to, the surest first, with what speaks for them.

    They are found by a job. What was dismissed stays in the list and is never suggested again.
    """

    model = LinkSuggestion
    serializer_class = LinkSuggestionSerializer
    filterset_class = LinkSuggestionFilter
    capabilities: ClassVar[dict[str, str]] = {
        "list": "suggestions.view",
        "retrieve": "suggestions.view",
        "accept": "tenants.link",
        "dismiss": "tenants.link",
        "restore": "tenants.link",
        "suggest": "tenants.link",
        "automatic": "suggestions.view",
        "switch": "suggestions.manage",
    }
    orderings: ClassVar[dict[str, str]] = {"score": "score"}
    default_ordering = "-score"

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        # Who names one of a tenant that is linked meanwhile is told so, by what it asks for.
        return (shown_suggestions if self.action == "list" else suggestions)(self.actor)

    @extend_schema(request=None, responses=LinkSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: Any = None) -> Response:
        """Link the tenant as suggested; again changes nothing. The answer is the link."""
        return self.answer(accept_suggestion(self.get_object(), actor=self.actor))

    @extend_schema(request=DismissRequest, responses=LinkSuggestionSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: Any = None) -> Response:
        """Say that this organization is not the one; it is never suggested for the tenant again."""
        asked = DismissRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        reason = asked.validated_data["reason"]
        row = dismiss_suggestion(self.get_object(), actor=self.actor, reason=reason)
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses=LinkSuggestionSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: Any = None) -> Response:
        """Take a dismissal back."""
        row = restore_suggestion(self.get_object(), actor=self.actor)
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], filterset_class=None)
    def suggest(self, request: Request) -> Response:
        """Ask for suggestions to be looked for now; the answer is the job that does it."""
        return Response(JobSerializer(request_suggestions(actor=self.actor)).data, status=202)

    @extend_schema(responses=AutomaticSerializer, parameters=[])
    @action(detail=False, methods=["get"], pagination_class=None, filter_backends=())
    def automatic(self, request: Request) -> Response:
        """Say whether certain suggestions become links by themselves."""
        return Response(AutomaticSerializer(automatic_state(self.actor)).data)

    @extend_schema(request=AutomaticRequest, responses=AutomaticSerializer)
    @automatic.mapping.patch
    def switch(self, request: Request) -> Response:
        """Let certain suggestions become links by themselves, or end that."""
        asked = AutomaticRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        applies = asked.validated_data["applies_certain"]
        return Response(
            AutomaticSerializer(switch_automatic(actor=self.actor, applies=applies)).data
        )


ROUTES: list[tuple[str, type]] = [("link-suggestions", LinkSuggestionViewSet)]
