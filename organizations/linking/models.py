"""The dated fact that a tenant belongs to an account, and so to its organization.

A link points down at a tenant; a tenant never names its organization, so discovery can be run and
rebuilt with no customer in the database. Links are ended, never deleted: billing asks who owned the
tenant in June. At most one live link per tenant is a rule of the database.
"""

from django.db import models
from django.db.models import F, Q

from organizations.directory.models import Account, Organization
from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.discovery.models import Tenant


class Link(ResellerOwned):
    """From, to, who, how, why."""

    customer_path = "organization_id"

    class How(models.TextChoices):
        MANUAL = "manual", "By hand"
        CREATED = "created", "Organization created from the tenant"
        SUGGESTION = "suggestion", "By suggestion"
        BULK = "bulk", "In bulk"
        PROVISIONED = "provisioned", "Provisioned here"

    tenant = OwnedForeignKey(Tenant)
    account = OwnedForeignKey(Account)
    organization = OwnedForeignKey(Organization)
    how = models.CharField(max_length=12, choices=How, default=How.MANUAL)
    why = models.TextField(blank=True)
    begins_at = models.DateTimeField()
    linked_by = models.CharField(max_length=250)
    ends_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=250, blank=True)
    end_reason = models.TextField(blank=True)
    undone = models.BooleanField(default=False)

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
        ]
        indexes = [
            models.Index(
                fields=["reseller", "organization", "ends_at"], name="organizations_link_org"
            ),
            models.Index(fields=["reseller", "account"], name="organizations_link_account"),
            models.Index(
                fields=["reseller", "tenant", "-begins_at"], name="organizations_link_tenant"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id} → {self.organization_id}"

    @property
    def is_live(self) -> bool:
        return self.ends_at is None
