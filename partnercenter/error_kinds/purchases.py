"""Refusals of what is bought: catalogue, carts, orders."""

from partnercenter.error_kinds.refused import Conflict, InvalidRequest, NotFound, PermissionRefused


class StaleCatalogue(NotFound):
    advice = (
        "The catalogue has changed since this was chosen. Load the product again and choose its "
        "current offer."
    )


class ItemUnavailable(StaleCatalogue):
    """Microsoft tells it with status 200, too."""

    advice = "This product is sold out, withdrawn or not for sale. Choose another one."


class OfferNotAllowed(PermissionRefused):
    advice = "Your account may not sell this kind of product. Check your programme memberships."


class PricesHidden(PermissionRefused):
    advice = "Prices are not shown to this account. An indirect reseller asks its provider."


class WrongCatalogue(InvalidRequest):
    advice = (
        "This is an offer of the other generation: old offers and new commerce are ordered in "
        "different ways. Choose the product again."
    )


class TermOrBillingRefused(InvalidRequest):
    advice = (
        "This term or billing cycle is not to be had here. Choose a pair that the product offers, "
        "with a billing cycle no longer than the term."
    )


class EndDateRefused(InvalidRequest):
    advice = (
        "A subscription cannot end on this day. Choose one of the days offered: the end of a month "
        "or that of another subscription."
    )


class BaseProductMissing(InvalidRequest):
    advice = "This add-on needs its base product. Put that into the cart, too."


class CurrencyRefused(InvalidRequest):
    advice = "This currency is not that of the customer's market. Leave it out or correct it."


class AttestationMissing(InvalidRequest):
    advice = "This purchase needs a confirmation of its conditions. Give it and try again."


class PromotionRefused(InvalidRequest):
    advice = "The promotion is over or not for this customer. Order without it."


class QuantityRefused(InvalidRequest):
    """Too many or too few for the product, the order or the tenant; also seen as 403."""

    advice = (
        "The number of seats or subscriptions is outside what is allowed. Check the product's "
        "limits; wrong product ids are answered like this, too."
    )


class SandboxLimit(PermissionRefused):
    """Also seen as 400."""

    advice = "The sandbox allows no more of these. Delete some there and try again."


class CartExpired(NotFound):
    advice = "The cart has expired. Nothing was ordered; make a new one."


class CartHasErrors(InvalidRequest):
    advice = "Some lines of the cart cannot be bought. Correct or remove them."


class OrderRefused(InvalidRequest):
    advice = "Microsoft refused the order as it stands. Check its lines and make it anew."


class AlreadySubmitted(Conflict):
    """Told as 400."""

    advice = "This cart was ordered before. Look at the customer's orders, not at the cart."


class OrderNotFound(NotFound):
    advice = "Partner Center does not know this order. A new one can take 15 minutes to appear."


class CancellationRefused(InvalidRequest):
    """Also seen as 403."""

    advice = "This order cannot be cancelled any more, or not in this way."


class DocumentRefused(InvalidRequest):
    advice = "The purchase-order document was not accepted. Check its kind and size."


class AzurePurchaseRefused(InvalidRequest):
    advice = (
        "Microsoft refused something about Azure: the plan, its registration or its subscriptions. "
        "Look at the customer's Azure plan in Partner Center."
    )
