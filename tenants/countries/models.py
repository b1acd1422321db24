"""Microsoft's country rules as they were last read, one row for each country somebody needs."""

from typing import Any

from django.db import models

from portal.core.rows import EVERY_SUB_RESELLER, OwnedForeignKey, ResellerOwned
from tenants.connections.models import Connection


class CountryRuleSet(ResellerOwned):
    """The rules of a country, or that they are wanted (``fetched_at`` is empty until read).

    ``connection`` is through which they are read. ``failure`` says why reading failed last; the
    rules read before stay in use.
    """

    tree_path = EVERY_SUB_RESELLER

    connection = OwnedForeignKey(Connection, on_delete=models.CASCADE)
    country = models.CharField(max_length=2)
    rules: Any = models.JSONField(default=dict)
    fetched_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "country"], name="tenants_countryruleset_one"
            ),
            models.CheckConstraint(
                name="tenants_countryruleset_two_letters",
                condition=models.Q(country__regex="^[A-Z]{2}$"),
            ),
        ]
        indexes = [
            models.Index(fields=["reseller", "connection"], name="tenants_countryruleset_conn"),
        ]

    def __str__(self) -> str:
        return self.country
