"""Confirmations of agreements as the API shows them."""

from rest_framework import serializers

from organizations.agreements.models import AgreementConfirmation


class AgreementConfirmationSerializer(serializers.ModelSerializer[AgreementConfirmation]):
    """Who agreed, and whether Microsoft knows."""

    class Meta:
        model = AgreementConfirmation
        fields = (
            "id",
            "first_name",
            "last_name",
            "email",
            "phone_number",
            "agreed_on",
            "state",
            "reason",
            "request_id",
            "correlation_id",
            "asked_by",
            "created_at",
            "ended_at",
        )
        read_only_fields = fields


class AgreementsSerializer(serializers.Serializer[object]):
    """The confirmations of one tenant, newest first."""

    results = AgreementConfirmationSerializer(many=True)
