"""Orders of customers."""

from collections.abc import Mapping, Sequence
from typing import Any

from partnercenter.errors import CustomerNotFound, InvalidRequest, MixedUpAnswer
from partnercenter.resources.asking import ask, check_about, same_id, whole, write
from partnercenter.resources.customers import customer_path
from partnercenter.resources.editing import edited, if_match
from partnercenter.schemas.orders import (
    LineProvisioning,
    NewOrderLine,
    Order,
    read_line_provisioning,
    read_order,
)
from partnercenter.transport import Transport


class Orders:
    """Orders; a new one is missing from the list for up to fifteen minutes."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, customer_id: str, billing_cycle: str = "") -> tuple[Order, ...]:
        """Return a customer's orders, on request only those of a billing cycle.

        Raises: CustomerNotFound, MixedUpAnswer when one is another customer's.
        """

        def read(row: object) -> Order:
            return _read_of(row, customer_id)

        return ask(
            self._transport,
            customer_path(customer_id, "orders"),
            params={"billingType": billing_cycle} if billing_cycle else {},
            read=lambda body: whole(body, read=read, identity=lambda order: order.id),
            missing=CustomerNotFound,
        )

    def get(self, customer_id: str, order_id: str) -> Order:
        """Return one order, by its id or its alternate id. Raises: NotFound, MixedUpAnswer."""
        return ask(
            self._transport,
            customer_path(customer_id, "orders", order_id),
            read=lambda body: _read_one(body, customer_id, order_id),
        )

    def create(
        self,
        customer_id: str,
        lines: Sequence[NewOrderLine],
        *,
        billing_cycle: str,
        request_id: str,
        currency: str = "",
    ) -> Order:
        """Order directly, without a cart; trials have the billing cycle ``none``.

        Not repeated by itself: look into the list before sending it again.
        Raises: CustomerNotFound, InvalidRequest without lines, MixedUpAnswer.
        """
        if not lines or any(line.parent_subscription_id for line in lines):
            raise InvalidRequest("A new order has lines, none of them for an existing base.")
        # No status: naming one, even none, is refused.
        body: dict[str, Any] = {
            "referenceCustomerId": customer_id,
            "billingCycle": billing_cycle,
            "lineItems": [line.body(number) for number, line in enumerate(lines)],
        }
        if currency:
            body["currencyCode"] = currency
        return write(
            self._transport,
            "POST",
            customer_path(customer_id, "orders"),
            request_id=request_id,
            body=body,
            read=lambda answered: _read_of(answered, customer_id),
        )

    def add_addon(
        self, customer_id: str, order: Order, line: NewOrderLine, *, request_id: str
    ) -> Order:
        """Add an add-on of old commerce to the order of its base subscription."""
        if not line.parent_subscription_id:
            raise InvalidRequest("An add-on names the subscription it is for.")
        return self._change(
            customer_id, order, {"lineItems": [line.body(0)], "status": None}, request_id
        )

    def change_billing_cycle(
        self, customer_id: str, order: Order, billing_cycle: str, *, request_id: str
    ) -> Order:
        """Change the billing cycle of an order of old commerce, with all its lines."""
        return self._change(customer_id, order, {"billingCycle": billing_cycle}, request_id)

    def cancel(self, customer_id: str, order: Order, *, request_id: str) -> Order:
        """Cancel an order of software, or in the sandbox of reservations, as a whole."""
        lines = [edited(line.raw, {"quantity": 0}) for line in order.lines]
        return self._change(
            customer_id, order, {"status": "cancelled", "lineItems": lines}, request_id
        )

    def provisioning(self, customer_id: str, order_id: str) -> tuple[LineProvisioning, ...]:
        """Return how far each line of an order is. Raises: NotFound, AppOnlyRefused."""
        return ask(
            self._transport,
            customer_path(customer_id, "orders", order_id, "provisioningstatus"),
            read=lambda body: whole(
                body, read=read_line_provisioning, identity=lambda line: str(line.line_number)
            ),
        )

    def _change(
        self, customer_id: str, order: Order, changes: Mapping[str, Any], request_id: str
    ) -> Order:
        return write(
            self._transport,
            "PATCH",
            customer_path(customer_id, "orders", order.id),
            request_id=request_id,
            headers=if_match(order.etag),
            body=edited(order.raw, changes),
            read=lambda body: _read_one(body, customer_id, order.id),
        )


def _read_of(row: object, customer_id: str) -> Order:
    order = read_order(row)
    check_about(order.customer_id, customer_id, "customer")
    return order


def _read_one(body: object, customer_id: str, order_id: str) -> Order:
    order = _read_of(body, customer_id)
    if not same_id(order.id, order_id) and not same_id(order.alternate_id, order_id):
        raise MixedUpAnswer("The answer is about another order.")
    return order
