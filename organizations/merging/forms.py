"""The form that merges: what is taken over, why, and the name typed once more."""

from typing import Any

from django import forms

from organizations.merging.operations import REASON_LENGTH
from organizations.merging.queries import MergePreview


class MergeForm(forms.Form):
    """Whoever merges types the name of the organization that goes: nothing brings it back."""

    fill = forms.MultipleChoiceField(
        label="Take over what is missing there",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label="Reason",
        max_length=REASON_LENGTH,
        help_text="The history of both keeps it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    confirm = forms.CharField(
        label="Type the name",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, preview: MergePreview, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = preview.source.name
        self.fields["confirm"].help_text = f"Type {self._name} to say that you mean it."
        choices = [(row.name, f"{row.label}: {row.of_source}") for row in preview.gaps]
        if choices:
            self.fields["fill"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["fill"]

    def clean_confirm(self) -> str:
        """Compare without regard to case and spaces, which nobody means."""
        text: str = self.cleaned_data["confirm"]
        if " ".join(text.split()).casefold() != " ".join(self._name.split()).casefold():
            raise forms.ValidationError(f"This is not its name. Type {self._name}.")
        return text
