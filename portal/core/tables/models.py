"""What a person has settled about one table of the portal.

A view with a name is an address to come back to and to share. The one without a name holds only the
columns that the person wants where an address names none. Both are one table, because a list page
needs both and has one query to spend on them.
"""

from django.db import models
from django.db.models import Q

from portal.core.identity.models import Membership
from portal.core.rows import ResellerOwned

NAME_LENGTH = 80
QUERY_LENGTH = 2_000


class TableView(ResellerOwned):
    """``query``: the list's query string; ``table``: what the page calls itself."""

    customer_path = "membership__organization_id"
    tree_path = "membership__organization_id"

    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    table = models.CharField(max_length=40)
    name = models.CharField(max_length=NAME_LENGTH, blank=True)
    query = models.CharField(max_length=QUERY_LENGTH, blank=True)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "membership", "table", "name"], name="core_tableview_name_once"
            ),
            models.UniqueConstraint(
                fields=["reseller", "membership", "table"],
                condition=Q(is_default=True),
                name="core_tableview_one_default",
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | ~Q(name=""),
                name="core_tableview_default_has_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"columns of {self.table}"
