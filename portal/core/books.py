"""Up to which month a reseller's books are closed, and the lock that orders closing and linking.

Whose a month's money is may not change once the month is closed. Whoever makes or ends links, or
puts an invoice in its place, holds the books while it decides, together with others; whoever closes
or reopens a month takes them alone. So nothing slips in between looking and closing.

Order of locks, the same everywhere: books, then tenants by their Microsoft ids (the one order that
a discovery can keep), then the tally, and the end of the audit last. A database trigger refuses
what comes without any of this.
"""

from datetime import date, timedelta

from django.db import connection, models
from django.db.models import Q

from portal.core.access import Actor

HOLD = "SELECT closed_until FROM core_books WHERE reseller_id = %s FOR SHARE"
OPEN_BOOKS = "INSERT INTO core_books (reseller_id) VALUES (%s) ON CONFLICT DO NOTHING"


class Books(models.Model):
    """A reseller's books: every month before ``closed_until`` is closed; None: none is."""

    reseller = models.OneToOneField(
        "core.Reseller", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    closed_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="core_books_closed_by_whole_months",
                condition=Q(closed_until=None) | Q(closed_until__day=1),
            )
        ]

    def __str__(self) -> str:
        return f"{self.reseller_id}: {self.closed_until}"


def closed_until(actor: Actor) -> date | None:
    """Return the first open day, or None while no month was ever closed (1 query, no lock)."""
    rows = Books.objects.filter(reseller_id=actor.reseller_id)
    found: date | None = rows.values_list("closed_until", flat=True).first()
    return found


def hold_books(actor: Actor) -> date | None:
    """Keep months from being closed or reopened until the transaction ends; say what is closed.

    Others may hold the books too. Take them before any tenant is locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [actor.reseller_id])
        row = cursor.fetchone()
        if row is None:
            cursor.execute(OPEN_BOOKS, [actor.reseller_id])
            cursor.execute(HOLD, [actor.reseller_id])
            row = cursor.fetchone()
    found: date | None = row[0]
    return found


def take_books(actor: Actor) -> Books:
    """Return the books, held by nobody else until the transaction ends; for closing alone."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN_BOOKS, [actor.reseller_id])
    return Books.objects.select_for_update().get(reseller_id=actor.reseller_id)


def month_after(day: date) -> date:
    """Return the first day of the month that follows the day's own."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_before(day: date) -> date:
    """Return the first day of the month before the day's own."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
