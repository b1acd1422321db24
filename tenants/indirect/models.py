"""Indirect resellers as Partner Center last listed them for a connection."""

from django.db import models
from django.db.models import Q

from portal.core.rows import EVERY_SUB_RESELLER, OwnedForeignKey, ResellerOwned
from tenants.connections.models import Connection


class IndirectReseller(ResellerOwned):
    """One partner id of an indirect reseller; a partner with several locations has several rows.

    ``has_signed`` is None until Microsoft was asked, or where it would not say; ``reason`` then
    tells why, in words. The database shows people of a sub-reseller their own alone.
    """

    tree_path = EVERY_SUB_RESELLER

    connection = OwnedForeignKey(Connection, on_delete=models.CASCADE)
    mpn_id = models.CharField(max_length=40)
    partner_tenant = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    location = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=40, blank=True)
    has_signed = models.BooleanField(null=True)
    reason = models.TextField(blank=True)
    checked_at = models.DateTimeField()

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "connection", "mpn_id"], name="tenants_indirectreseller_one"
            ),
            models.CheckConstraint(
                name="tenants_indirectreseller_has_an_id", condition=~Q(mpn_id="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.mpn_id})"

    @property
    def is_enrolled(self) -> bool:
        return self.state == "active"

    @property
    def is_verified(self) -> bool:
        """Whether customers can be created under it: enrolled, and the agreement is signed."""
        return self.is_enrolled and self.has_signed is True

    @property
    def why_not(self) -> str:
        """Why it cannot be chosen, in words; empty when it can."""
        if not self.is_enrolled:
            return f"its relationship with you is {self.state or 'not known'}, not active"
        if self.has_signed is None:
            return self.reason or "whether it signed Microsoft's agreement is not known yet"
        return "" if self.has_signed else "it has not signed the Microsoft Partner Agreement"
