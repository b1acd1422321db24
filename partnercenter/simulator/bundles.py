"""A line with the add-ons it carries, which only legacy offers do: `addonItems`.

Add-ons of new commerce are lines like any other. A legacy add-on becomes a subscription below that
of its base, in the same order.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from partnercenter.simulator.buying import Buyer
from partnercenter.simulator.cart_lines import Line, read_line
from partnercenter.simulator.line_checks import LineRefusal


def read_bundle(
    buyer: Buyer, raw: Mapping[str, Any], *, beside: frozenset[str], taken: int = 0
) -> list[Line]:
    """Return a line as it can be bought now, and behind it the add-ons it carries.

    Raises LineRefusal for any of them; arguments are those of `read_line`.
    """
    found = [read_line(buyer, raw, beside=beside, taken=taken)]
    addons = raw.get("addonItems") or []
    if not isinstance(addons, list) or not all(isinstance(one, dict) for one in addons):
        raise LineRefusal(10010, "addonItems must be a list of objects.", code=800002)
    if addons and found[0].family != "legacy":
        raise LineRefusal(10010, "Add-ons of this item are lines of their own.", code=800002)
    with_base = beside | {found[0].catalog_id.lower()}
    for addon in addons:
        if addon.get("addonItems"):
            raise LineRefusal(10010, "An add-on has no add-ons itself.", code=800002)
        wanted = {"billingCycle": raw.get("billingCycle"), **addon}
        line = read_line(buyer, wanted, beside=with_base, taken=taken + len(found))
        found.append(replace(line, follows=True))
    return found
