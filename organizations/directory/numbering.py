"""Organization numbers: handed out once each, in order, around those a reseller chose itself.

The reseller's counter row is locked until the transaction ends. A database sequence would not wait,
but leaves a gap for every form that fails, and customers read these numbers on invoices.
"""

from collections.abc import Collection

from organizations.directory.models import Numbering, Organization
from portal.core.access import Actor

LONGEST_STEP = 2_000


def take_numbers(count: int, *, actor: Actor, reserved: Collection[str] = ()) -> list[str]:
    """Return the next ``count`` free numbers, none of them in ``reserved``; needs a transaction."""
    if count <= 0:
        return []
    Numbering.objects.get_or_create(reseller_id=actor.reseller_id)
    counter = Numbering.objects.select_for_update().get(reseller_id=actor.reseller_id)
    free: list[str] = []
    while len(free) < count:
        step = min(count - len(free), LONGEST_STEP)
        wanted = [str(counter.next_number + offset) for offset in range(step)]
        rows = Organization.objects.visible_to(actor).filter(number__in=wanted)
        taken = {*rows.values_list("number", flat=True), *reserved}
        free += [number for number in wanted if number not in taken]
        counter.next_number += step
    counter.save(update_fields=["next_number"])
    return free
