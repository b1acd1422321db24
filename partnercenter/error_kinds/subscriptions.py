"""Refusals of changes to what is subscribed to."""

from partnercenter.error_kinds.refused import Conflict, InvalidRequest, NotFound


class SubscriptionNotFound(NotFound):
    advice = "Partner Center does not know this subscription. New ones take up to 15 minutes."


class SubscriptionRefused(InvalidRequest):
    advice = "The subscription's state does not allow this change. Load it again and look."


class WindowClosed(SubscriptionRefused):
    advice = (
        "The seven days in which seats can be given back are over. Lower the number, or turn off "
        "renewal, for the next term instead."
    )


class RenewalRefused(SubscriptionRefused):
    advice = "This subscription cannot be renewed like this. Check that renewal is turned on."


class ParentInactive(Conflict):
    advice = "The subscription this one belongs to is not active. Activate that one first."


class TransitionRefused(InvalidRequest):
    advice = (
        "The subscription cannot be moved to this product or subscription. Load what is possible "
        "again and choose from it."
    )


class MigrationRefused(InvalidRequest):
    advice = "The subscription cannot be moved to new commerce like this. Validate it again."


class TransferRefused(InvalidRequest):
    advice = "The transfer or upgrade was refused. Check its state in Partner Center."


class OverageRefused(InvalidRequest):
    advice = "Overage cannot be set like this for this customer. Check its subscriptions."
