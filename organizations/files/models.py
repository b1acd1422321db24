"""An uploaded file, its bytes, and what there is to say of its rows.

    checking ──▶ checked ──run──▶ running ──▶ done
        └──────▶ refused  (it is no table)

The bytes are in the database, in parts, because web and workers need not share a disk. They go as
soon as the file is read for the last time.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from organizations.bulk.models import BulkLink
from portal.core.jobs.models import Job
from portal.core.rows import OwnedForeignKey, ResellerOwned

FILE_LASTS = timedelta(hours=24)


class UploadedFile(ResellerOwned):
    """A table somebody uploaded, the preview of what it would do, and what it did.

    ``encoding`` is what the person said of it; ``guess`` the sentence about one that was guessed.
    ``counts`` are those of the importer's report. Of a file of links ``bulk`` is the draft that it
    became, whose items and job say the rest.
    """

    class Kind(models.TextChoices):
        ORGANIZATIONS = "organizations", "Organizations"
        LINKS = "links", "Links"
        PROVISIONING = "provisioning", "Accounts to provision"

    class State(models.TextChoices):
        CHECKING = "checking", "Being read"
        CHECKED = "checked", "Preview"
        REFUSED = "refused", "Cannot be read"
        RUNNING = "running", "Running"
        DONE = "done", "Done"

    kind = models.CharField(max_length=15, choices=Kind)
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    encoding = models.CharField(max_length=20, blank=True)
    change_existing = models.BooleanField(default=False)
    skip_bad_rows = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    guess = models.TextField(blank=True)
    unknown_columns: Any = models.JSONField(default=list)
    counts: Any = models.JSONField(default=dict)
    bad_rows = models.PositiveIntegerField(default=0)
    remarks = models.PositiveIntegerField(default=0)
    refusal = models.TextField(blank=True)
    job = OwnedForeignKey(Job, null=True)
    bulk = OwnedForeignKey(BulkLink, null=True)
    asked_by = models.CharField(max_length=250)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    class Meta(ResellerOwned.Meta):
        indexes = [
            models.Index(fields=["reseller", "created_at", "id"], name="organizations_file_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def expires_at(self) -> datetime:
        """Until when a preview can be run."""
        return self.created_at + FILE_LASTS

    @property
    def is_expired(self) -> bool:
        return self.state == self.State.CHECKED and timezone.now() > self.expires_at


class FilePart(ResellerOwned):
    """Some of a file's bytes, compressed."""

    file = OwnedForeignKey(UploadedFile, on_delete=models.CASCADE, db_index=False)
    position = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "file", "position"], name="organizations_filepart_place"
            ),
        ]

    def __str__(self) -> str:
        return f"Part {self.position}"


class FileRemark(ResellerOwned):
    """What is to be said about one row; ``column`` empty: the row as a whole."""

    file = OwnedForeignKey(UploadedFile, on_delete=models.CASCADE, db_index=False)
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=60, blank=True)
    text = models.TextField()
    is_error = models.BooleanField(default=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "file", "position"], name="organizations_fileremark_place"
            ),
        ]

    def __str__(self) -> str:
        return f"Line {self.line}"
