"""What reads answers: every reader of the client with a body it must read.

Each part adds its own readers to ``READERS``. ``needs`` are the top-level names without which the
reader must refuse, because identity or money is at stake; all others may be absent or null.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from partnercenter.schemas.addresses import read_address_check
from partnercenter.schemas.agreements import (
    read_agreement,
    read_agreement_document,
    read_agreement_template,
    read_direct_signature,
)
from partnercenter.schemas.audit import read_audit_record
from partnercenter.schemas.countries import read_country_rules
from partnercenter.schemas.customers import (
    read_account_status,
    read_customer,
    read_customer_summary,
    read_organization,
)
from partnercenter.schemas.delegated_admin import read_delegated_admin_relationship
from partnercenter.schemas.invoices import read_invoice
from partnercenter.schemas.line_items import read_line_item
from partnercenter.schemas.new_customers import read_created_customer
from partnercenter.schemas.profiles import (
    read_billing_profile,
    read_company_profile,
    read_legal_business_profile,
    read_organization_profile,
    read_partner_billing_profile,
    read_partner_profile,
    read_support_profile,
)
from partnercenter.schemas.relationships import (
    read_agreement_status,
    read_partner_relationship,
    read_request_link,
)
from partnercenter.schemas.security import (
    read_adoption,
    read_api_request,
    read_principal_without_mfa,
)
from partnercenter.schemas.service_health import read_service_health
from partnercenter.schemas.support import read_service_request
from partnercenter.schemas.webhooks import (
    read_registration,
    read_test,
    read_test_started,
    read_webhook_event,
)
from tests.partnercenter.fake_service import GUIDS

WHEN = "2026-11-20T10:00:00.1234567Z"
ADDRESS = {
    "country": "US",
    "city": "Redmond",
    "state": "WA",
    "addressLine1": "1 Way",
    "postalCode": "98052",
    "firstName": "Ann",
    "phoneNumber": "4255550101",
}
BILLING = {
    "id": GUIDS[1],
    "email": "ann@contoso.example",
    "culture": "en-US",
    "language": "en",
    "companyName": "Contoso",
    "defaultAddress": ADDRESS,
    "attributes": {"etag": "-7", "objectType": "CustomerBillingProfile"},
}
COMPANY = {"tenantId": GUIDS[0], "domain": "contoso.onmicrosoft.com", "companyName": "Contoso"}
CUSTOMER = {
    "id": GUIDS[0],
    "commerceId": GUIDS[2],
    "companyProfile": COMPANY,
    "billingProfile": BILLING,
    "relationshipToPartner": "reseller",
    "allowDelegatedAccess": True,
    "customDomains": ["contoso.onmicrosoft.com"],
    "associatedPartnerId": "4391227",
}


@dataclass(frozen=True)
class Reader:
    """A reader, a body it reads, and the names without which it must not."""

    read: Callable[[object], Any]
    body: dict[str, Any]
    needs: frozenset[str] = field(default_factory=frozenset)


def _reader(read: Callable[[object], Any], body: dict[str, Any], *needs: str) -> Reader:
    return Reader(read, body, frozenset(needs))


READERS: dict[str, Reader] = {
    "customer": _reader(read_customer, CUSTOMER, "id"),
    "customer-summary": _reader(
        read_customer_summary,
        {"id": GUIDS[0], "companyProfile": COMPANY, "relationshipToPartner": "reseller"},
        "id",
    ),
    "created-customer": _reader(
        read_created_customer,
        {**CUSTOMER, "userCredentials": {"userName": "admin", "password": "Shown-once-1"}},
        "id",
    ),
    "customer-organization": _reader(
        read_organization,
        {
            "displayName": "Contoso",
            "city": "Redmond",
            "technicalNotificationMails": ["a@b.example"],
        },
    ),
    "account-status": _reader(
        read_account_status,
        {"type": "account", "status": "UnderReview", "lastUpdateDateTime": WHEN},
        "status",
    ),
    "billing-profile": _reader(read_billing_profile, BILLING),
    "company-profile": _reader(read_company_profile, {**COMPANY, "address": ADDRESS}),
    "legal-business": _reader(
        read_legal_business_profile,
        {
            "companyName": "Us",
            "address": ADDRESS,
            "primaryContact": {"firstName": "Ann", "lastName": "Lee", "email": "a@b.example"},
            "vettingStatus": "authorized",
            "vettingSubStatus": "none",
        },
    ),
    "organization-profile": _reader(
        read_organization_profile,
        {**COMPANY, "id": GUIDS[4], "defaultAddress": ADDRESS, "attributes": {"etag": "t"}},
    ),
    "partner-billing": _reader(
        read_partner_billing_profile,
        {"companyName": "Us", "address": ADDRESS, "taxId": "1", "billingCurrency": "USD"},
    ),
    "partner-profile": _reader(
        read_partner_profile,
        {"mpnId": "4391227", "partnerName": "Us", "profileType": "mpn_profile"},
    ),
    "support-profile": _reader(
        read_support_profile, {"email": "a@b.example", "telephone": "1", "website": "b.example"}
    ),
    "address-check": _reader(
        read_address_check,
        {
            "status": "StreetPartial",
            "originalAddress": ADDRESS,
            "suggestedAddresses": [ADDRESS, ADDRESS],
            "validationMessage": "Choose one.",
        },
        "status",
    ),
    "country-rules": _reader(
        read_country_rules,
        {
            "iso2Code": "US",
            "isStateRequired": True,
            "supportedStatesList": ["WA", "WI"],
            "postalCodeRegex": "^\\d{5}(-\\d{4})?$",
            "countryCallingCodesList": ["1"],
        },
        "iso2Code",
    ),
    "agreement-template": _reader(
        read_agreement_template,
        {"templateId": GUIDS[1], "agreementType": "x", "versionRank": 1, "agreementLink": "x"},
        "templateId",
    ),
    "agreement-document": _reader(
        read_agreement_document,
        {
            "displayUri": "https://x.example/a",
            "downloadUri": "https://x.example/b",
            "country": "US",
        },
    ),
    "agreement": _reader(
        read_agreement,
        {
            "templateId": GUIDS[1],
            "type": "MicrosoftCustomerAgreement",
            "dateAgreed": WHEN,
            "primaryContact": {"firstName": "Ann", "lastName": "Lee", "email": "a@b.example"},
        },
        "templateId",
    ),
    "direct-signature": _reader(read_direct_signature, {"isSigned": True}, "isSigned"),
    "partner-relationship": _reader(
        read_partner_relationship,
        {"id": GUIDS[1], "name": "First Up", "state": "Active", "mpnId": "1", "location": "US"},
        "id",
    ),
    "request-link": _reader(read_request_link, {"url": "https://x.example/?a=1&amp;b=2"}, "url"),
    "agreement-status": _reader(
        read_agreement_status, {"isAgreementSigned": True}, "isAgreementSigned"
    ),
    "audit-record": _reader(
        read_audit_record,
        {
            "id": "p_c_1",
            "customerId": GUIDS[0],
            "operationType": "update_order",
            "operationDate": WHEN,
            "resourceNewValue": '{"Id":1}',
            "customizedData": [{"key": "a", "value": "b"}],
        },
    ),
    "registration": _reader(
        read_registration,
        {"SubscriberId": GUIDS[1], "WebhookUrl": "https://x.example/", "WebhookEvents": ["a"]},
        "WebhookUrl",
    ),
    "webhook-test": _reader(
        read_test,
        {
            "correlationId": GUIDS[1],
            "status": "completed",
            "results": [{"responseCode": "OK", "systemError": False, "dateTimeUtc": WHEN}],
        },
        "correlationId",
    ),
    "webhook-test-started": _reader(
        read_test_started, {"correlationId": GUIDS[1]}, "correlationId"
    ),
    "webhook-event": _reader(
        read_webhook_event,
        {"EventName": "test-created", "ResourceUri": None, "ResourceChangeUtcDate": WHEN},
        "EventName",
    ),
    "service-health": _reader(
        read_service_health,
        {
            "id": "Exchange",
            "service": "Exchange Online",
            "status": "ServiceOperational",
            "issues": [{"id": "EX1", "isResolved": True, "startDateTime": WHEN}],
        },
        "id",
    ),
    "delegated-admin": _reader(
        read_delegated_admin_relationship,
        {
            "id": f"{GUIDS[1]}-{GUIDS[2]}",
            "status": "active",
            "customer": {"tenantId": GUIDS[0]},
            "accessDetails": {"unifiedRoles": [{"roleDefinitionId": GUIDS[3]}]},
            "createdDateTime": WHEN,
            "@odata.etag": 'W/"x"',
        },
        "id",
    ),
    "api-request": _reader(
        read_api_request,
        {
            "requestId": GUIDS[1],
            "requestDateTime": WHEN,
            "upn": "a@b.example",
            "mfaCompliant": True,
        },
    ),
    "principal-without-mfa": _reader(
        read_principal_without_mfa,
        {"upn": "a@b.example", "lastNonMfaCompliantRequestDateTime": WHEN},
    ),
    "adoption": _reader(read_adoption, {"applicationId": GUIDS[1], "anything": [1, None]}),
    "service-request": _reader(
        read_service_request,
        {
            "id": "615112491169010",
            "severity": 0,
            "status": 1,
            "primaryContact": {"lastName": "Lee"},
            "createdDate": WHEN,
            "lastClosedDate": "0001-01-01T00:00:00",
        },
        "id",
    ),
    "invoice": _reader(
        read_invoice,
        {
            "id": "G000024135",
            "invoiceDate": WHEN,
            "totalCharges": 586366.10,
            "currencyCode": "USD",
            "invoiceDetails": [
                {"invoiceLineItemType": "billing_line_items", "billingProvider": "one_time"}
            ],
        },
        "id",
        "totalCharges",
        "currencyCode",
    ),
    "line-item": _reader(
        read_line_item,
        {
            "customerId": GUIDS[0],
            "invoiceNumber": "G000024135",
            "chargeType": "new",
            "chargeStartDate": WHEN,
            "quantity": "3",
            "unitPrice": "1.10",
            "totalForCustomer": "3.30",
            "currency": "USD",
        },
        "totalForCustomer",
        "currency",
    ),
}
