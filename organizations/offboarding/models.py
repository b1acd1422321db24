"""The steps of leaving that only a person can know of: who ticked which, and when."""

from django.db import models

from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.discovery.models import Tenant


class OffboardingStep(ResellerOwned):
    """A step somebody ticked. What is not ticked has no row; the audit knows of both."""

    class Step(models.TextChoices):
        TOLD = "told", "The customer was told what ends, and when"
        ACCESS = "access", "Our delegated admin privileges and apps were removed"
        CONTACTS = "contacts", "Contacts, mailing lists and monitoring were ended"
        DATA = "data", "Licences, domains and data went over to the customer or the next partner"

    tenant = OwnedForeignKey(Tenant)
    step = models.CharField(max_length=20, choices=Step)
    note = models.TextField(blank=True)
    done_at = models.DateTimeField()
    done_by = models.CharField(max_length=250)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "tenant", "step"], name="organizations_offboardingstep_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.get_step_display())
