"""The shapes callers get: frozen values with our spelling, and ``raw`` with everything received.

Nothing is required because a table lists it (absent beats null on this API); only identities and
money are, because a guess there would be stored as fact.
"""

from partnercenter.schemas.customers import Customer, CustomerSummary
from partnercenter.schemas.invoices import Invoice, InvoiceDetail
from partnercenter.schemas.line_items import LineItem
from partnercenter.schemas.profiles import (
    Address,
    BillingProfile,
    CompanyProfile,
    LegalBusinessProfile,
    OrganizationProfile,
    PartnerBillingProfile,
    PartnerProfile,
)

__all__ = [
    "Address",
    "BillingProfile",
    "CompanyProfile",
    "Customer",
    "CustomerSummary",
    "Invoice",
    "InvoiceDetail",
    "LegalBusinessProfile",
    "LineItem",
    "OrganizationProfile",
    "PartnerBillingProfile",
    "PartnerProfile",
]
