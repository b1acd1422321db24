"""Somebody's word that a customer accepted the Microsoft Customer Agreement, and what became of it.

waiting ──▶ done      Microsoft took it, or had it already
   └──────▶ failed    Microsoft said no, or could not be asked; it can be said again
"""

from django.db import models
from django.db.models import Q

from organizations.linking.models import Link
from portal.core.jobs.models import Job
from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.discovery.models import Tenant


class AgreementConfirmation(ResellerOwned):
    """One confirmation of a tenant's agreement. At most one of a tenant waits.

    ``request_id`` is the MS-RequestId it is sent under, stored before the call. ``link`` is the
    link that held when somebody said it: whose customer the tenant was.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Confirmed"
        FAILED = "failed", "Not confirmed"

    tenant = OwnedForeignKey(Tenant)
    link = OwnedForeignKey(Link)
    first_name = models.CharField(max_length=50)
    last_name = models.CharField(max_length=50)
    email = models.EmailField()
    phone_number = models.CharField(max_length=40, blank=True)
    agreed_on = models.DateField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    reason = models.TextField(blank=True)
    request_id = models.UUIDField()
    correlation_id = models.CharField(max_length=64, blank=True)
    job = OwnedForeignKey(Job, null=True)
    asked_by = models.CharField(max_length=250)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "tenant"],
                condition=Q(state="waiting"),
                name="organizations_agreement_one_waits",
            ),
            models.CheckConstraint(
                name="organizations_agreement_ended_has_time",
                condition=Q(state="waiting", ended_at=None)
                | (~Q(state="waiting") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="organizations_agreement_somebody_agreed",
                condition=~Q(first_name="") & ~Q(last_name="") & ~Q(email=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["reseller", "tenant", "-created_at"], name="organizations_agreement_tenant"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}, {self.agreed_on}"
