"""What a line of a cart or order may be refused for besides its item, term and price."""

from collections.abc import Mapping
from typing import Any

from partnercenter.simulator.buying import Buyer
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold
from partnercenter.simulator.stores.catalogue import Row

SANDBOX_SUBSCRIPTIONS = 5
SANDBOX_SEATS = 25
SANDBOX_AZURE_PLANS = 10
_FURTHER_PARTNERS = 5


class LineRefusal(Problem):
    """A line that cannot be bought; `cart_code` is the code of the same mistake inside a cart."""

    def __init__(self, cart_code: int, text: str, *, status: int = 400, code: int = 0) -> None:
        super().__init__(status, code or cart_code, text)
        self.cart_code = cart_code


def check_currency(raw: Mapping[str, Any], currency: str) -> None:
    """Refuse a line in another currency than the customer's market is priced in."""
    asked = raw.get("currencyCode")
    if asked and currency and fold(asked) != fold(currency):
        raise LineRefusal(10000, f"Currency {asked} is not that of this market.", code=900169)


def check_base(buyer: Buyer, sku: Row, raw: Mapping[str, Any], *, beside: frozenset[str]) -> None:
    """Refuse an add-on whose base is neither held nor bought with it."""
    dynamic = sku.get("dynamicAttributes") or {}
    if dynamic.get("isAddon"):
        bases = frozenset(str(one).lower() for one in dynamic.get("prerequisiteSkus") or ())
    elif sku.get("isAddOn"):
        bases = frozenset(str(one).lower() for one in sku.get("prerequisiteOffers") or ())
    else:
        return
    if bases and not bases & beside and not buyer.holds(bases):
        raise LineRefusal(400041, "The add-on needs a base that is neither held nor in the cart.")


def check_prerequisites(sku: Row, raw: Mapping[str, Any]) -> None:
    """Refuse a line without the attestation its SKU wants, or of a SKU that is out of stock."""
    wanted = {fold(one) for one in sku.get("purchasePrerequisites") or ()}
    if "attestation" in wanted and raw.get("attestationAccepted") is not True:
        raise LineRefusal(10012, "The attestation of this item was not accepted.", code=900203)
    if sku.get("inventoryRestrictions"):
        raise LineRefusal(10003, "The item is not in stock for this customer.", code=800010)


def check_sandbox(
    buyer: Buyer, *, quantity: int, plans: int | None, subscriptions: int | None
) -> None:
    """Refuse what goes beyond the limits of an integration sandbox.

    `plans` and `subscriptions` count those that the lines before become; None when this line
    becomes none itself. Source: the page on the integration sandbox.
    """
    if not buyer.limited:
        return
    if quantity > SANDBOX_SEATS:
        raise _over(f"A sandbox subscription may have {SANDBOX_SEATS} seats.", 800067)
    held_plans = sum((one.get("productType") or {}).get("id") == "Azure" for one in buyer.owned)
    if plans is not None and held_plans + plans >= SANDBOX_AZURE_PLANS:
        raise _over(f"A sandbox may have {SANDBOX_AZURE_PLANS} Azure plans.", 800068)
    held = len(buyer.owned) - held_plans
    if (
        plans is None
        and subscriptions is not None
        and held + subscriptions >= SANDBOX_SUBSCRIPTIONS
    ):
        raise _over(f"A sandbox customer may have {SANDBOX_SUBSCRIPTIONS} subscriptions.", 800066)


def read_partner(buyer: Buyer, raw: Mapping[str, Any]) -> str:
    """Return the reseller a line is sold through, as its MPN id; empty when it names none.

    A line without one is no mistake: the reseller merely loses its incentives. Raises LineRefusal
    for the provider's own id (2072), an unknown one (800015), and when there are no resellers.
    """
    main, more = str(raw.get("partnerIdOnRecord") or ""), raw.get("additionalPartnerIdsOnRecord")
    if more is not None and not isinstance(more, list):
        raise LineRefusal(10010, "additionalPartnerIdsOnRecord must be a list.", code=800002)
    further = [str(one) for one in more or ()]
    participants = raw.get("participants") or ()
    if not isinstance(participants, (list, tuple)) or not all(
        isinstance(one, dict) for one in participants
    ):
        raise LineRefusal(10010, "participants must be a list of objects.", code=800002)
    for one in participants:
        key, value = fold(one.get("key") or ""), str(one.get("value") or "")
        if key == "transactionreseller":
            main = value
        elif key == "additionaltransactionreseller":
            further.append(value)
        else:
            raise LineRefusal(10010, f"Participant {one.get('key')!r} is unknown.", code=900126)
    if len(further) > _FURTHER_PARTNERS:
        raise LineRefusal(10010, f"At most {_FURTHER_PARTNERS} more partners.", code=800002)
    for mpn_id in (main, *further):
        if mpn_id:
            _check_reseller(buyer, mpn_id)
    return main


def _check_reseller(buyer: Buyer, mpn_id: str) -> None:
    partner = buyer.partner
    if partner.program != "indirectProvider":
        raise LineRefusal(10004, "Only indirect providers name a partner of record.", code=2071)
    if mpn_id == partner.mpn_id:
        raise LineRefusal(2072, "The partner of record is the provider itself.", status=404)
    if buyer.call.site.resellers.of_mpn(mpn_id) is None:
        raise LineRefusal(800015, f"There is no indirect reseller {mpn_id}.", status=404)


def _over(text: str, code: int) -> LineRefusal:
    return LineRefusal(10009, text, status=403, code=code)
