"""Readers of customers, profiles and addresses."""

from partnercenter.schemas.addresses import read_address_check
from partnercenter.schemas.countries import read_country_rules
from partnercenter.schemas.customers import (
    read_account_status,
    read_customer,
    read_customer_summary,
    read_organization,
)
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
from tests.partnercenter.fake_service import GUIDS
from tests.partnercenter.poison.readers.reading import WHEN, Reader, reader

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


READERS: dict[str, Reader] = {
    "customer": reader(read_customer, CUSTOMER, "id"),
    "customer-summary": reader(
        read_customer_summary,
        {"id": GUIDS[0], "companyProfile": COMPANY, "relationshipToPartner": "reseller"},
        "id",
    ),
    "created-customer": reader(
        read_created_customer,
        {**CUSTOMER, "userCredentials": {"userName": "admin", "password": "Shown-once-1"}},
        "id",
    ),
    "customer-organization": reader(
        read_organization,
        {
            "displayName": "Contoso",
            "city": "Redmond",
            "technicalNotificationMails": ["a@b.example"],
        },
    ),
    "account-status": reader(
        read_account_status,
        {"type": "account", "status": "UnderReview", "lastUpdateDateTime": WHEN},
        "status",
    ),
    "billing-profile": reader(read_billing_profile, BILLING),
    "company-profile": reader(read_company_profile, {**COMPANY, "address": ADDRESS}),
    "legal-business": reader(
        read_legal_business_profile,
        {
            "companyName": "Us",
            "address": ADDRESS,
            "primaryContact": {"firstName": "Ann", "lastName": "Lee", "email": "a@b.example"},
            "vettingStatus": "authorized",
            "vettingSubStatus": "none",
        },
    ),
    "organization-profile": reader(
        read_organization_profile,
        {**COMPANY, "id": GUIDS[4], "defaultAddress": ADDRESS, "attributes": {"etag": "t"}},
    ),
    "partner-billing": reader(
        read_partner_billing_profile,
        {"companyName": "Us", "address": ADDRESS, "taxId": "1", "billingCurrency": "USD"},
    ),
    "partner-profile": reader(
        read_partner_profile,
        {"mpnId": "4391227", "partnerName": "Us", "profileType": "mpn_profile"},
    ),
    "support-profile": reader(
        read_support_profile, {"email": "a@b.example", "telephone": "1", "website": "b.example"}
    ),
    "address-check": reader(
        read_address_check,
        {
            "status": "StreetPartial",
            "originalAddress": ADDRESS,
            "suggestedAddresses": [ADDRESS, ADDRESS],
            "validationMessage": "Choose one.",
        },
        "status",
    ),
    "country-rules": reader(
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
}
