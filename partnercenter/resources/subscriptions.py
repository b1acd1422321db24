"""Subscriptions of customers: looked at, and changed one thing at a time."""

from partnercenter.errors import CustomerNotFound, InvalidRequest, MixedUpAnswer
from partnercenter.resources.asking import ask, check_about, same_id, whole, write, write_and_look
from partnercenter.resources.customers import customer_path
from partnercenter.resources.editing import edited, if_match
from partnercenter.schemas.fields import Fields
from partnercenter.schemas.subscription_changes import ChangeAccepted, SubscriptionChange
from partnercenter.schemas.subscription_details import (
    Provisioning,
    SupportContact,
    TermEnd,
    read_provisioning,
    read_support_contact,
    read_term_end,
)
from partnercenter.schemas.subscriptions import Subscription, read_subscription
from partnercenter.transport import Transport
from partnercenter.wire import Answer

_LONGEST_LOCATION = 500


class Subscriptions:
    """Subscriptions; new ones are missing from lists for up to fifteen minutes."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self, customer_id: str, *, order_id: str = "", partner_id: str = ""
    ) -> tuple[Subscription, ...]:
        """Return a customer's subscriptions, on request those of one order or one reseller.

        Raises: CustomerNotFound, MixedUpAnswer when what was not asked for is among them.
        """
        if order_id and partner_id:
            raise InvalidRequest("Subscriptions are listed by order or by reseller, not both.")
        params = {"order_id": order_id} if order_id else {"mpn_id": partner_id}

        def read(row: object) -> Subscription:
            subscription = read_subscription(row)
            # A filter that is not understood is ignored, and everything comes.
            if partner_id and subscription.partner_id != partner_id:
                raise MixedUpAnswer("The answer has a subscription of another reseller.")
            if order_id and not _is_of_order(subscription, order_id):
                raise MixedUpAnswer("The answer has a subscription of another order.")
            return subscription

        return ask(
            self._transport,
            customer_path(customer_id, "subscriptions"),
            params={name: value for name, value in params.items() if value},
            read=lambda body: whole(body, read=read, identity=_identity),
            missing=CustomerNotFound,
        )

    def get(self, customer_id: str, subscription_id: str) -> Subscription:
        """Return one subscription. Raises: NotFound, MixedUpAnswer."""
        return ask(
            self._transport,
            _path(customer_id, subscription_id),
            read=lambda body: _read_one(body, subscription_id),
        )

    def change(
        self,
        customer_id: str,
        subscription: Subscription,
        change: SubscriptionChange,
        *,
        request_id: str,
    ) -> Subscription | ChangeAccepted:
        """Change one thing; ``subscription`` is as ``get`` just returned it.

        The whole resource goes back, because whatever is left out would be reset; its entity tag,
        when it has one, makes the change fail if somebody else was faster. Not repeated by itself.
        Raises: PreconditionFailed when it has changed since, Conflict while another change goes on.
        """

        def read(answer: Answer) -> Subscription | ChangeAccepted:
            if answer.status == 202:
                return _read_accepted(answer, subscription.id)
            return _read_one(answer.data(), subscription.id)

        return write_and_look(
            self._transport,
            "PATCH",
            _path(customer_id, subscription.id),
            request_id=request_id,
            headers=if_match(subscription.etag),
            body=edited(subscription.raw, change.fields),
            read=read,
        )

    def addons(self, customer_id: str, subscription_id: str) -> tuple[Subscription, ...]:
        """Return the add-ons of a subscription of old commerce. Raises: NotFound, MixedUpAnswer."""

        def read(row: object) -> Subscription:
            addon = read_subscription(row)
            check_about(addon.parent_id, subscription_id, "subscription")
            return addon

        return ask(
            self._transport,
            _path(customer_id, subscription_id, "addons"),
            read=lambda body: whole(body, read=read, identity=_identity),
        )

    def provisioning(self, customer_id: str, subscription_id: str) -> Provisioning:
        """Return how far a subscription is. Raises: NotFound, AppOnlyRefused."""
        path = _path(customer_id, subscription_id, "provisioningstatus")
        return ask(self._transport, path, read=read_provisioning)

    def term_ends(self, customer_id: str, term_duration: str) -> tuple[TermEnd, ...]:
        """Return the dates a term of this length may be made to end at.

        Raises: CustomerNotFound.
        """
        return ask(
            self._transport,
            customer_path(customer_id, "subscriptions", "customTermEndDates"),
            params={"term_duration": term_duration},
            read=lambda body: whole(body, read=read_term_end, identity=None),
            missing=CustomerNotFound,
        )

    def support_contact(self, customer_id: str, subscription_id: str) -> SupportContact:
        """Return who supports a subscription. Raises: NotFound."""
        path = _path(customer_id, subscription_id, "supportcontact")
        return ask(self._transport, path, read=read_support_contact)

    def set_support_contact(
        self, customer_id: str, subscription_id: str, contact: SupportContact, *, request_id: str
    ) -> SupportContact:
        """Have another reseller support a subscription. Raises: NotFound, MixedUpAnswer."""

        def read(body: object) -> SupportContact:
            set_now = read_support_contact(body)
            check_about(set_now.tenant_id, contact.tenant_id, "reseller")
            check_about(set_now.mpn_id, contact.mpn_id, "reseller")
            return set_now

        return write(
            self._transport,
            "PUT",
            _path(customer_id, subscription_id, "supportcontact"),
            request_id=request_id,
            body=contact.body(),
            read=read,
        )


def _path(customer_id: str, subscription_id: str, *rest: str) -> str:
    return customer_path(customer_id, "subscriptions", subscription_id, *rest)


def _identity(subscription: Subscription) -> str:
    return subscription.id


def _read_one(body: object, subscription_id: str) -> Subscription:
    subscription = read_subscription(body)
    check_about(subscription.id, subscription_id, "subscription")
    return subscription


def _read_accepted(answer: Answer, subscription_id: str) -> ChangeAccepted:
    subscription = None
    if answer.body.strip():
        subscription = _read_one(answer.data(), subscription_id)
    location = answer.headers.get("Location", "")[:_LONGEST_LOCATION]
    return ChangeAccepted(location, subscription)


def _is_of_order(subscription: Subscription, order_id: str) -> bool:
    orders = (subscription.order_id, Fields(subscription.raw).text("productorderid"))
    return any(same_id(order, order_id) for order in orders)
