"""What a PATCH of a subscription asks for, whether it is allowed, and what comes of it.

A PATCH is a full replace in disguise: what the body leaves out of renewal and next-term
instructions is taken away, while dates, ids and links in it are ignored. Sources: the pages "Change
the quantity of a subscription", "Cancel a subscription", "Suspend a subscription", "Update
autorenew" and "Create scheduled changes".
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_enum
from partnercenter.simulator.lifecycle import offer_fields
from partnercenter.simulator.next_term import read_instructions
from partnercenter.simulator.site import Site
from partnercenter.simulator.sku_terms import check_pair, find_availability, sku_record
from partnercenter.simulator.subscription_terms import (
    Generation,
    Subscription,
    cancellable_until,
    country_of,
    cycle_months,
    generation,
    months_of,
    status_of,
)
from partnercenter.simulator.windows import open_windows, refundable, with_added, with_returned

SANDBOX_SEATS = 25
_STATUSES = ("none", "active", "pending", "suspended", "expired", "disabled", "deleted")
_MOVES = {
    ("active", "suspended"),
    ("active", "deleted"),
    ("suspended", "active"),
    ("suspended", "deleted"),
}
_PLANS = ("scheduledNextTermInstructions", "nextChargeInstructions")
_NOT_WITH_STATUS = ("quantity", "friendlyName", "billingCycle", "termDuration", "partnerId")


@dataclass(frozen=True, slots=True)
class Asked:
    """One PATCH: the subscription as it stands, the body with canonical keys, the moment."""

    site: Site
    customer_id: str
    current: Subscription
    body: dict[str, Any]
    now: datetime

    def differs(self, name: str) -> bool:
        """Tell whether the body names a property with another value than the present one."""
        given = self.body.get(name)
        if given is None:
            return False
        present = self.current.get(name)
        if name in ("billingCycle", "termDuration"):
            return fold(given) != fold(present or "")
        return bool(given != (present if present is not None else ""))


def decide(asked: Asked) -> Subscription:
    """Return the subscription a PATCH makes; one equal to the present one when it asks nothing.

    Raises Problem, with Microsoft's code, for what the subscription's state, kind or catalogue
    item does not allow.
    """
    status = status_of(asked.current)
    wanted = _wanted_status(asked, status)
    if status == "deleted":
        raise Problem(400, 2011, "A deleted subscription cannot be changed.")
    if status in ("expired", "disabled"):
        raise Problem(400, 900277, f"The subscription is {status} and cannot be updated.")
    if status == "suspended" or wanted == "suspended":
        _refuse_other_changes(asked, staying=wanted == status)
    if wanted != status:
        return _moved(asked, status, wanted)
    if status == "suspended":
        return asked.current
    if status == "pending":
        raise Problem(400, 800081, "The subscription is not activated yet.")
    return _changed(asked)


def _wanted_status(asked: Asked, present: str) -> str:
    given = asked.body.get("status")
    if given is None:
        return present
    wanted = read_enum(given, _STATUSES)
    if wanted is None:
        raise Problem(400, 900126, f"{given!r} is no status of a subscription.")
    return wanted


def _refuse_other_changes(asked: Asked, *, staying: bool) -> None:
    names: tuple[str, ...] = _NOT_WITH_STATUS
    if staying:
        # A resume may bring renewal back in the same breath; a subscription that stays
        # suspended takes nothing at all.
        names = (*names, "autoRenewEnabled", *_PLANS)
    refused = [name for name in names if asked.differs(name)]
    if refused:
        code = 2001 if generation(asked.current) is Generation.LEGACY else 800091
        raise Problem(
            400, code, "A suspended subscription takes no change but its status.", data=refused
        )


def _moved(asked: Asked, status: str, wanted: str) -> Subscription:
    current = asked.current
    legacy_delete = wanted == "deleted" and generation(current) is Generation.LEGACY
    if (status, wanted) not in _MOVES or legacy_delete:
        raise Problem(400, 800040, f"The status cannot go from {status} to {wanted}.")
    after = {
        key: value
        for key, value in current.items()
        if key not in ("scheduledNextTermInstructions", "suspensionReasons")
    }
    after |= {"status": wanted, "autoRenewEnabled": _renewal(asked)}
    if wanted != "active" and generation(current) is Generation.AZURE:
        _check_empty_plan(asked)
    if wanted == "suspended":
        return after | {"suspensionReasons": ["CustomerCancellation"]}
    if wanted == "active":
        _check_parent(asked)
        return after
    _check_cancellable(asked)
    for name in ("nextChargeInstructions", "refundableQuantity"):
        after.pop(name, None)
    return after | {"autoRenewEnabled": False}


def _check_parent(asked: Asked) -> None:
    parent_id = asked.current.get("parentSubscriptionId")
    if not parent_id:
        return
    parent = asked.site.subscriptions.get(asked.customer_id, str(parent_id))
    if parent is None or status_of(parent) != "active":
        raise Problem(409, 27009, "The parent subscription is not active.")


def _check_empty_plan(asked: Asked) -> None:
    # A plan has one Azure subscription, which is in no paper, until somebody writes one.
    papers = asked.site.papers.of_customer("azure_entitlement", asked.customer_id)
    own = [one for one in papers if one.get("subscriptionId") == asked.current["id"]]
    if not own or any(one.get("status") == "active" for one in own):
        raise Problem(400, 900115, "The Azure plan still has active Azure subscriptions.")


def _check_cancellable(asked: Asked) -> None:
    if generation(asked.current) is Generation.AZURE:
        return
    until = cancellable_until(asked.current)
    if until is None or asked.now > until:
        code = asked.site.switches.cancel_closed_code
        raise Problem(400, code, "The time in which it could be cancelled has passed.")


def _renewal(asked: Asked) -> bool:
    given = asked.body.get("autoRenewEnabled")
    if given is not None and not isinstance(given, bool):
        raise Problem(400, 800002, "autoRenewEnabled must be true or false.")
    return bool(given)


def _changed(asked: Asked) -> Subscription:
    after = dict(asked.current)
    if asked.differs("friendlyName"):
        after["friendlyName"] = str(asked.body["friendlyName"])
    after["autoRenewEnabled"] = _renewal(asked)
    if after["autoRenewEnabled"] and not asked.current.get("autoRenewEnabled"):
        _check_renewable(asked)
    after |= _seats(asked)
    after |= _billing(asked)
    after |= _partner(asked)
    for name in _PLANS:
        after.pop(name, None)
    plan = read_instructions(
        asked.body.get("scheduledNextTermInstructions"),
        current=asked.current,
        renews=after["autoRenewEnabled"],
        site=asked.site,
        customer_id=asked.customer_id,
    )
    if plan:
        after["scheduledNextTermInstructions"] = plan
    if isinstance(asked.body.get("nextChargeInstructions"), dict):
        after["nextChargeInstructions"] = asked.body["nextChargeInstructions"]
    return after


def _check_renewable(asked: Asked) -> None:
    record = asked.site.world.collection("catalog").get(str(asked.current.get("offerId") or ""))
    if generation(asked.current) is Generation.AZURE or (record or {}).get("isRenewable") is False:
        raise Problem(400, 800093, "The subscription cannot renew by itself.")


def _seats(asked: Asked) -> Subscription:
    if not asked.differs("quantity"):
        return {}
    wanted, present = asked.body["quantity"], int(asked.current.get("quantity") or 0)
    if isinstance(wanted, float) and wanted.is_integer():
        wanted = int(wanted)
    if not isinstance(wanted, int) or isinstance(wanted, bool) or wanted < 1:
        raise Problem(400, 2002, "quantity must be a whole number of at least one.")
    if wanted == present:
        return {}
    _check_limits(asked, wanted)
    kind = generation(asked.current)
    if kind is Generation.LEGACY:
        return {"quantity": wanted}
    windows = open_windows(asked.current, asked.now)
    if wanted > present:
        left: list[tuple[int, datetime]] | None = with_added(windows, wanted - present, asked.now)
    else:
        left = with_returned(windows, present - wanted)
    if left is None or (wanted < present and kind is Generation.SOFTWARE):
        code = asked.site.switches.window_closed_code
        raise Problem(400, code, "Subscription quantity cannot be decreased.")
    return {"quantity": wanted, "refundableQuantity": None} | refundable(left)


def _check_limits(asked: Asked, wanted: int) -> None:
    sku = sku_record(asked.site.world, asked.current.get("offerId"))
    if wanted > int(sku.get("maximumQuantity") or wanted):
        raise Problem(403, 800089, "The quantity is more than the product allows.")
    if wanted < int(sku.get("minimumQuantity") or wanted):
        raise Problem(403, 800088, "The quantity is less than the product allows.")
    limited = asked.site.world.partner.sandbox and asked.site.switches.sandbox_limits
    growing = wanted > int(asked.current.get("quantity") or 0)
    if limited and growing and wanted > SANDBOX_SEATS:
        raise Problem(403, 800067, f"A sandbox subscription holds at most {SANDBOX_SEATS} seats.")


def _billing(asked: Asked) -> Subscription:
    current, legacy = asked.current, generation(asked.current) is Generation.LEGACY
    if asked.differs("termDuration"):
        _refuse_term(asked)
    if not asked.differs("billingCycle"):
        return {}
    if legacy:
        raise Problem(400, 2054, "The billing cycle of a legacy subscription is its order's.")
    cycle = fold(asked.body["billingCycle"])
    if cycle_months(cycle) is None:
        raise Problem(400, 900126, f"{cycle!r} is no billing cycle of a subscription.")
    check_pair(current.get("termDuration"), cycle)
    record, known = find_availability(
        asked.site.world,
        country_of(current),
        item=current.get("offerId"),
        duration=current.get("termDuration"),
        cycle=cycle,
    )
    if known and record is None:
        raise Problem(400, 800097, "The product is not offered with this billing cycle.")
    offered = offer_fields(current, str(record["catalogItemId"])) if record else {}
    return {"billingCycle": cycle} | offered


def _refuse_term(asked: Asked) -> None:
    if asked.current.get("isTrial"):
        raise Problem(400, 800107, "The term of a trial cannot be changed.")
    wanted = months_of(asked.body["termDuration"])
    if wanted is not None and wanted < (months_of(asked.current.get("termDuration")) or 0):
        raise Problem(400, 800122, "The term cannot become shorter.")
    raise Problem(400, 800121, "A term is changed by a transition or at renewal.")


def _partner(asked: Asked) -> Subscription:
    if not asked.differs("partnerId"):
        return {}
    wanted, partner = str(asked.body["partnerId"]), asked.site.world.partner
    if partner.program != "indirectProvider":
        raise Problem(400, 800098, "A direct partner sets no partner of record.")
    if wanted == partner.mpn_id:
        raise Problem(404, 2072, "The provider itself cannot be the partner of record.")
    resellers = asked.site.world.collection("indirect_resellers")
    if wanted and not any(str(one.get("mpnId")) == wanted for one in resellers):
        raise Problem(400, 2071, f"There is no indirect reseller with the id {wanted}.")
    return {"partnerId": wanted}
