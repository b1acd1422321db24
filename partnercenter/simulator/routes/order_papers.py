"""What hangs on an order: how far its lines are provisioned, activation links, purchase papers."""

import secrets
from email.message import Message
from email.parser import BytesParser
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold
from partnercenter.simulator.paging import collection
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routes.orders import find_order, kept_order
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

Row = dict[str, Any]

_KINDS = {"pofiles": "POAttachment", "tenderfiles": "TenderAttachment"}
_AWAITING_PAPERS = "pending po upload"


def list_provisioning(call: Call) -> Response:
    """Answer, for each line of an order, whether it is provisioned."""
    order = find_order(call, str(find_customer(call)["id"]), call.params["order"])
    placed = call.site.orders.placed(str(order["id"]))
    done = placed is None or call.site.clock() >= placed.provisioned_at
    status, detail = ("fulfilled", "ready") if done else ("prefulfillment_pending", "pending")
    items = [
        {
            "lineItemNumber": line.get("lineItemNumber", 0),
            "status": status,
            "quantityProvisioningInformation": [
                {"quantity": line.get("quantity", 0), "status": detail}
            ],
            "attributes": {"objectType": "OrderLineItemProvisioningStatus"},
        }
        for line in order["lineItems"]
    ]
    return Response(body=collection(items))


def list_activation_links(call: Call) -> Response:
    """Answer where a line is activated: at its publisher for marketplace items, else nowhere."""
    order = find_order(call, str(find_customer(call)["id"]), call.params["order"])
    asked = call.params["number"]
    line = next(
        (one for one in order["lineItems"] if str(one.get("lineItemNumber", 0)) == asked), None
    )
    if line is None:
        raise Problem(404, 800007, f"Order {order['id']} has no line {asked}.")
    items: list[Row] = []
    if line.get("subscriptionId") and _is_marketplace(call, line):
        uri = f"https://activation.example/{line['subscriptionId']}"
        items.append({"link": {"uri": uri, "method": "GET", "headers": []}})
    return Response(body=collection(items))


def attach_documents(call: Call) -> Response:
    """Keep the purchase order and tender documents of an order and answer all it has.

    Raises Problem 400/900252 for a body that is not multipart or holds no file.
    """
    customer_id = str(find_customer(call)["id"])
    order = kept_order(call, customer_id, call.params["order"])
    added = _read_documents(call)
    if not added:
        raise Problem(400, 900252, "No document was attached.")
    order_id = str(order["id"])
    call.record("order_attachments_added", order_id, customer=customer_id, items=added)
    if order.get("status") == _AWAITING_PAPERS:
        changed = order | {"status": "po upload complete"}
        call.record("order_changed", order_id, customer=customer_id, order=changed)
    return Response(status=201, body=collection(call.site.orders.attachments(order_id)))


def _read_documents(call: Call) -> list[Row]:
    kind = call.request.headers.get("content-type", "")
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser().parsebytes(head + call.request.body)
    if not message.is_multipart():
        return []
    parts = [part for part in message.get_payload() if isinstance(part, Message)]
    return [_document(part) for part in parts if part.get_filename()]


def _document(part: Message) -> Row:
    name = part.get_param("name", header="content-disposition")
    content = part.get_payload(decode=True)
    size = len(content) if isinstance(content, bytes) else 0
    return {
        "attachmentId": secrets.token_hex(7),
        "fileName": part.get_filename(),
        "sizeInKB": -(-size // 1024),
        "attachmentType": _KINDS.get(fold(name or ""), "POAttachment"),
    }


def _is_marketplace(call: Call, line: Row) -> bool:
    product_id = str(line.get("offerId")).partition(":")[0]
    types = (
        fold(((row.get("product") or row).get("productType") or {}).get("id") or "")
        for row in call.site.catalogue.of_product(product_id)
    )
    return any(one in ("saas", "marketplacesaas") for one in types)


ROUTES = [
    Route(
        "GET",
        "/customers/{customer}/orders/{order}/provisioningstatus",
        list_provisioning,
        Access.USER,
    ),
    Route(
        "GET",
        "/customers/{customer}/orders/{order}/lineitems/{number}/activationlinks",
        list_activation_links,
    ),
    Route(
        "POST",
        "/customers/{customer}/orders/{order}/attachment",
        attach_documents,
        idempotent=True,
    ),
]
