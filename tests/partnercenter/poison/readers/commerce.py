"""Readers of commerce: catalogue, carts, orders, subscriptions, people, licences, usage."""

from tests.partnercenter.poison.readers.reading import Reader, reader
from tests.partnercenter.schemas.commerce_examples import READERS as EXAMPLES

_UNITS = ("available", "active", "consumed", "suspended", "total", "warning")
# By the name of the reader: what it does not read without.
_NEEDS: dict[str, tuple[str, ...]] = {
    "read_product": ("id",),
    "read_sku": ("id", "productId"),
    "read_availability": ("id", "productId", "skuId", "catalogItemId"),
    "read_stock": ("productId",),
    "read_promotion": ("id",),
    "read_eligible_item": ("catalogItemId",),
    "read_offer": ("id",),
    "read_offer_category": ("id",),
    "read_cart": ("id",),
    "read_order": ("id", "currencyCode"),
    "read_line_provisioning": ("lineItemNumber",),
    "read_subscription": ("id", "offerId", "quantity"),
    "read_term_end": ("allowedCustomTermEndDate",),
    "read_transition": ("ToCatalogItemId", "quantity"),
    "read_transition_target": ("catalogItemId",),
    "read_user": ("id",),
    "read_role": ("id",),
    "read_role_member": ("id",),
    "read_subscribed_sku": ("productSku", *(f"{name}Units" for name in _UNITS)),
    "read_user_licence": ("productSku",),
    "read_qualification": ("qualification",),
    "read_validation_code": ("validationId",),
    "read_usage_cost": ("resourceId", "totalCost", "currencyCode"),
    "read_usage_total": ("totalCost", "currencyCode"),
}
# What may be absent, but is not used when it cannot be understood.
_STRICT: dict[str, tuple[str, ...]] = {
    "read_sku": ("minimumQuantity", "maximumQuantity"),
    "read_eligible_item": ("eligibilities",),
    "read_cart": ("lineItems",),
    "read_checkout": ("orders", "orderErrors"),
    "read_order": ("lineItems", "totalPrice"),
    "read_line_provisioning": ("quantityProvisioningInformation",),
    "read_subscription": ("refundableQuantity", "scheduledNextTermInstructions"),
    "read_transition_target": ("subscriptionEligibilities",),
    "read_validation_code": ("maxCreates", "remainingCreates"),
    "read_usage_cost": ("budget", "percentUsed"),
    "read_usage_total": ("budget", "percentUsed"),
    "read_usage_budget": ("amount",),
}

READERS: dict[str, Reader] = {
    read.__name__.removeprefix("read_").replace("_", "-"): reader(
        read,
        body,
        *_NEEDS.get(read.__name__, ()),
        strict=_STRICT.get(read.__name__, ()),
    )
    for read, body in EXAMPLES
}
