"""The forms of the alert: whose, until when, and what to be told."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from organizations.alert.letters import TOPIC_OF_KIND
from organizations.alert.operations import LONGEST, REASON_LENGTH
from organizations.directory.models import Organization
from organizations.directory.queries import organizations
from portal.core.access import Actor
from portal.core.identity.models import Membership
from portal.notify.models import Preference
from portal.notify.operations import Wishes
from portal.notify.queries import readers
from tenants.connections.queries import connections

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
GROUPS = 200


class AssignForm(forms.Form):
    """Whom alerts are given to; nobody takes them back."""

    assignee = forms.ChoiceField(label="Owner", required=False)
    why = forms.CharField(
        label="Note",
        max_length=REASON_LENGTH,
        required=False,
        help_text="The history keeps it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(one.pk): one for one in readers(actor, needs="alerts.manage")}
        field: Any = self.fields["assignee"]
        field.initial = str(actor.membership_id)
        field.choices = [("", "Nobody")] + [
            (pk, f"{one.label} (you)" if one.pk == actor.membership_id else one.label)
            for pk, one in self._people.items()
        ]

    @property
    def person(self) -> Membership | None:
        """Who was chosen; None for nobody."""
        return self._people.get(self.cleaned_data["assignee"])


class AcknowledgeForm(forms.Form):
    """Until when alerts may wait, and why."""

    until = forms.DateField(
        label="Comes back on",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=f"At most {LONGEST.days} days from now. It counts in no number and no mail until"
        " then, and comes back earlier if it costs a fifth more.",
    )
    reason = forms.CharField(
        label="Reason",
        max_length=REASON_LENGTH,
        help_text="The history keeps it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.now().date()
        self.fields["until"].initial = today + timedelta(days=14)
        self.fields["until"].widget.attrs.update(
            min=(today + timedelta(days=1)).isoformat(), max=(today + LONGEST).isoformat()
        )


class ReopenForm(forms.Form):
    """Why an acknowledgement ends early."""

    why = forms.CharField(
        label="Note",
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class PreferencesForm(forms.Form):
    """What mails somebody wants, and when."""

    digest = forms.BooleanField(label="Send me a weekly digest", required=False)
    digest_day = forms.TypedChoiceField(label="On", choices=list(enumerate(DAYS)), coerce=int)
    digest_hour = forms.TypedChoiceField(
        label="At", choices=[(hour, f"{hour:02}:00") for hour in range(24)], coerce=int
    )
    time_zone = forms.CharField(
        label="Time zone", max_length=60, help_text="Such as Europe/Amsterdam."
    )
    at_once = forms.MultipleChoiceField(
        label="Mail me at once when",
        choices=[(topic.name, topic.label) for topic in TOPIC_OF_KIND.values()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Gathered for ten minutes, so that one event is one mail.",
    )
    quiet_from = forms.TimeField(
        label="Quiet from",
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    quiet_until = forms.TimeField(
        label="Quiet until",
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text="Mails wait until then. Leave both empty for none.",
    )
    connections = forms.MultipleChoiceField(
        label="Only these connections",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen means all.",
    )
    organizations = forms.MultipleChoiceField(
        label="Only these groups of organizations",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="A sub-reseller with everybody below it. None chosen means all; what belonged to"
        " no organization so far is told only to who has chosen none.",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_connections: Any = self.fields["connections"]
        of_connections.choices = [(str(one.pk), one.name) for one in connections(actor)]
        groups = organizations(actor).filter(kind=Organization.Kind.SUB_RESELLER)
        of_groups: Any = self.fields["organizations"]
        of_groups.choices = [
            (str(one.pk), one.name) for one in groups.order_by("name", "id")[:GROUPS]
        ]
        for name in ("connections", "organizations"):
            if not getattr(self.fields[name], "choices", None):
                del self.fields[name]

    @classmethod
    def initial_of(cls, preference: Preference) -> dict[str, Any]:
        """Return what the form shows of a choice made before."""
        return {
            "digest": preference.digest,
            "digest_day": preference.digest_day,
            "digest_hour": preference.digest_hour,
            "time_zone": preference.time_zone,
            "at_once": [
                topic.name for topic in TOPIC_OF_KIND.values() if topic.name not in preference.muted
            ],
            "quiet_from": preference.quiet_from,
            "quiet_until": preference.quiet_until,
            "connections": preference.connections,
            "organizations": preference.organizations,
        }

    def wishes(self) -> Wishes:
        """Return what was chosen."""
        values = self.cleaned_data
        wanted = set(values["at_once"])
        return Wishes(
            digest=values["digest"],
            digest_day=values["digest_day"],
            digest_hour=values["digest_hour"],
            time_zone=values["time_zone"],
            muted=tuple(topic.name for topic in TOPIC_OF_KIND.values() if topic.name not in wanted),
            quiet_from=values["quiet_from"],
            quiet_until=values["quiet_until"],
            connections=tuple(values.get("connections", ())),
            organizations=tuple(values.get("organizations", ())),
        )
