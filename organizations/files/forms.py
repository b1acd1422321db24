"""The form that uploads a file, and the one that runs it."""

from collections.abc import Iterable
from typing import Any

from django import forms

from organizations.files.models import UploadedFile
from portal.web.sheets.encodings import AUTOMATIC, CHOICES

PASTED = "pasted.csv"


class UploadForm(forms.Form):
    """Which file, of what, and how it is written; rows can be pasted instead."""

    kind = forms.ChoiceField(label="What it holds", choices=UploadedFile.Kind.choices)
    file = forms.FileField(
        label="File",
        required=False,
        help_text="CSV, with commas, semicolons or tabs. The first line names the columns.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )
    content = forms.CharField(
        label="Or paste the rows",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    encoding = forms.ChoiceField(
        label="Encoding",
        required=False,
        choices=tuple(CHOICES.items()),
        help_text="Choose one only if letters come out wrong in the preview.",
    )
    change_existing = forms.BooleanField(
        label="Change what is there",
        required=False,
        help_text="Organizations with the same number get the file's values; an empty cell changes"
        " nothing. Tenants that are linked elsewhere are moved from the first open month. Without"
        " this, what is there stays as it is.",
    )

    def clean(self) -> dict[str, Any]:
        """Take exactly one of file and pasted rows."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if "file" in self.errors:
            return values
        if not values.get("file") and not values.get("content", "").strip():
            self.add_error("file", "Choose a file, or paste its rows.")
        elif values.get("file") and values.get("content", "").strip():
            self.add_error("content", "There is a file as well. Take one of both.")
        return values

    def arguments(self) -> dict[str, Any]:
        """Return what `operations.upload_file` takes, of a valid form."""
        values = self.cleaned_data
        upload, pasted = values["file"], values["content"].encode()
        chunks: Iterable[bytes] = upload.chunks() if upload else [pasted]
        return {
            "content": chunks,
            "kind": values["kind"],
            "name": upload.name if upload else PASTED,
            "size": upload.size if upload else len(pasted),
            "encoding": values["encoding"] if upload else AUTOMATIC,
            "change_existing": values["change_existing"],
        }


class RunForm(forms.Form):
    """Whether rows that cannot be used are left out."""

    skip_bad_rows = forms.BooleanField(
        label="Leave out the rows that cannot be used",
        required=False,
        help_text="They stay on the list below, to be exported, mended and uploaded again.",
    )
