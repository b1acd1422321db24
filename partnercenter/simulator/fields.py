"""Reading JSON the way the service reads it: keys and enum values in any case, nulls as absent.

Clients generated from Microsoft's .NET models send PascalCase, hand-written ones camelCase; both
work against the live service, so both must work here.
"""

import re
from collections.abc import Iterable
from typing import Any

from partnercenter.simulator.errors import Problem

_KNOWN = """
    id tenantId domain companyName companyProfile billingProfile defaultAddress firstName lastName
    middleName phoneNumber addressLine1 addressLine2 addressLine3 postalCode country region city
    state district email culture language organizationRegistrationNumber associatedPartnerId
    enableGDAPByDefault relationshipToPartner userCredentials userName password attributes
    objectType etag links self uri method headers primaryContact companyApproverAddress
    companyApproverEmail vettingStatus vettingSubStatus profileType purchaseOrderNumber taxId
    billingCurrency telephone website address leftFilter rightFilter operator field value
    templateId dateAgreed type userId qualification educationSegment validationCode usageLocation
    userPrincipalName displayName immutableId passwordProfile forceChangePassword licensesToAssign
    licensesToRemove skuId excludedPlans mpnId tenant domainPrefix adminUserName adminFirstName
    adminLastName adminAlternateEmail legalBusinessProfile organizationProfileLanguage
    lineItems catalogItemId quantity billingCycle termDuration friendlyName currencyCode
    participants provisioningContext parentSubscriptionId addonItems renewsTo promotionId
    customTermEndDate attestationAccepted partnerOnRecordAttestationAccepted orderGroup
    referenceCustomerId lineItemNumber offerId subscriptionId partnerIdOnRecord creationDate
    additionalPartnerIdsOnRecord targetItems productId skuId inventoryContext items key status
    offerId offerName friendlyName productType quantity status autoRenewEnabled billingCycle
    termDuration renewalTermDuration scheduledNextTermInstructions nextChargeInstructions
    customTermEndDate product productId skuId availabilityId promotionId partnerId targetOfferId
    toCatalogItemId fromCatalogItemId fromSubscriptionId toSubscriptionId transitionType
    targetOffer upgradeType supportTenantId supportMpnId name azureEntitlementId overageEnabled
    currentSubscriptionId purchaseFullTerm addOnMigrations targetDate migrateOnRenewal
    sourcePartnerTenantId targetPartnerTenantId partnerIdOnRecord lineItems subscriptionId
    customerId productFamily
"""
_SPELLING = {name.lower(): name for name in _KNOWN.split()}


def camel_keys(value: Any) -> Any:
    """Return JSON data with its keys in the service's spelling, whatever case they came in."""
    if isinstance(value, dict):
        return {_camel(key): camel_keys(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [camel_keys(inner) for inner in value]
    return value


def pascal_keys(value: Any) -> Any:
    """Return JSON data with upper-case first letters, as the oldest routes answer."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: pascal_keys(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [pascal_keys(inner) for inner in value]
    return value


def without_nulls(value: Any) -> Any:
    """Return JSON data without properties that are null."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in value]
    return value


def read_enum(value: object, allowed: Iterable[str]) -> str | None:
    """Return the member of `allowed` that `value` names without regard to case, or None."""
    if not isinstance(value, str):
        # A null must not be taken for the member "none".
        return None
    folded = fold(value)
    return next((member for member in allowed if fold(member) == folded), None)


def fold(value: object) -> str:
    """Return an enum value or key without case and separators."""
    return re.sub(r"[_\-\s]", "", str(value)).lower()


def read_object(value: Any) -> dict[str, Any]:
    """Return a request body or filter as an object with canonical keys.

    Raises Problem 400 when it is anything else.
    """
    if not isinstance(value, dict):
        raise Problem(400, 800002, "A JSON object is expected.")
    try:
        canonical: dict[str, Any] = camel_keys(value)
    except RecursionError as error:
        raise Problem(400, 800002, "The JSON is nested too deeply.") from error
    return canonical


def read_count(text: str | None, *, name: str, default: int) -> int:
    """Return a non-negative number from the query.

    Raises Problem 400 when it is not one.
    """
    if text is None or text == "":
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Problem(400, 800002, f"{name} must be a whole number that is not negative.")
    return int(text)


def read_seats(value: object, *, default: object = None) -> int:
    """Return a number of seats from a body; `default` stands for one that is absent.

    Raises Problem 400/800002 when it is no whole number of at least one.
    """
    seats = default if value is None else value
    if not isinstance(seats, int) or isinstance(seats, bool) or seats < 1:
        raise Problem(400, 800002, "quantity must be a whole number of at least one.")
    return seats


def _camel(key: str) -> str:
    return _SPELLING.get(key.lower(), key[:1].lower() + key[1:])
