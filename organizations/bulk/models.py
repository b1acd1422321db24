"""One piece of bulk work, and what it does with each tenant.

    draft ──run──▶ running ──▶ done ──undo──▶ undoing ──▶ undone
                      ▲          │
                      └──retry───┘

The preview is the row itself: its items are written down when somebody looks at them, and exactly
they are what runs. A draft that nobody runs is deleted after a day.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from organizations.directory.models import Organization
from organizations.linking.batch import Pair
from organizations.linking.models import Link
from portal.core.jobs.models import Job
from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.discovery.models import Tenant

DRAFT_LASTS = timedelta(hours=24)
ENDS_IGNORING = "ends_ignoring"
"""In an item's draft: the person saw that the tenant is ignored, and links it all the same."""


class BulkLink(ResellerOwned):
    """Many tenants and one plan for them; the job row carries state and progress of the work.

    ``tenants`` is how many items there are, ``to_link``, ``to_create``, ``to_move`` and ``to_skip``
    what the preview said of them; the other counts are what came of them so far. ``skipped`` counts
    the skipped ones by reason, ``money`` lists per currency what the others were last billed.
    """

    class Kind(models.TextChoices):
        LINK = "link", "Link to one organization"
        SUGGESTIONS = "suggestions", "Accept suggestions"
        CREATE = "create", "Create organizations"
        FILE = "file", "Links from a file"

    class Chosen(models.TextChoices):
        IDS = "ids", "Chosen one by one"
        QUERY = "query", "All that a list held"
        FILE = "file", "Named in a file"

    class State(models.TextChoices):
        DRAFT = "draft", "Preview"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    kind = models.CharField(max_length=12, choices=Kind)
    chosen = models.CharField(max_length=5, choices=Chosen)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    title = models.CharField(max_length=300)
    why = models.TextField(blank=True)
    query = models.TextField(blank=True)
    source = models.CharField(max_length=255, blank=True)
    organization = OwnedForeignKey(Organization, null=True)
    level = models.CharField(max_length=10, blank=True)

    tenants = models.PositiveIntegerField(default=0)
    to_link = models.PositiveIntegerField(default=0)
    to_create = models.PositiveIntegerField(default=0)
    to_move = models.PositiveIntegerField(default=0)
    to_skip = models.PositiveIntegerField(default=0)
    skipped: Any = models.JSONField(default=dict)
    money: Any = models.JSONField(default=list)

    linked = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    undone = models.PositiveIntegerField(default=0)

    job = OwnedForeignKey(Job, null=True)
    undo_job = OwnedForeignKey(Job, null=True)
    asked_by = models.CharField(max_length=250)
    membership_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    run_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=250, blank=True)
    undo_reason = models.TextField(blank=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.CheckConstraint(
                name="organizations_bulklink_run_has_job",
                condition=Q(state="draft", job=None, run_at=None)
                | (~Q(state="draft") & Q(job__isnull=False, run_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="organizations_bulklink_planned_is_all",
                condition=Q(tenants=F("to_link") + F("to_create") + F("to_move") + F("to_skip")),
            ),
        ]
        indexes = [
            models.Index(fields=["reseller", "created_at", "id"], name="organizations_bulk_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def planned(self) -> int:
        """How many tenants something is done with."""
        return self.to_link + self.to_create + self.to_move

    @property
    def succeeded(self) -> int:
        return self.linked + self.created + self.moved

    @property
    def unsuccessful(self) -> int:
        """How many can be tried again."""
        return self.refused + self.failed

    @property
    def finished(self) -> int:
        """How many of the planned ones have an outcome."""
        return self.succeeded + self.unchanged + self.unsuccessful + self.undone

    @property
    def left(self) -> int:
        return max(0, self.planned - self.finished)

    @property
    def expires_at(self) -> datetime:
        """Until when a draft can be run."""
        return self.created_at + DRAFT_LASTS

    @property
    def is_expired(self) -> bool:
        return self.state == self.State.DRAFT and timezone.now() > self.expires_at


class BulkItem(ResellerOwned):
    """One tenant of a bulk link: what is to be done with it, and what came of it.

    ``tenant`` is NULL for a line of a file that names none. ``organization`` is NULL until one is
    found or created; ``draft`` holds what one is created out of. ``code`` says in one word why an
    item is skipped, refused or failed, ``detail`` in a sentence; of others they may say what there
    is to know. ``line`` counts the file's lines from 1.
    """

    class Action(models.TextChoices):
        LINK = "link", "Link"
        CREATE = "create", "Create and link"
        MOVE = "move", "Move"
        SKIP = "skip", "Skip"

    class Outcome(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SKIPPED = "skipped", "Skipped"
        LINKED = "linked", "Linked"
        CREATED = "created", "Created and linked"
        MOVED = "moved", "Moved"
        UNCHANGED = "unchanged", "Unchanged"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"
        UNDONE = "undone", "Undone"

    reseller = models.ForeignKey(
        "core.Reseller",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,  # the key to the bulk link holds the reseller too
        editable=False,
    )
    bulk = OwnedForeignKey(BulkLink, on_delete=models.CASCADE, db_index=False)
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField(null=True)
    tenant = OwnedForeignKey(Tenant, null=True, db_index=False)
    tenant_name = models.CharField(max_length=400, blank=True)
    organization = OwnedForeignKey(Organization, null=True, db_index=False)
    draft: Any = models.JSONField(default=dict)
    action = models.CharField(max_length=6, choices=Action)
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.WAITING)
    code = models.CharField(max_length=40, blank=True)
    detail = models.TextField(blank=True)
    link = OwnedForeignKey(Link, null=True, db_index=False)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "bulk", "position"], name="organizations_bulkitem_place"
            ),
            models.CheckConstraint(
                name="organizations_bulkitem_skips_what_is_skipped",
                condition=Q(action="skip", outcome="skipped")
                | (~Q(action="skip") & ~Q(outcome="skipped")),
            ),
            models.CheckConstraint(
                name="organizations_bulkitem_links_a_tenant",
                condition=Q(action="skip") | Q(tenant__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["reseller", "bulk", "outcome", "position"],
                name="organizations_bulkitem_outcome",
            ),
        ]

    def __str__(self) -> str:
        return self.tenant_name or f"Line {self.line}"

    @property
    def tenant_key(self) -> UUID:
        """The tenant of an item that is not skipped; the database sees to it that there is one."""
        if self.tenant_id is None:
            raise LookupError(f"The item {self.pk} has no tenant.")
        found: UUID = self.tenant_id
        return found

    @property
    def pair(self) -> Pair:
        """What an item that links asks for."""
        if self.organization_id is None:
            raise LookupError(f"The item {self.pk} has no organization.")
        ends_ignoring = bool(self.draft.get(ENDS_IGNORING))
        return Pair(self.tenant_key, self.organization_id, ends_ignoring=ends_ignoring)
