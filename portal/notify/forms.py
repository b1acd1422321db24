"""The form of a webhook."""

from typing import Any

from django import forms

from portal.notify.topics import topics


class WebhookForm(forms.Form):
    """Where to, and of what."""

    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="It begins with https:// and leads to a host that the world can reach.",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(label="Is told when", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["events"]
        field.choices = [(topic.name, topic.label) for topic in topics()]
