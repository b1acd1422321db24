"""One whole example of every shape of commerce, beside its reader.

Used wherever shapes are damaged on purpose; a new reader is added to ``READERS``.
"""

import json
from collections.abc import Callable
from typing import Any

from partnercenter.decoding import decode_json
from partnercenter.schemas.carts import read_cart, read_checkout
from partnercenter.schemas.catalogue import read_availability, read_product, read_sku, read_stock
from partnercenter.schemas.licences import read_subscribed_sku, read_user_licence
from partnercenter.schemas.offers import read_offer, read_offer_category
from partnercenter.schemas.orders import read_line_provisioning, read_order
from partnercenter.schemas.promotions import read_eligible_item, read_promotion
from partnercenter.schemas.qualifications import read_qualification, read_validation_code
from partnercenter.schemas.subscription_details import (
    read_provisioning,
    read_support_contact,
    read_term_end,
)
from partnercenter.schemas.subscriptions import read_subscription
from partnercenter.schemas.transitions import read_transition, read_transition_target
from partnercenter.schemas.usage import read_usage_budget, read_usage_cost, read_usage_total
from partnercenter.schemas.users import read_role, read_role_member, read_user
from tests.partnercenter.fake_service import GUIDS

CUSTOMER, SUBSCRIPTION, USER, ROLE, CART = GUIDS[:5]
ITEM = "CFQ7TTC0LH18:0001:CFQ7TTC0K971"
ETAG = "eyJpZCI6IjEiLCJ2ZXJzaW9uIjozfQ=="

PRICING = {
    "listPrice": 30.4,
    "discountedPrice": 28.12,
    "proratedPrice": 28.12,
    "price": 28.12,
    "extendedPrice": 337.44,
}
CART_LINE = {
    "id": 0,
    "catalogItemId": ITEM,
    "quantity": 1,
    "currencyCode": "usd",
    "billingCycle": "Monthly",
    "termDuration": "P1Y",
    "orderGroup": "0",
    "pricing": PRICING,
}
BAD_LINE_ERROR = {"errorCode": "10001", "errorDescription": "Not&#39;s in the catalogue"}
CART_BODY = {
    "id": CART,
    "creationTimestamp": "2026-01-01T00:00:00.1234567Z",
    "expirationTimestamp": "2026-01-08T00:00:00Z",
    "status": "Active",
    "lineItems": [CART_LINE, {**CART_LINE, "id": 1, "error": BAD_LINE_ERROR, "pricing": {}}],
    "attributes": {"objectType": "Cart"},
}
ORDER_LINE = {
    "lineItemNumber": 0,
    "offerId": ITEM,
    "subscriptionId": SUBSCRIPTION.upper(),
    "termDuration": "P1Y",
    "transactionType": "New",
    "friendlyName": "Basic",
    "quantity": 1,
    "pricing": PRICING,
}
ORDER = {
    "id": "a68736758d9c",
    "alternateId": "a68736758d9c",
    "referenceCustomerId": CUSTOMER,
    "billingCycle": "monthly",
    "currencyCode": "USD",
    "lineItems": [ORDER_LINE],
    "creationDate": "2026-01-01T00:00:00Z",
    "status": "pending review",
    "transactionType": "UserPurchase",
    "totalPrice": 28.12,
    "attributes": {"objectType": "Order", "etag": ETAG},
}
CHECKOUT = {
    "orders": [ORDER],
    "orderErrors": [{"orderGroupId": "1", "code": 800020, "description": "no"}],
}
SUBSCRIPTION_BODY = {
    "id": SUBSCRIPTION.upper(),
    "offerId": ITEM,
    "offerName": "Basic",
    "friendlyName": "Basic",
    "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
    "quantity": 15,
    "unitType": "Licenses",
    "creationDate": "2021-01-14T16:57:15.0966728Z",
    "effectiveStartDate": "2021-01-14T16:57:14.498252Z",
    "commitmentEndDate": "2022-01-13T00:00:00Z",
    "commitmentEndDateTime": "2022-01-13T23:59:59Z",
    "cancellationAllowedUntilDate": "2021-01-21T16:57:14Z",
    "status": "active",
    "autoRenewEnabled": True,
    "isTrial": False,
    "billingType": "license",
    "billingCycle": "monthly",
    "termDuration": "P1Y",
    "refundOptions": [{"type": "Full", "expiresAt": "2021-01-15T00:00:00Z"}],
    "partnerId": "4847383",
    "refundableQuantity": {
        "totalQuantity": 10,
        "details": [{"quantity": 10, "allowedUntilDateTime": "2021-01-24T20:39:17Z"}],
    },
    "scheduledNextTermInstructions": {
        "product": {
            "productId": "CFQ7TTC0LH18",
            "skuId": "0001",
            "availabilityId": "CFQ7TTC0K971",
            "billingCycle": "Annual",
            "termDuration": "P3Y",
        },
        "quantity": 3,
    },
    "nextChargeInstructions": {"kept": 1.25},
    "orderId": "34b37d7340cc",
    "attributes": {"objectType": "Subscription", "etag": ETAG},
}
AVAILABILITY = {
    "id": "CFQ7TTC0K971",
    "productId": "CFQ7TTC0LH18",
    "skuId": "0001",
    "catalogItemId": ITEM,
    "defaultCurrency": {"code": "usd", "symbol": "$"},
    "segment": "commercial",
    "country": "us",
    "isPurchasable": True,
    "isRenewable": True,
    "terms": [
        {
            "id": "5aeco6mffyxo",
            "duration": "P1Y",
            "billingCycle": "Annual",
            "cancellationPolicies": [
                {"refundOptions": [{"sequenceId": 0, "type": "Full", "expiresAfter": "P1D"}]}
            ],
        }
    ],
}
PRODUCT = {"id": "CFQ7TTC0LH18", "title": "Basic", "productType": {"id": "OnlineServicesNCE"}}
SKU = {
    "id": "0001",
    "productId": "CFQ7TTC0LH18",
    "title": "Basic",
    "minimumQuantity": 1,
    "maximumQuantity": 300,
    "supportedBillingCycles": ["annual", "monthly"],
    "dynamicAttributes": {"isAddon": True, "prerequisiteSkus": ["CFQ7TTC0LF8Q:0001"]},
}
STOCK = {
    "productId": "DZH318Z0BQ3P",
    "skuId": "0039",
    "isRestricted": True,
    "restrictions": [{"reasonCode": "NotAvailableForSubscription", "description": "no"}],
}
PROMOTION = {
    "id": "39NFJQT1SNC7:0001:39NFJQT1Q5KM",
    "name": "Half price",
    "startDate": "2023-05-03T00:00:00+00:00",
    "endDate": "9999-01-01T00:00:00+00:00",
    "requiredProducts": [
        {
            "productId": "CFQ7TTC0LH05",
            "skuId": "0001",
            "term": {"duration": "P1Y", "billingCycle": "Annual"},
            "pricingPolicies": [{"policyType": "PercentDiscount", "value": "0.5"}],
        }
    ],
}
ELIGIBLE_ITEM = {
    "id": 0,
    "catalogItemId": ITEM,
    "quantity": 1,
    "eligibilities": [
        {"promotionId": "P:1:2", "isEligible": False, "errors": [{"type": "SeatCount"}]}
    ],
}
OFFER = {"id": GUIDS[8].upper(), "name": "Old", "country": "us", "billing": "license"}
TRANSITION = {
    "operationId": GUIDS[9],
    "FromCatalogItemId": ITEM,
    "fromSubscriptionId": SUBSCRIPTION,
    "ToCatalogItemId": "CFQ7TTC0LF8S:0001:CFQ7TTC0K9G9",
    "quantity": 2,
    "transitionType": "transition_only",
    "Events": [{"name": "Conversion", "status": "Started ", "timestamp": "2021-01-08T18:01:14Z"}],
}
TARGET = {
    "catalogItemId": "CFQ7TTC0LF8S:0001:CFQ7TTC0K9G9",
    "title": "E5",
    "quantity": 1,
    "eligibilities": [{"isEligible": True, "transitionType": "transition_only", "errors": []}],
    "subscriptionEligibilities": [
        {
            "isEligible": False,
            "subscriptionId": GUIDS[7],
            "errors": [{"code": 3, "description": "shorter"}],
        }
    ],
}
USER_BODY = {
    "id": USER.upper(),
    "userPrincipalName": "ada@contoso.example",
    "firstName": "Ada",
    "lastName": "L",
    "displayName": "Ada L",
    "usageLocation": "GB",
    "passwordProfile": {"password": "hunter2", "forceChangePassword": True},
    "state": "active",
    "softDeletionTime": None,
}
MEMBER = {"id": USER, "roleId": ROLE.upper(), "displayName": "Ada L"}
LICENCES = {
    "availableUnits": 4,
    "activeUnits": 5,
    "consumedUnits": 1,
    "suspendedUnits": 0,
    "totalUnits": 5,
    "warningUnits": 0,
    "productSku": {"id": GUIDS[6], "name": "EMS", "licenseGroupId": "group1"},
    "servicePlans": [{"id": GUIDS[5].upper(), "serviceName": "RMS", "capabilityStatus": "Enabled"}],
    "capabilityStatus": "Enabled",
}
COST = {
    "resourceId": CUSTOMER,
    "resourceName": "Contoso",
    "totalCost": 28.82860766744405,
    "currencyCode": "GBP",
    "budget": {"amount": 97},
    "percentUsed": 602.84,
}


def received(value: Any) -> Any:
    """Return JSON values as the client gets them: numbers with a point are exact."""
    return decode_json(json.dumps(value).encode())


READERS: tuple[tuple[Callable[[object], Any], dict[str, Any]], ...] = (
    (read_product, PRODUCT),
    (read_sku, SKU),
    (read_availability, AVAILABILITY),
    (read_stock, STOCK),
    (read_promotion, PROMOTION),
    (read_eligible_item, ELIGIBLE_ITEM),
    (read_offer, OFFER),
    (read_offer_category, {"id": "Enterprise_Key", "name": "Enterprise"}),
    (read_cart, CART_BODY),
    (read_checkout, CHECKOUT),
    (read_order, ORDER),
    (
        read_line_provisioning,
        {
            "lineItemNumber": 0,
            "status": "fulfilled",
            "quantityProvisioningInformation": [{"quantity": 1, "status": "fulfilled"}],
        },
    ),
    (read_subscription, SUBSCRIPTION_BODY),
    (read_support_contact, {"supportTenantId": CUSTOMER, "supportMpnId": "1", "name": "Us"}),
    (read_provisioning, {"skuId": GUIDS[6], "status": "success", "quantity": 5}),
    (
        read_term_end,
        {
            "allowedCustomTermEndDateType": "subscriptionAligned",
            "allowedCustomTermEndDate": "2023-08-01T00:00:00",
            "cotermSubscriptionIds": [SUBSCRIPTION.upper()],
        },
    ),
    (read_transition, TRANSITION),
    (read_transition_target, TARGET),
    (read_user, USER_BODY),
    (read_role, {"id": ROLE, "name": "Company Administrator"}),
    (read_role_member, MEMBER),
    (read_subscribed_sku, LICENCES),
    (read_user_licence, LICENCES),
    (read_qualification, {"qualification": "Education", "vettingStatus": "InReview"}),
    (read_validation_code, {"validationId": "v-1", "maxCreates": 5, "remainingCreates": 4}),
    (read_usage_cost, COST),
    (read_usage_total, COST),
    (read_usage_budget, {"amount": 100}),
)
