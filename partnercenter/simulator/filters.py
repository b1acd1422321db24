"""The `filter` parameter: one JSON object in the query.

Each route supports very little of what the schema knows, and refuses the rest with 400 rather than
ignoring it, so that a client does not take the whole list for its search result.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_enum, read_object
from partnercenter.simulator.worlds import Partner

Predicate = Callable[[dict[str, Any]], bool]
_CUSTOMER_FIELDS = ("CompanyName", "Domain", "IndirectReseller", "IndirectCloudSolutionProvider")


def read_filter(text: str) -> dict[str, Any]:
    """Return a filter with canonical keys.

    Raises Problem 400 when it is not a JSON object.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Problem(400, 800002, f"The filter is not valid JSON: {error}") from error
    return read_object(value)


def customer_filter(
    text: str, *, partner: Partner, resellers: Iterable[dict[str, Any]]
) -> Predicate:
    """Return the test of a customer search: `starts_with` on one of four fields, ignoring case.

    Raises Problem 400 for any other field or operator. Source: "Filter field and operator" of the
    page "Get a list of customers filtered by a search field".
    """
    content = read_filter(text)
    field = read_enum(content.get("field"), _CUSTOMER_FIELDS)
    if field is None:
        raise Problem(400, 800002, f"Customers cannot be searched by {content.get('field')!r}.")
    if fold(content.get("operator")) != "startswith":
        raise Problem(400, 800002, "Customers can only be searched with the operator starts_with.")
    start = str(content.get("value", "")).lower()
    if field == "CompanyName":
        return lambda row: company_name(row).lower().startswith(start)
    if field == "Domain":
        return lambda row: _domain(row).lower().startswith(start)
    if field == "IndirectReseller":
        return _of_reseller(start, resellers)
    own = partner.program == "indirectProvider" and partner.tenant_id.lower().startswith(start)
    return lambda row: own


def invoice_date_filter(text: str) -> Predicate:
    """Return the test of an invoice date range, which may be a compound of two bounds.

    Raises Problem 400 for any other field or operator.
    """
    return _date_test(read_filter(text))


def company_name(row: dict[str, Any]) -> str:
    """Return the company name of a customer, wherever it was given."""
    for part in ("companyProfile", "billingProfile"):
        name = (row.get(part) or {}).get("companyName")
        if name:
            return str(name)
    return ""


def _domain(row: dict[str, Any]) -> str:
    return str((row.get("companyProfile") or {}).get("domain") or "")


def _of_reseller(start: str, resellers: Iterable[dict[str, Any]]) -> Predicate:
    # The search names the reseller's tenant; customers carry the reseller's MPN id.
    mpn_ids = {
        str(reseller["mpnId"])
        for reseller in resellers
        if str(reseller.get("id", "")).lower().startswith(start) and reseller.get("mpnId")
    }
    return lambda row: str(row.get("associatedPartnerId") or "") in mpn_ids


def _date_test(content: dict[str, Any]) -> Predicate:
    if "leftFilter" in content and "rightFilter" in content:
        if fold(content.get("operator")) != "and":
            raise Problem(400, 800002, "Invoice filters can only be joined with And.")
        left = _date_test(read_object(content["leftFilter"]))
        right = _date_test(read_object(content["rightFilter"]))
        return lambda row: left(row) and right(row)
    if fold(content.get("field")) != "invoicedate":
        raise Problem(400, 800002, f"Invoices cannot be filtered by {content.get('field')!r}.")
    # ISO dates of one precision compare as text; the day is the precision of this filter.
    bound = str(content.get("value", ""))[:10]
    operator = fold(content.get("operator"))
    if operator == "greaterthanorequals":
        return lambda row: str(row.get("invoiceDate", ""))[:10] >= bound
    if operator == "lessthanorequals":
        return lambda row: str(row.get("invoiceDate", ""))[:10] <= bound
    raise Problem(400, 800002, f"Invoice dates cannot be compared with {operator!r}.")
