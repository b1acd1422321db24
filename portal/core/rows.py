"""What every table of a reseller has in common.

Nothing is readable but through `ScopedQuerySet.visible_to`; the default manager refuses to work
where no scope is open, so that a forgotten filter fails in a test and not in silence (DEC2).
"""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import RawSQL

from portal.core.database.scope import current_scope
from portal.core.errors import NotFound

if TYPE_CHECKING:
    from portal.core.access import Actor

TREE = "SELECT unnest(organizations_tree(%s))"
EVERY_SUB_RESELLER = "*"
"""In the place of a `ResellerOwned.tree_path`: every sub-reseller of the reseller may see it."""

Row = TypeVar("Row", bound=models.Model, covariant=True)


class ScopeMissing(RuntimeError):
    """A reseller's table was asked for with no reseller in scope: a programming error."""


def tree_of(actor: "Actor") -> RawSQL:
    """Return the ids of the sub-resellers an actor's people see, as an expression: own and below.

    The database's function walks the tree of the floor that has organizations; it answers within
    the reseller in scope alone.
    """
    return RawSQL(TREE, [actor.organization_id])  # noqa: S611


class ScopedQuerySet(models.QuerySet[Row]):
    """Rows of one reseller, and for customers of one organization."""

    def visible_to(self, actor: "Actor") -> Self:
        """Keep the rows ``actor`` may know of; who is not staff sees models that say how."""
        rows = self.filter(reseller_id=actor.reseller_id)
        if actor.is_staff:
            return rows
        if actor.is_sub_reseller:
            path = self.model.tree_path  # type: ignore[attr-defined]
            if path == EVERY_SUB_RESELLER:
                return rows
            return rows.filter(**{f"{path}__in": tree_of(actor)}) if path else rows.none()
        path = getattr(self.model, "customer_path", None)
        return rows.filter(**{path: actor.organization_id}) if path else rows.none()

    def get_visible(self, actor: "Actor", **lookup: Any) -> Row:
        """Return the one row, or raise `NotFound` alike for foreign, unknown and malformed ids."""
        try:
            row = self.visible_to(actor).filter(**lookup).first()
        except (ValueError, TypeError, ValidationError):
            row = None
        if row is None:
            raise NotFound
        return row


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """Refuses to start a query where nobody has been let in."""

    def get_queryset(self) -> ScopedQuerySet[Any]:
        if current_scope() is None:
            raise ScopeMissing(
                f"{self.model._meta.label} was queried with no reseller in scope;"
                " open one with portal.core.access.acting()."
            )
        return super().get_queryset()


class OwnedForeignKey(models.ForeignKey[Any, Any]):
    """A key to another table of the same reseller.

    The constraint is composite, (reseller, id), and written in the migration by
    `portal.core.database.security.composite_key`; Django's own would let one reseller's row point
    at another's.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs.setdefault("db_constraint", False)
        kwargs.setdefault("related_name", "+")
        super().__init__(to, on_delete, **kwargs)


class ResellerOwned(models.Model):
    """Abstract: a row that belongs to exactly one reseller."""

    customer_path: ClassVar[str | None] = None
    """Look-up from here to the organization whose people may see the row; None: staff only."""
    tree_path: ClassVar[str | None] = None
    """Look-up from here to the sub-reseller whose people may see the row, and those of the
    sub-resellers above it; None: no sub-reseller may."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reseller = models.ForeignKey(
        "core.Reseller", on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )

    objects: ClassVar[Any] = ScopedManager()

    class Meta:
        abstract = True
        default_manager_name = "objects"
