"""The forms of custom fields: one that describes a field, one that fills fields in."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from organizations.fields.checking import clean_value
from organizations.fields.models import (
    GROUP_LENGTH,
    HELP_LENGTH,
    KEY_LENGTH,
    LABEL_LENGTH,
    VALUE_LENGTH,
    EditedBy,
    Entity,
    FieldDefinition,
    Kind,
    SeenBy,
)
from portal.core.errors import PortalError
from portal.web.pages import add_errors

PREFIX = "field-"
"""Keeps the names of fields apart from anything else a form sends."""


class DefinitionForm(forms.Form):
    """What a field is. ``cleaned_data`` are arguments of `create_field`."""

    entity = forms.ChoiceField(label="Belongs to", choices=Entity.choices)
    label = forms.CharField(label="Label", max_length=LABEL_LENGTH)
    key = forms.CharField(
        label="Key",
        max_length=KEY_LENGTH,
        required=False,
        help_text="As the API and files call it: small letters, digits and underscores. It stays"
        " for good; without one the label gives it.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(label="Kind", choices=Kind.choices)
    choices = forms.CharField(
        label="Choices",
        required=False,
        help_text="One a line; of the kind Choice only.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    default = forms.CharField(
        label="Default",
        max_length=VALUE_LENGTH,
        required=False,
        help_text="What it holds while nobody has said anything else.",
    )
    group = forms.CharField(
        label="Folder",
        max_length=GROUP_LENGTH,
        required=False,
        help_text="Fields of one folder stand together.",
    )
    help = forms.CharField(
        label="Help",
        max_length=HELP_LENGTH,
        required=False,
        help_text="Shown beneath the field where it is filled in, as this text is.",
    )
    seen_by = forms.ChoiceField(label="Seen by", choices=SeenBy.choices, initial=SeenBy.STAFF)
    edited_by = forms.ChoiceField(
        label="Changed by", choices=EditedBy.choices, initial=EditedBy.STAFF
    )

    def __init__(self, *args: Any, definition: FieldDefinition | None = None, **kwargs: Any):
        if definition is not None:
            kept = {name: getattr(definition, name) for name in self.base_fields}
            kwargs["initial"] = {**kept, "choices": "\n".join(definition.choices)}
        super().__init__(*args, **kwargs)
        if definition is not None:
            del self.fields["entity"], self.fields["key"]
        if definition is not None and definition.is_vendors:
            del self.fields["kind"], self.fields["choices"]

    def clean_choices(self) -> list[str]:
        """Return the lines that say something."""
        return [line for line in self.cleaned_data["choices"].splitlines() if line.strip()]


class _HeldField(forms.CharField):
    """A line of text that is what a field of its kind can hold."""

    def __init__(self, *, definition: FieldDefinition, **options: Any) -> None:
        super().__init__(**options)
        self.definition = definition

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value) or ""
        return clean_value(text, kind=self.definition.kind, choices=self.definition.choices)


class ValuesForm(forms.Form):
    """Fills in the fields the actor may change; ``values`` after `is_valid` are `set_values`'."""

    def __init__(self, *args: Any, held: Mapping[FieldDefinition, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._definitions = list(held)
        for definition, text in held.items():
            self.fields[PREFIX + definition.key] = _field_of(definition, text)

    @property
    def values(self) -> dict[str, str]:
        return {name.removeprefix(PREFIX): text for name, text in self.cleaned_data.items()}

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Yield each folder's name with its fields, for a form that is laid out by hand."""
        found: dict[str, list[forms.BoundField]] = {}
        for definition in self._definitions:
            found.setdefault(definition.group, []).append(self[PREFIX + definition.key])
        yield from found.items()

    def refuse(self, error: PortalError) -> None:
        """Show why the operation refused, beside the fields it names."""
        error.fields = {PREFIX + key: texts for key, texts in error.fields.items()}
        add_errors(self, error)


def _field_of(definition: FieldDefinition, text: str) -> forms.Field:
    common: dict[str, Any] = {
        "label": definition.label,
        "help_text": definition.help,
        "required": False,
        "initial": text,
    }
    if definition.kind == Kind.CHOICE:
        offered = [("", "–"), *((choice, choice) for choice in definition.choices)]
        return forms.ChoiceField(choices=offered, **common)
    widgets: dict[str, forms.Widget] = {
        Kind.NUMBER: forms.TextInput(attrs={"inputmode": "decimal"}),
        Kind.DATE: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    }
    return _HeldField(
        definition=definition,
        max_length=VALUE_LENGTH,
        widget=widgets.get(definition.kind, forms.TextInput()),
        **common,
    )
