"""``first-passwords``: where each stands, sending one again, and never a password."""

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.passwords.models import FirstPassword, PasswordSettings
from organizations.passwords.operations import (
    REASON_LENGTH,
    Handing,
    change_handing,
    redirect_password,
    send_again,
)
from organizations.passwords.queries import first_passwords, settings_of
from portal.web.api.strict import StrictSerializer, read_input
from portal.web.api.views import Resource


class FirstPasswordSerializer(serializers.ModelSerializer[FirstPassword]):
    """A first password and what became of it; itself it is in no answer."""

    account = serializers.UUIDField(source="account_id", read_only=True)
    connection = serializers.UUIDField(source="connection_id", read_only=True)

    class Meta:
        model = FirstPassword
        fields = (
            "id",
            "account",
            "connection",
            "microsoft_id",
            "username",
            "domain",
            "recipient",
            "held_because",
            "language",
            "state",
            "kept_at",
            "expires_at",
            "sent_at",
            "opened_at",
            "wiped_at",
            "wiped_because",
        )
        read_only_fields = fields


class RedirectRequest(StrictSerializer):
    """Why it goes to another address than was decided."""

    reason = serializers.CharField(max_length=REASON_LENGTH)


class HandingRequest(StrictSerializer):
    """How first passwords are handed over; what is left out stays as it is."""

    in_mail = serializers.BooleanField(required=False)
    own_address = serializers.CharField(required=False, allow_blank=True, max_length=254)


class HandingSerializer(serializers.ModelSerializer[PasswordSettings]):
    """How first passwords are handed over."""

    class Meta:
        model = PasswordSettings
        fields = ("in_mail", "own_address")
        read_only_fields = fields


class FirstPasswordFilter(django_filters.FilterSet):
    """By state and by account."""

    state = django_filters.ChoiceFilter(choices=FirstPassword.State.choices)
    account = django_filters.UUIDFilter(field_name="account_id")

    class Meta:
        model = FirstPassword
        fields = ("state", "account")


class FirstPasswordViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """First passwords of new tenants, until and after they were handed over."""

    model = FirstPassword
    serializer_class = FirstPasswordSerializer
    filterset_class = FirstPasswordFilter
    capabilities: ClassVar[dict[str, str]] = {
        "list": "passwords.view",
        "retrieve": "passwords.view",
        "send": "passwords.send",
        "redirect": "passwords.manage",
        "handing": "handing.view",
        "change_handing": "passwords.manage",
    }
    orderings: ClassVar[dict[str, str]] = {"kept_at": "kept_at", "domain": "domain"}
    default_ordering = "-kept_at"

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return first_passwords(self.actor)

    @extend_schema(request=None, responses=FirstPasswordSerializer)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: Any = None) -> Response:
        """Send the letter again with a new link; the links before end."""
        row = self.get_object()
        send_again(row, actor=self.actor)
        return Response(FirstPasswordSerializer(self.get_object()).data)

    @extend_schema(request=RedirectRequest, responses=FirstPasswordSerializer)
    @action(detail=True, methods=["post"])
    def redirect(self, request: Request, pk: Any = None) -> Response:
        """Approve that it goes to whom the letter would go to by now."""
        values = read_input(RedirectRequest, request)
        redirect_password(self.get_object(), actor=self.actor, **values)
        return Response(FirstPasswordSerializer(self.get_object()).data)

    @extend_schema(responses=HandingSerializer, filters=False)
    @action(detail=False, methods=["get"], url_path="handing-over", pagination_class=None)
    def handing(self, request: Request) -> Response:
        """Return how first passwords are handed over."""
        return Response(HandingSerializer(settings_of(self.actor)).data)

    @extend_schema(request=HandingRequest, responses=HandingSerializer)
    @handing.mapping.patch
    def change_handing(self, request: Request) -> Response:
        """Choose whether the letter may carry the password, and the reseller's own address."""
        asked, now = read_input(HandingRequest, request), settings_of(self.actor)
        values = {"in_mail": now.in_mail, "own_address": now.own_address, **asked}
        row = change_handing(actor=self.actor, handing=Handing(**values))
        return Response(HandingSerializer(row).data)


ROUTES: list[tuple[str, type]] = [("first-passwords", FirstPasswordViewSet)]
