"""The form of a letter."""

from collections.abc import Sequence
from typing import Any

from django import forms

from portal.notify.letters.kinds import Choice, LetterKind
from portal.notify.letters.models import BODY_LENGTH, SUBJECT_LENGTH, TO_LENGTH


class LetterForm(forms.Form):
    """To, subject and text. ``about`` is what the letter is looked at with; "" for examples."""

    to = forms.CharField(
        label="To",
        max_length=TO_LENGTH,
        help_text="Merge fields that are addresses; several with commas between them.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    subject = forms.CharField(
        label="Subject", max_length=SUBJECT_LENGTH, widget=forms.TextInput(attrs={"size": 60})
    )
    body = forms.CharField(
        label="Text",
        max_length=BODY_LENGTH,
        help_text="Plain text with merge fields. An empty line begins a new paragraph.",
        widget=forms.Textarea(attrs={"rows": 16}),
    )
    about = forms.CharField(
        label="Look at it with", required=False, max_length=40, widget=forms.Select
    )

    def __init__(
        self, *args: Any, kind: LetterKind, choices: Sequence[Choice], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if kind.goes_to:
            del self.fields["to"]
        select: Any = self.fields["about"].widget
        select.choices = [("", "Examples"), *((str(one.id), one.label) for one in choices)]
