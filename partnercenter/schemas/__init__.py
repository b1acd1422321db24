"""The shapes callers get: frozen values with our spelling, and ``raw`` with everything received.

Nothing is required because a table lists it (absent beats null on this API); only identities and
money are, because a guess there would be stored as fact.
"""

from partnercenter.schemas.addresses import AddressCheck
from partnercenter.schemas.agreements import (
    Agreement,
    AgreementContact,
    AgreementDocument,
    AgreementTemplate,
)
from partnercenter.schemas.audit import AuditRecord
from partnercenter.schemas.countries import CountryRules
from partnercenter.schemas.customers import (
    AccountStatus,
    Customer,
    CustomerOrganization,
    CustomerSummary,
)
from partnercenter.schemas.delegated_admin import DelegatedAdminRelationship
from partnercenter.schemas.invoices import Invoice, InvoiceDetail
from partnercenter.schemas.line_items import LineItem
from partnercenter.schemas.new_customers import CreatedCustomer, NewCustomer
from partnercenter.schemas.profiles import (
    Address,
    BillingProfile,
    CompanyProfile,
    LegalBusinessProfile,
    OrganizationProfile,
    PartnerBillingProfile,
    PartnerProfile,
    SupportProfile,
)
from partnercenter.schemas.relationships import PartnerRelationship
from partnercenter.schemas.security import ApiRequest, PrincipalWithoutMfa
from partnercenter.schemas.service_health import ServiceHealth, ServiceIssue
from partnercenter.schemas.support import ServiceRequest
from partnercenter.schemas.webhooks import (
    WebhookEvent,
    WebhookRegistration,
    WebhookTest,
    WebhookTry,
)

__all__ = [
    "AccountStatus",
    "Address",
    "AddressCheck",
    "Agreement",
    "AgreementContact",
    "AgreementDocument",
    "AgreementTemplate",
    "ApiRequest",
    "AuditRecord",
    "BillingProfile",
    "CompanyProfile",
    "CountryRules",
    "CreatedCustomer",
    "Customer",
    "CustomerOrganization",
    "CustomerSummary",
    "DelegatedAdminRelationship",
    "Invoice",
    "InvoiceDetail",
    "LegalBusinessProfile",
    "LineItem",
    "NewCustomer",
    "OrganizationProfile",
    "PartnerBillingProfile",
    "PartnerProfile",
    "PartnerRelationship",
    "PrincipalWithoutMfa",
    "ServiceHealth",
    "ServiceIssue",
    "ServiceRequest",
    "SupportProfile",
    "WebhookEvent",
    "WebhookRegistration",
    "WebhookTest",
    "WebhookTry",
]
