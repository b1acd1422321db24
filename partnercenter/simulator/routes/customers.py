"""Reading customers: the list with search and seek paging, one, its domains and organization.

List items are derived from full resources, since the live list leaves out what only a single read
shows.
"""

from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_count, without_nulls
from partnercenter.simulator.filters import company_name, customer_filter
from partnercenter.simulator.paging import Mark, Row, collection, cut_page, read_mark
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.stores.customers import WORLD_ONLY
from partnercenter.simulator.wire import PageMark, Response

_PROFILE_IN_LIST = ("tenantId", "domain", "companyName", "links", "attributes")
_CUSTOMER_IN_LIST = ("relationshipToPartner", "links", "attributes")


def list_customers(call: Call) -> Response:
    """Answer one page of customers, all or those a filter selects."""
    query, switches = call.request.query, call.site.switches
    text = query.get("filter")
    size = _page_size(call, filtered=bool(text))
    scope = f"customers {text or ''}"
    mark = read_mark(
        call.request,
        call.site.continuation,
        scope=scope,
        size=size,
        size_given="size" in query,
    )
    shape = list_item if not text else _search_shape(call, text)
    page = cut_page(call.site.customers, mark, shape)
    uri = f"/customers?size={mark.size or switches.customer_page_default}&seekOperation=Next"
    if text:
        uri += "&filter=" + _raw_filter(call.request.raw_query)
    links: Row = {}
    if not text:
        links["self"] = call.link(f"/customers?{call.request.raw_query}".rstrip("?"))
    if page.next_position is not None:
        following = Mark(position=page.next_position, size=mark.size)
        token = call.site.continuation.issue(following, scope=scope)
        links["next"] = call.link(uri, token=token)
    here = call.site.continuation.issue(mark, scope=scope)
    start = call.site.continuation.issue(Mark(0, mark.size), scope=scope)
    return Response(
        body=collection(page.items, links), page=PageMark(uri=uri, here=here, start=start)
    )


def get_customer(call: Call) -> Response:
    """Answer a whole customer, without directory data when the partner has no delegated access."""
    customer = find_customer(call)
    shown = {key: value for key, value in customer.items() if key not in WORLD_ONLY}
    if not has_delegated_access(call, customer):
        profile = dict(shown.get("companyProfile") or {})
        for withheld in ("address", "email"):
            profile.pop(withheld, None)
        shown = shown | {"companyProfile": profile}
        shown.pop("customDomains", None)
    return Response(body=without_nulls(shown))


def list_custom_domains(call: Call) -> Response:
    """Answer the domains of a customer as a bare array."""
    customer = find_customer(call)
    require_delegated_access(call, customer)
    initial = (customer.get("companyProfile") or {}).get("domain")
    return Response(body=list(customer.get("customDomains") or [initial]))


def get_organization(call: Call) -> Response:
    """Answer the directory's view of a customer as an array of one."""
    customer = find_customer(call)
    require_delegated_access(call, customer)
    company = customer.get("companyProfile") or {}
    billing = customer.get("billingProfile") or {}
    address = billing.get("defaultAddress") or company.get("address") or {}
    email = billing.get("email") or company.get("email")
    organization = {
        "street": address.get("addressLine1"),
        "city": address.get("city"),
        "state": address.get("state"),
        "postalCode": address.get("postalCode"),
        "countryLetterCode": address.get("country"),
        "displayName": company_name(customer),
        "technicalNotificationMails": [email] if email else [],
    }
    return Response(body=[without_nulls(organization)])


def find_customer(call: Call) -> dict[str, Any]:
    """Return the customer named in the path.

    Raises Problem 404/60003 when the partner has no relationship with such a tenant.
    """
    customer_id = call.params["customer"]
    customer = call.site.customers.get(customer_id)
    if customer is None:
        raise Problem(404, 60003, f"Tenant {customer_id} was not found.")
    return customer


def has_delegated_access(call: Call, customer: dict[str, Any]) -> bool:
    """Tell whether the partner may read the customer's directory; only an explicit false denies."""
    return not call.site.switches.gdap_enforced or customer.get("allowDelegatedAccess") is not False


def list_item(customer: dict[str, Any]) -> Row:
    """Return what the list shows of a customer."""
    profile = customer.get("companyProfile") or {}
    shown = {key: profile[key] for key in _PROFILE_IN_LIST if profile.get(key) is not None}
    item: Row = {"id": customer["id"], "companyProfile": shown}
    for key in _CUSTOMER_IN_LIST:
        if customer.get(key) is not None:
            item[key] = customer[key]
    return item


def _search_shape(call: Call, text: str) -> Any:
    selects = customer_filter(
        text,
        partner=call.site.world.partner,
        resellers=call.site.resellers,
    )
    return lambda customer: list_item(customer) if selects(customer) else None


def _page_size(call: Call, *, filtered: bool) -> int:
    switches = call.site.switches
    asked = call.request.query.get("size")
    size = read_count(asked, name="size", default=switches.customer_page_default)
    if size == 0:
        # Together with a filter this means no limit; alone it means nothing.
        return 0 if filtered else switches.customer_page_default
    return min(size, switches.customer_page_cap)


def _raw_filter(raw_query: str) -> str:
    for part in raw_query.split("&"):
        name, _, value = part.partition("=")
        if name.lower() == "filter":
            return value
    return ""


def require_delegated_access(call: Call, customer: dict[str, Any]) -> None:
    """Let a call reach into a customer's directory.

    Raises Problem 403/900308 when the partner has no delegated access.
    """
    if not has_delegated_access(call, customer):
        raise Problem(403, 900308, "The partner has no delegated role in this customer's tenant.")


ROUTES = [
    Route("GET", "/customers", list_customers),
    Route("GET", "/customers/{customer}", get_customer),
    Route("GET", "/customers/{customer}/customDomains", list_custom_domains),
    Route("GET", "/customers/{customer}/organization", get_organization),
]
