"""What the API shows of uploaded files, and what it takes."""

from typing import Any

from rest_framework import serializers

from organizations.directory.serializers import StrictSerializer
from organizations.files.models import FileRemark, UploadedFile
from organizations.files.shown import describe
from portal.web.sheets.encodings import AUTOMATIC, CHOICES

PASTED = "import.csv"


class FileSerializer(serializers.ModelSerializer[UploadedFile]):
    """A file: ``counts`` say what it would do while it is ``checked``, and what it did after."""

    job = serializers.SerializerMethodField()
    bulk_link = serializers.UUIDField(source="bulk_id", read_only=True, allow_null=True)
    counts = serializers.DictField(child=serializers.JSONField(), read_only=True)
    unknown_columns = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = UploadedFile
        fields = (
            "id",
            "kind",
            "name",
            "size",
            "encoding",
            "change_existing",
            "skip_bad_rows",
            "state",
            "guess",
            "unknown_columns",
            "counts",
            "bad_rows",
            "remarks",
            "refusal",
            "job",
            "bulk_link",
            "asked_by",
            "created_at",
            "done_at",
        )
        read_only_fields = fields

    def get_job(self, file: UploadedFile) -> str | None:
        """Return the job that reads or runs it."""
        job = describe(file).job
        return str(job.pk) if job else None


class RemarkSerializer(serializers.ModelSerializer[FileRemark]):
    """What there is to say of a row."""

    class Meta:
        model = FileRemark
        fields = ("line", "column", "text", "is_error")
        read_only_fields = fields


class UploadRequest(StrictSerializer):
    """A file as text; what it would do is then read at its address."""

    kind = serializers.ChoiceField(UploadedFile.Kind.choices)
    content = serializers.CharField(trim_whitespace=False, help_text="The file, as text.")
    name = serializers.CharField(max_length=255, default=PASTED)
    change_existing = serializers.BooleanField(default=False)

    def arguments(self) -> dict[str, Any]:
        """Return what `operations.upload_file` takes."""
        values = dict(self.validated_data)
        content = values.pop("content").encode("utf-8", "surrogatepass")
        return {**values, "content": [content], "size": len(content), "encoding": AUTOMATIC}


class UploadedRequest(StrictSerializer):
    """The same with a file, as a form sends it."""

    kind = serializers.ChoiceField(UploadedFile.Kind.choices)
    file = serializers.FileField()
    encoding = serializers.ChoiceField(tuple(CHOICES), default=AUTOMATIC)
    change_existing = serializers.BooleanField(default=False)

    def arguments(self) -> dict[str, Any]:
        """Return what `operations.upload_file` takes."""
        values = dict(self.validated_data)
        file = values.pop("file")
        return {**values, "content": file.chunks(), "name": file.name, "size": file.size}


class RunRequest(StrictSerializer):
    """Whether rows that cannot be used are left out."""

    skip_bad_rows = serializers.BooleanField(default=False)
