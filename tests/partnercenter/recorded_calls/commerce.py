"""Recordings of carts, orders, subscriptions, transitions, migrations and transfers."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from partnercenter import errors
from partnercenter.client import PartnerCenter
from partnercenter.resources.asking import wire_values
from partnercenter.schemas.carts import NewCartLine
from partnercenter.schemas.orders import NewOrderLine, read_order
from partnercenter.schemas.subscription_changes import SubscriptionChange
from partnercenter.schemas.subscription_details import SupportContact
from partnercenter.schemas.subscriptions import read_subscription
from partnercenter.schemas.transitions import NewTransition
from tests.partnercenter.fake_service import REQUEST_ID
from tests.partnercenter.recorded_calls.calling import Routes, send

AREAS = ("carts", "orders", "subscriptions", "transitions", "migrations", "transfers")

REFUSED: dict[str, type[errors.PartnerCenterError]] = {
    # One line of the answer is another product than the same line of the request.
    "create-a-cart-1": errors.MixedUpAnswer,
    # Seats that can no longer be given back.
    "change-the-quantity-of-a-subscription-3": errors.WindowClosed,
}

_CUSTOMER = r"/v1/customers/(?P<customer>[^/]+)"
_ORDER = _CUSTOMER + r"/orders/(?P<order>[^/]+)"
_SUBSCRIPTION = _CUSTOMER + r"/subscriptions/(?P<id>(?!overage|customTerm|usage)[^/]+)"


def _lowered(value: Any) -> Any:
    """Return JSON values with lower-case keys: recorded requests are spelled in two ways."""
    if isinstance(value, dict):
        return {key.lower(): _lowered(item) for key, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value


def _query(request: dict[str, Any], name: str) -> str:
    return parse_qs(urlsplit(request["path"]).query).get(name, [""])[0]


def _create_cart(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    lines = [
        NewCartLine(
            catalog_item_id=line["catalogitemid"],
            quantity=line["quantity"],
            billing_cycle=line["billingcycle"],
            term_duration=line.get("termduration", ""),
        )
        for line in _lowered(request["body"])["lineitems"]
    ]
    return client.carts.create(match["customer"], lines, request_id=REQUEST_ID)


def _order_lines(request: dict[str, Any], parent: bool) -> list[NewOrderLine]:
    return [
        NewOrderLine(
            offer_id=line["offerid"],
            quantity=line["quantity"],
            parent_subscription_id=line.get("parentsubscriptionid") or "" if parent else "",
        )
        for line in _lowered(request["body"])["lineitems"]
    ]


def _create_order(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    return client.orders.create(
        match["customer"],
        _order_lines(request, parent=False),
        billing_cycle=_lowered(request["body"])["billingcycle"],
        request_id=REQUEST_ID,
    )


def _change_order(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    """Make the change the recorded request makes, on an order as it was before."""
    body = _lowered(request["body"])
    lines = [{"quantity": 1, **line} for line in body["lineitems"]]
    order = read_order({**body, "id": match["order"], "lineitems": lines})
    if body.get("status") == "cancelled":
        return client.orders.cancel(match["customer"], order, request_id=REQUEST_ID)
    if body.get("billingcycle"):
        return client.orders.change_billing_cycle(
            match["customer"], order, body["billingcycle"], request_id=REQUEST_ID
        )
    (line,) = _order_lines(request, parent=True)
    return client.orders.add_addon(match["customer"], order, line, request_id=REQUEST_ID)


def _change_subscription(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    asked = read_subscription(wire_values(request["body"]))
    if asked.status == "deleted":
        change = SubscriptionChange.cancel()
    elif asked.next_term is not None:
        change = SubscriptionChange.at_renewal(asked.next_term)
    elif not asked.auto_renew:
        change = SubscriptionChange.auto_renew(on=False)
    else:
        change = SubscriptionChange.quantity(asked.quantity)
    return client.subscriptions.change(match["customer"], asked, change, request_id=REQUEST_ID)


def _set_support_contact(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    body = _lowered(request["body"])
    contact = SupportContact(body["supporttenantid"], body["supportmpnid"], body["name"])
    return client.subscriptions.set_support_contact(
        match["customer"], match["id"], contact, request_id=REQUEST_ID
    )


def _start_transition(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    body = request["body"]
    transition = NewTransition(
        to_catalog_item_id=body["toCatalogItemId"],
        quantity=body["quantity"],
        transition_type=body["transitionType"],
        to_subscription_id=body["toSubscriptionId"],
    )
    # The address of the recording is a placeholder; the body says which subscription it was.
    return client.transitions.start(
        match["customer"], body["fromSubscriptionId"], transition, request_id=REQUEST_ID
    )


ROUTES: Routes = [
    (f"POST {_CUSTOMER}/carts", _create_cart),
    (
        f"POST {_CUSTOMER}/carts/(?P<cart>[^/]+)/checkout",
        lambda client, _, match: client.carts.checkout(
            match["customer"], match["cart"], request_id=REQUEST_ID
        ),
    ),
    (f"GET {_CUSTOMER}/orders", lambda client, _, match: client.orders.list(match["customer"])),
    (f"POST {_CUSTOMER}/orders", _create_order),
    (
        f"GET {_ORDER}",
        lambda client, _, match: client.orders.get(match["customer"], match["order"]),
    ),
    (f"PATCH {_ORDER}", _change_order),
    (
        f"GET {_CUSTOMER}/subscriptions",
        lambda client, request, match: client.subscriptions.list(
            match["customer"], partner_id=_query(request, "mpn_id")
        ),
    ),
    (
        f"GET {_CUSTOMER}/subscriptions/customTermEndDates",
        lambda client, request, match: client.subscriptions.term_ends(
            match["customer"], _query(request, "term_duration")
        ),
    ),
    (
        f"GET {_SUBSCRIPTION}",
        lambda client, _, match: client.subscriptions.get(match["customer"], match["id"]),
    ),
    (f"PATCH {_SUBSCRIPTION}", _change_subscription),
    (
        f"GET {_SUBSCRIPTION}/provisioningstatus",
        lambda client, _, match: client.subscriptions.provisioning(match["customer"], match["id"]),
    ),
    (
        f"GET {_SUBSCRIPTION}/supportcontact",
        lambda client, _, match: client.subscriptions.support_contact(
            match["customer"], match["id"]
        ),
    ),
    (f"PUT {_SUBSCRIPTION}/supportcontact", _set_support_contact),
    (
        f"GET {_SUBSCRIPTION}/transitionEligibilities",
        lambda client, _, match: client.transitions.targets(match["customer"], match["id"]),
    ),
    (
        f"GET {_SUBSCRIPTION}/transitions",
        lambda client, _, match: client.transitions.history(match["customer"], match["id"]),
    ),
    (f"POST {_SUBSCRIPTION}/transitions", _start_transition),
    # Without methods of their own: attachments, trial conversions, upgrades of old commerce,
    # overage, registrations, entitlements, migrations and transfers.
    (f"(?:POST|PUT) {_ORDER}/attachment", send(lambda body: body)),
    (
        f"(?:GET|POST|PUT) {_CUSTOMER}/subscriptions/(?:overage|[^/]+/"
        "(?:activate|azureEntitlements|conversions|registrations|registrationstatus|upgrades))",
        send(lambda body: body),
    ),
    (r"POST /v1/productupgrades", send(lambda body: body)),
    (f"(?:GET|POST|PUT|DELETE) {_CUSTOMER}/(?:migrations|transfers).*", send(lambda body: body)),
]
