"""Transitions: what a subscription can be moved to, moving it, and what became of it."""

from partnercenter.errors import InvalidRequest, MixedUpAnswer
from partnercenter.resources.asking import ask, check_about, whole, write
from partnercenter.resources.customers import customer_path
from partnercenter.schemas.transitions import (
    NewTransition,
    Transition,
    TransitionTarget,
    read_transition,
    read_transition_target,
)
from partnercenter.transport import Transport


class Transitions:
    """Moves of new-commerce subscriptions."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def targets(
        self, customer_id: str, subscription_id: str, *, at_renewal: bool = False
    ) -> tuple[TransitionTarget, ...]:
        """Return what a subscription could be moved to, now or at its renewal. Raises: NotFound."""
        return ask(
            self._transport,
            customer_path(customer_id, "subscriptions", subscription_id, "transitionEligibilities"),
            params={"eligibilityType": "scheduled" if at_renewal else "immediate"},
            read=lambda body: whole(body, read=read_transition_target, identity=None),
        )

    def start(
        self,
        customer_id: str,
        subscription_id: str,
        transition: NewTransition,
        *,
        request_id: str,
    ) -> Transition:
        """Begin a move; ask ``history`` and the subscriptions how it went.

        Not repeated by itself: look into ``history`` before sending it again.
        Raises: NotFound, InvalidRequest, MixedUpAnswer when another move is answered.
        """
        if transition.quantity < 1:
            raise InvalidRequest("A transition moves at least one seat.")

        def read(body: object) -> Transition:
            begun = read_transition(body)
            check_about(begun.to_catalog_item_id, transition.to_catalog_item_id, "transition")
            check_about(begun.from_subscription_id, subscription_id, "subscription")
            if transition.to_subscription_id:
                check_about(begun.to_subscription_id, transition.to_subscription_id, "subscription")
            if begun.quantity != transition.quantity:
                raise MixedUpAnswer("The answer is about another number of seats.")
            return begun

        return write(
            self._transport,
            "POST",
            customer_path(customer_id, "subscriptions", subscription_id, "transitions"),
            request_id=request_id,
            body=transition.body(subscription_id),
            read=read,
        )

    def history(
        self, customer_id: str, subscription_id: str, operation_id: str = ""
    ) -> tuple[Transition, ...]:
        """Return a subscription's moves, on request those of one operation.

        Raises: NotFound, MixedUpAnswer when one is of another operation.
        """

        def read(row: object) -> Transition:
            transition = read_transition(row)
            if operation_id:
                check_about(transition.operation_id, operation_id, "operation")
            return transition

        return ask(
            self._transport,
            customer_path(customer_id, "subscriptions", subscription_id, "transitions"),
            params={"operationId": operation_id} if operation_id else {},
            # Unlike all other lists, this one is not called items.
            read=lambda body: whole(body, read=read, identity=None, key="transition"),
        )
