"""A request to make a tenant out of an account, and the journal of what was done for it.

    waiting ──▶ running ──▶ done
       ▲           ├──────▶ asking     the tenant exists: a person confirms or cancels
       │           ├──────▶ failed     Microsoft said no, and nothing was made
       └──retry────┴──────▶ person     the outcome is not known, or somebody must do something first

Everything but ``done`` can be cancelled, unless a create was sent whose outcome nobody knows. The
database refuses every other way (`migrations/0022_provisioning_security.py`), and forgets no tenant
that was made: the Microsoft id of a request is never changed again.
"""

from typing import Any, Final

from django.db import models
from django.db.models import Q

from organizations.directory.models import Account
from organizations.linking.models import Link
from portal.core.jobs.models import Job
from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant

OPEN: Final = ("waiting", "running", "asking", "failed", "person")
MOVES: Final[dict[str, tuple[str, ...]]] = {
    "waiting": ("running", "asking", "failed", "person", "cancelled"),
    "running": ("asking", "failed", "person", "done", "cancelled"),
    "asking": ("running", "done", "waiting", "cancelled"),
    "failed": ("waiting", "cancelled"),
    "person": ("waiting", "done", "cancelled"),
    "done": (),
    "cancelled": (),
}
"""Which states of a request can follow which."""
STEP_MOVES: Final[dict[str, tuple[str, ...]]] = {
    "waiting": ("running", "skipped", "done"),
    "running": ("waiting", "done", "skipped", "failed", "unknown"),
    "failed": ("waiting", "running", "skipped", "done"),
    "unknown": ("running", "done", "failed", "skipped"),
    "done": (),
    "skipped": (),
}
"""Which states of a step can follow which."""


class ProvisioningRequest(ResellerOwned):
    """One wish to make an account a tenant. At most one is open per account and connection.

    ``domain`` is a full domain. ``draft`` is what is sent to Microsoft (`drafting`), frozen when it
    was asked for, so that a repeated call says the same and what was made can be known as ours.
    ``recipient`` is who gets the first password, frozen with it. ``request_id`` is the MS-RequestId
    of the create, stored before it is sent; after a definite refusal the next one gets another.
    ``key`` is the caller's idempotency key, with whose it is. ``errors`` says by field what
    Microsoft did not accept. ``seen_link`` is the live link a person is shown when asked.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        ASKING = "asking", "Waiting for confirmation"
        FAILED = "failed", "Refused"
        PERSON = "person", "Needs a person"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    class Outcome(models.TextChoices):
        NOTHING = "nothing", "Nothing sent yet"
        SENT = "sent", "Sent, answer not known"
        REFUSED = "refused", "Refused"
        CREATED = "created", "Created"
        ADOPTED = "adopted", "Created, found again"
        EXISTING = "existing", "An existing tenant"

    tree_path = "account__organization__sub_reseller_id"

    account = OwnedForeignKey(Account)
    connection = OwnedForeignKey(Connection)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    username = models.CharField(max_length=64)
    domain = models.CharField(max_length=253)
    reseller_mpn_id = models.CharField(max_length=20, blank=True)
    draft: Any = models.JSONField(default=dict)
    recipient = models.CharField(max_length=1_300, blank=True)
    agreement: Any = models.JSONField(default=dict)
    key = models.CharField(max_length=300, null=True)  # noqa: DJ001  (NULLs stay distinct)
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=255, blank=True)

    request_id = models.UUIDField()
    round = models.PositiveSmallIntegerField(default=1)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.NOTHING)
    sent_at = models.DateTimeField(null=True)
    microsoft_id = models.UUIDField(null=True)
    user_name = models.CharField(max_length=64, blank=True)
    has_password = models.BooleanField(default=False)
    tenant = OwnedForeignKey(Tenant, null=True)
    link = OwnedForeignKey(Link, null=True)
    seen_link = models.UUIDField(null=True)
    invitation = models.TextField(blank=True)

    error_code = models.CharField(max_length=60, blank=True)
    error = models.TextField(blank=True)
    errors: Any = models.JSONField(default=dict)
    correlation_id = models.CharField(max_length=64, blank=True)
    stopped_at = models.DateTimeField(null=True)

    job = OwnedForeignKey(Job, null=True)
    asked_by = models.CharField(max_length=250)
    membership_id = models.UUIDField(null=True)
    confirmed_by = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "account", "connection"],
                condition=Q(state__in=OPEN),
                name="organizations_provisioning_one_open",
            ),
            models.UniqueConstraint(
                fields=["reseller", "key"], name="organizations_provisioning_key"
            ),
            models.CheckConstraint(
                name="organizations_provisioning_ended_has_time",
                condition=Q(state__in=["done", "cancelled"], ended_at__isnull=False)
                | (~Q(state__in=["done", "cancelled"]) & Q(ended_at=None)),
            ),
            models.CheckConstraint(
                # What was sent and not answered is nobody's to forget.
                name="organizations_provisioning_doubt_stays",
                condition=~Q(outcome="sent", state__in=["done", "cancelled"]),
            ),
            models.CheckConstraint(
                name="organizations_provisioning_done_has_link",
                condition=~Q(state="done")
                | Q(link__isnull=False, tenant__isnull=False, microsoft_id__isnull=False),
            ),
            models.CheckConstraint(
                name="organizations_provisioning_made_has_id",
                condition=~Q(outcome__in=["created", "adopted", "existing"])
                | Q(microsoft_id__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["reseller", "-created_at", "id"], name="organizations_prov_newest"
            ),
            models.Index(
                fields=["reseller", "account", "-created_at"], name="organizations_prov_account"
            ),
            models.Index(
                fields=["reseller", "stopped_at"],
                condition=Q(state__in=["asking", "failed", "person"]),
                name="organizations_prov_stopped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.domain} for {self.account.name}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_moving(self) -> bool:
        """Whether a worker has it, or is about to."""
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def is_made(self) -> bool:
        """Whether its tenant exists at Microsoft because of it."""
        return self.outcome in (self.Outcome.CREATED, self.Outcome.ADOPTED)

    @property
    def may_cancel(self) -> bool:
        """Whether what was sent, if anything, is known to have had its end."""
        return self.is_open and self.outcome != self.Outcome.SENT


class ProvisioningStep(ResellerOwned):
    """One step of a request: how often it was begun, how it went, and by what to look it up.

    ``request_id`` is the MS-RequestId of the step's write, stored before it is sent.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        SKIPPED = "skipped", "Not needed"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Outcome not known"

    ENDED = (State.DONE, State.SKIPPED)
    tree_path = "provisioning__account__organization__sub_reseller_id"

    provisioning = OwnedForeignKey(ProvisioningRequest, db_index=False)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.TextField(blank=True)
    request_id = models.UUIDField(null=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "provisioning", "name"],
                name="organizations_provisioningstep_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_ended(self) -> bool:
        return self.state in self.ENDED
