"""Forms of the profile."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone

LIFETIMES = {"30": "30 days", "90": "90 days", "365": "one year", "": "until revoked"}


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(
        label="What is it for?", max_length=100, help_text="Such as “nightly export”."
    )
    lifetime = forms.ChoiceField(
        label="Works for", choices=list(LIFETIMES.items()), required=False, initial="90"
    )

    def expires_at(self) -> datetime | None:
        """Return when the token ends, or None if it does not by itself."""
        days = self.cleaned_data["lifetime"]
        return timezone.now() + timedelta(days=int(days)) if days else None
