"""The forms of linking: which organization, and why a link ends.

The organization can be said in three ways: a card of the proposed ones, a line of the combobox, or
plain words where there is no JavaScript. Words win over a card, because typing came last; when they
fit more than one organization the form comes back with those as cards.
"""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django import forms

from organizations.directory.models import Organization
from organizations.directory.queries import Resemblance, organization_options, organizations
from organizations.linking.filters import organization_named
from organizations.linking.periods import FROM
from portal.core.access import Actor

CREATE_NEW = "new"
"""What the combobox sends for “create a new organization”."""
CHOICES_SHOWN = 10


class LinkForm(forms.Form):
    """Which organization a tenant is linked to; ``chosen`` is the answer, None for a new one."""

    organization = forms.CharField(required=False, max_length=60, label="Organization")
    organization_text = forms.CharField(
        required=False, max_length=200, label="Search all organizations"
    )
    proposed = forms.CharField(required=False, max_length=60, label="Proposed organizations")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.chosen: Organization | None = None
        self.wants_new = False
        self.found: list[Resemblance] = []

    def clean(self) -> dict[str, Any]:
        """Find the organization that is meant."""
        picked = self.cleaned_data.get("organization", "")
        text = self.cleaned_data.get("organization_text", "").strip()
        if picked == CREATE_NEW:
            self.wants_new = True
        elif picked:
            self._take(picked, field="organization_text")
        elif text:
            self._look_up(text)
        elif self.cleaned_data.get("proposed"):
            self._take(self.cleaned_data["proposed"], field="proposed")
        else:
            self.add_error("organization_text", "Choose the organization this tenant belongs to.")
        return self.cleaned_data

    def _take(self, organization_id: str, *, field: str) -> None:
        try:
            wanted = UUID(organization_id)
        except ValueError:
            wanted = None
        rows = organizations(self.actor)
        self.chosen = rows.filter(pk=wanted).first() if wanted else None
        if self.chosen is None:
            self.add_error(field, "This organization does not exist any more. Choose another.")

    def _look_up(self, text: str) -> None:
        self.chosen = organization_named(text, actor=self.actor)
        if self.chosen:
            return
        options = [
            option
            for option in organization_options(self.actor, text, CHOICES_SHOWN)
            if not option.is_guess
        ]
        rows = {
            row.pk: row
            for row in organizations(self.actor).filter(pk__in=[option.value for option in options])
        }
        if len(rows) == 1:
            self.chosen = next(iter(rows.values()))
        elif rows:
            self.found = [
                Resemblance(rows[option.value], "matches your search")
                for option in options
                if option.value in rows
            ]
            self.add_error("organization_text", f"“{text}” fits several; choose one of them.")
        else:
            self.add_error("organization_text", f"No organization matches “{text}”.")

    def cards(self, proposed: Sequence[Resemblance]) -> Sequence[Resemblance]:
        """Return the organizations to choose from: what the words found, else the proposed."""
        return self.found or proposed

    @property
    def card(self) -> str:
        """The card that is marked."""
        return cast(str, self.data.get("proposed", "")) if self.is_bound else ""


def day_field(help_text: str) -> forms.DateField:
    """Return the field of the day from which a change holds."""
    return forms.DateField(
        required=False,
        label="From",
        help_text=help_text,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class UnlinkForm(forms.Form):
    """Why the link ends, and from which day."""

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="The history of the tenant keeps it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[FROM] = day_field(
            "Months that begin before this day stay with the organization. Empty: everything that"
            " is not closed becomes unassigned."
        )
