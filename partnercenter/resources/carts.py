"""Carts: filled, changed, looked at, checked out."""

from collections.abc import Sequence

from partnercenter.errors import InvalidRequest, MixedUpAnswer
from partnercenter.resources.asking import ask, check_about, write
from partnercenter.resources.customers import customer_path
from partnercenter.schemas.carts import (
    Cart,
    CheckoutResult,
    NewCartLine,
    read_cart,
    read_checkout,
)
from partnercenter.transport import Transport


class Carts:
    """Carts of customers. Those with bad lines are answered like good ones: look at the lines."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self,
        customer_id: str,
        lines: Sequence[NewCartLine],
        *,
        request_id: str,
        partner_on_record_attested: bool = False,
    ) -> Cart:
        """Make a cart of these lines; their numbers in the answer are their places, from 0.

        Lines that cannot be bought come back with an ``error``.
        Raises: CustomerNotFound, MixedUpAnswer when the cart holds something else.
        """
        return write(
            self._transport,
            "POST",
            customer_path(customer_id, "carts"),
            request_id=request_id,
            body=_body(lines, attested=partner_on_record_attested),
            read=lambda body: _read_filled(body, lines),
        )

    def update(
        self,
        customer_id: str,
        cart_id: str,
        lines: Sequence[NewCartLine],
        *,
        request_id: str,
        partner_on_record_attested: bool = False,
    ) -> Cart:
        """Replace all lines of a cart. Raises: NotFound when it has expired, MixedUpAnswer."""

        def read(body: object) -> Cart:
            cart = _read_filled(body, lines)
            check_about(cart.id, cart_id, "cart")
            return cart

        return write(
            self._transport,
            "PUT",
            customer_path(customer_id, "carts", cart_id),
            request_id=request_id,
            body={"id": cart_id, **_body(lines, attested=partner_on_record_attested)},
            read=read,
        )

    def get(self, customer_id: str, cart_id: str) -> Cart:
        """Return a cart. Raises: NotFound when it has expired, MixedUpAnswer."""

        def read(body: object) -> Cart:
            cart = read_cart(body)
            check_about(cart.id, cart_id, "cart")
            return cart

        return ask(self._transport, customer_path(customer_id, "carts", cart_id), read=read)

    def checkout(self, customer_id: str, cart_id: str, *, request_id: str) -> CheckoutResult:
        """Buy a cart; the result may have orders and errors side by side.

        Repeated by itself while unanswered, because Microsoft recognises a checkout by its cart
        and request id and repeats the first result.
        Raises: Conflict while another one runs, NotFound when the cart has expired, MixedUpAnswer
        when an order is another customer's.
        """

        def read(body: object) -> CheckoutResult:
            result = read_checkout(body)
            for order in result.orders:
                check_about(order.customer_id, customer_id, "customer")
            return result

        return write(
            self._transport,
            "POST",
            customer_path(customer_id, "carts", cart_id, "checkout"),
            request_id=request_id,
            idempotent=True,
            read=read,
        )


def _body(lines: Sequence[NewCartLine], *, attested: bool) -> dict[str, object]:
    if not lines:
        raise InvalidRequest("A cart has at least one line.")
    body: dict[str, object] = {
        "lineItems": [line.body(position) for position, line in enumerate(lines)]
    }
    return {**body, "partnerOnRecordAttestationAccepted": True} if attested else body


def _read_filled(body: object, lines: Sequence[NewCartLine]) -> Cart:
    """Return a cart that holds what was put in; another product would be bought unseen."""
    cart = read_cart(body)
    if sorted(line.catalog_item_id.casefold() for line in cart.lines) != sorted(
        line.catalog_item_id.casefold() for line in lines
    ):
        raise MixedUpAnswer("The cart holds other items than were put in.")
    return cart
