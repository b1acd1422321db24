"""The form that says which organization an indirect reseller is."""

from typing import Any

from django import forms

from organizations.directory.models import Organization
from organizations.directory.queries import sub_resellers
from portal.core.access import Actor


class LinkResellerForm(forms.Form):
    """Which sub-reseller it is; those that are one already are left out."""

    organization: "forms.ModelChoiceField[Organization]" = forms.ModelChoiceField(
        label="Organization",
        help_text="It gets the partner id and the partner tenant. Only sub-resellers are listed.",
        queryset=None,
        empty_label="Choose a sub-reseller",
        error_messages={"invalid_choice": "Choose one of the list."},
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organization"]
        rows = sub_resellers(actor)
        field.queryset = rows if self.is_bound else rows.filter(mpn_id="")  # type: ignore[attr-defined]
