"""Organization numbers: handed out once each, in order, around those a reseller chose itself.

The reseller's counter row is locked until the transaction ends. A database sequence would not wait,
but leaves a gap for every form that fails, and customers read these numbers on invoices.
"""

from collections.abc import Collection

from django.db import OperationalError, transaction
from psycopg2 import errors as postgres

from organizations.directory.models import Numbering, Organization
from portal.core.access import Actor
from portal.core.errors import Conflict

FIRST_STEP, LONGEST_STEP = 50, 2_000


def hold_counter(actor: Actor) -> Numbering:
    """Return the reseller's counter, locked until the transaction ends.

    Who creates organizations holds it from the first look for duplicates on, so that the same form
    sent twice at once finds the first one's organization.

    Raises:
        Conflict: ``busy``; somebody held it for longer than the database lets anybody wait.
    """
    try:
        with transaction.atomic():
            Numbering.objects.get_or_create(reseller_id=actor.reseller_id)
            return Numbering.objects.select_for_update().get(reseller_id=actor.reseller_id)
    except OperationalError as error:
        if not isinstance(error.__cause__, postgres.LockNotAvailable):
            raise
        raise Conflict(
            "Organizations are being imported or created by somebody else right now."
            " Wait for that to end, then try again.",
            code="busy",
        ) from error


def take_numbers(count: int, *, actor: Actor, reserved: Collection[str] = ()) -> list[str]:
    """Return the next ``count`` free numbers, none of them in ``reserved``; needs a transaction."""
    if count <= 0:
        return []
    counter = hold_counter(actor)
    free: list[str] = []
    step = FIRST_STEP
    while len(free) < count:
        first, step = counter.next_number, min(max(count, 2 * step), LONGEST_STEP)
        window = [str(number) for number in range(first, first + step)]
        rows = Organization.objects.visible_to(actor).filter(number__in=window)
        taken = {*rows.values_list("number", flat=True), *reserved}
        found = [number for number in window if number not in taken][: count - len(free)]
        free += found
        counter.next_number = int(found[-1]) + 1 if len(free) == count else first + step
    counter.save(update_fields=["next_number"])
    return free
