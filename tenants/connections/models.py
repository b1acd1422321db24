"""A Partner Center account of a reseller."""

from django.db import models

from portal.core.encryption import Seal
from portal.core.rows import ResellerOwned


class Connection(ResellerOwned):
    """Where a reseller's tenants are read from. Its secret opens only for this row and version."""

    class Program(models.TextChoices):
        DIRECT_BILL = "direct_bill", "Direct bill"
        INDIRECT_PROVIDER = "indirect_provider", "Indirect provider"
        COUNTRY_TENANT = "country_tenant", "Country tenant of an indirect provider"

    class State(models.TextChoices):
        NEW = "new", "Not tested yet"
        WORKING = "working", "Working"
        FAILING = "failing", "Failing"

    name = models.CharField(max_length=120)
    program = models.CharField(max_length=20, choices=Program, default=Program.DIRECT_BILL)
    cloud = models.CharField(max_length=30, default="global")
    partner_tenant = models.CharField(max_length=64)
    client_id = models.CharField(max_length=64)
    secret_sealed = models.TextField()
    secret_version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    last_success_at = models.DateTimeField(null=True)
    last_failure_at = models.DateTimeField(null=True)
    last_failure_code = models.CharField(max_length=60, blank=True)
    last_failure = models.TextField(blank=True)
    discovered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["reseller", "name"], name="tenants_connection_name"),
            models.UniqueConstraint(
                fields=["reseller", "partner_tenant"], name="tenants_connection_partner"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def secret_seal(self) -> Seal:
        """Where the secret lives; a value sealed for another row or an older version is refused."""
        return Seal("tenants_connection", str(self.pk), "secret", self.secret_version)
