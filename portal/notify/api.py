"""``webhooks`` and ``deliveries``: who is told by HTTP, and what became of every message."""

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from portal.notify.models import Delivery, Webhook
from portal.notify.operations import retry_delivery
from portal.notify.webhooks import (
    change_webhook,
    create_webhook,
    remove_webhook,
    rotate_secret,
)
from portal.web.api.views import Resource


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """A webhook. Its secret is answered once, when it is made."""

    events = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Webhook
        fields = (
            "id",
            "url",
            "events",
            "state",
            "created_by",
            "created_at",
            "last_success_at",
            "last_failure_at",
            "last_failure",
        )
        read_only_fields = fields


class NewWebhookSerializer(WebhookSerializer):
    """A webhook with the secret that its messages are signed with."""

    secret = serializers.CharField(read_only=True)

    class Meta:
        model = Webhook
        fields = (*WebhookSerializer.Meta.fields, "secret")
        read_only_fields = fields


class WebhookRequest(serializers.Serializer[Any]):
    """Where to, and of what."""

    url = serializers.CharField(max_length=500)
    events = serializers.ListField(child=serializers.CharField(max_length=60), max_length=50)


class WebhookChanges(serializers.Serializer[Any]):
    """What may be changed: of what it is told, and whether."""

    events = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=50, required=False
    )
    state = serializers.ChoiceField(choices=Webhook.State.choices, required=False)


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """A message and what became of it; what it said is not kept."""

    class Meta:
        model = Delivery
        fields = (
            "id",
            "channel",
            "topic",
            "recipient",
            "subject",
            "language",
            "state",
            "due_at",
            "attempts",
            "maybe_twice",
            "last_error",
            "created_at",
            "sent_at",
        )
        read_only_fields = fields


class DeliveryFilter(django_filters.FilterSet):
    """By channel, topic and state."""

    channel = django_filters.ChoiceFilter(choices=Delivery.Channel.choices)
    topic = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=Delivery.State.choices)

    class Meta:
        model = Delivery
        fields = ("channel", "topic", "state")


class WebhookViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Addresses that are told by HTTP what people are told by mail."""

    model = Webhook
    serializer_class = WebhookSerializer
    filter_backends = ()
    capabilities: ClassVar[dict[str, str]] = {
        "list": "messages.view",
        "retrieve": "messages.view",
        "create": "webhooks.manage",
        "partial_update": "webhooks.manage",
        "destroy": "webhooks.manage",
        "rotate": "webhooks.manage",
    }
    orderings: ClassVar[dict[str, str]] = {"url": "url", "created_at": "created_at"}
    default_ordering = "url"

    @extend_schema(request=WebhookRequest, responses={201: NewWebhookSerializer})
    def create(self, request: Request) -> Response:
        """Register an address; the answer has its secret, this once."""
        asked = WebhookRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        row, secret = create_webhook(actor=self.actor, **asked.validated_data)
        return Response(_with_secret(row, secret), status=201)

    @extend_schema(request=WebhookChanges, responses=WebhookSerializer)
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Change what it is told, or pause it."""
        asked = WebhookChanges(data=request.data)
        asked.is_valid(raise_exception=True)
        row = change_webhook(self.get_object(), actor=self.actor, **asked.validated_data)
        return Response(WebhookSerializer(row).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """End messages to the address."""
        remove_webhook(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=None, responses=NewWebhookSerializer)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: Any = None) -> Response:
        """Make a new secret; messages are signed by the old one too for a day."""
        row, secret = rotate_secret(self.get_object(), actor=self.actor)
        return Response(_with_secret(row, secret))


class DeliveryViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Every message, mail or webhook."""

    model = Delivery
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    capabilities: ClassVar[dict[str, str]] = {
        "list": "messages.view",
        "retrieve": "messages.view",
        "retry": "webhooks.manage",
    }
    orderings: ClassVar[dict[str, str]] = {"created_at": "created_at", "due_at": "due_at"}
    default_ordering = "-created_at"

    @extend_schema(request=None, responses=DeliverySerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: Any = None) -> Response:
        """Send it again: what failed, a letter, or what a webhook was sent before."""
        row = retry_delivery(self.get_object(), actor=self.actor)
        return Response(DeliverySerializer(row).data)


def _with_secret(row: Webhook, secret: str) -> dict[str, Any]:
    return {**WebhookSerializer(row).data, "secret": secret}


ROUTES: list[tuple[str, type]] = [
    ("webhooks", WebhookViewSet),
    ("deliveries", DeliveryViewSet),
]
