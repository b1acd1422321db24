"""The dated fact that a tenant belongs to an account, and so to its organization.

A link points down at a tenant; a tenant never names its organization, so discovery can be run and
rebuilt with no customer in the database. Links are ended, never deleted: billing asks who owned the
tenant in June. Its period says which months it owns; a link that was taken back owns none. At most
one live link per tenant, and no two periods of a tenant that overlap, are rules of the database.
"""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Case, F, Q, Value, When

from organizations.directory.models import Account, Organization
from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.discovery.models import Tenant


class Link(ResellerOwned):
    """From, to, who, how, why.

    ``begins_at`` and ``ends_at`` say when it was made and ended; ``period`` the days whose months
    it owns (`organizations.linking.periods`). ``replaces`` is the link it took the tenant from.
    """

    customer_path = "organization_id"
    tree_path = "organization__sub_reseller_id"

    class How(models.TextChoices):
        MANUAL = "manual", "By hand"
        CREATED = "created", "Organization created from the tenant"
        SUGGESTION = "suggestion", "By suggestion"
        BULK = "bulk", "In bulk"
        PROVISIONED = "provisioned", "Provisioned here"
        MOVED = "moved", "Moved from another organization"
        UNDO = "undo", "Given back by undo"

    reseller = models.ForeignKey(
        "core.Reseller",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,  # the key to the tenant holds the reseller too
        editable=False,
    )
    # Whoever looks for them names the reseller too; the indexes below begin with it.
    tenant = OwnedForeignKey(Tenant, db_index=False)
    account = OwnedForeignKey(Account, db_index=False)
    organization = OwnedForeignKey(Organization, db_index=False)
    how = models.CharField(max_length=12, choices=How, default=How.MANUAL)
    why = models.TextField(blank=True)
    begins_at = models.DateTimeField()
    linked_by = models.CharField(max_length=250)
    ends_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=250, blank=True)
    end_reason = models.TextField(blank=True)
    undone = models.BooleanField(default=False)
    period = DateRangeField()
    # A column of its own, so that the planner knows how few they are; of ranges it has no idea.
    begins_on_a_day = models.GeneratedField(
        expression=Case(
            When(Q(period__lower_inf=False, period__isempty=False), then=Value(True)),
            default=Value(False),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    replaces = OwnedForeignKey("self", null=True, db_index=False)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "tenant"],
                condition=Q(ends_at=None),
                name="organizations_link_one_live",
            ),
            models.CheckConstraint(
                name="organizations_link_ends_after_it_begins",
                condition=Q(ends_at=None) | Q(ends_at__gte=F("begins_at")),
            ),
            models.CheckConstraint(
                name="organizations_link_end_says_who",
                condition=Q(ends_at=None, ended_by="")
                | (Q(ends_at__isnull=False) & ~Q(ended_by="")),
            ),
            models.CheckConstraint(
                name="organizations_link_live_has_no_last_day",
                condition=Q(ends_at=None, period__upper_inf=True)
                | Q(ends_at__isnull=False, period__upper_inf=False),
            ),
            ExclusionConstraint(
                name="organizations_link_no_overlap",
                # Not the reseller, though a tenant has but one: of a reseller that is new to the
                # statistics every link would be read through this index to find a single one.
                expressions=[
                    ("tenant", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(
                fields=["reseller", "organization", "ends_at"], name="organizations_link_org"
            ),
            models.Index(fields=["reseller", "account"], name="organizations_link_account"),
            models.Index(
                fields=["reseller", "tenant", "-begins_at"], name="organizations_link_tenant"
            ),
            models.Index(
                fields=["reseller", "tenant"],
                name="organizations_link_from_a_day",
                condition=Q(begins_on_a_day=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id} → {self.organization_id}"

    @property
    def is_live(self) -> bool:
        return self.ends_at is None

    @property
    def owned_from(self) -> date | None:
        """The first day it owns; None: since ever, or nothing at all."""
        day: date | None = self.period.lower
        return day

    @property
    def owned_until(self) -> date | None:
        """The first day it owns no more; None: it still does, or never did."""
        day: date | None = self.period.upper
        return day

    @property
    def has_effect(self) -> bool:
        """Whether any month is, or can be, its own."""
        return not self.period.isempty
