"""Small worlds written by tests into a temporary folder."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from partnercenter.simulator.worlds import World, open_world

PARTNER = {
    "tenantId": "9a1f0000-0000-4000-8000-00000000000a",
    "companyName": "Harbour Cloud",
    "country": "US",
    "domain": "harbourcloud.onmicrosoft.com",
    "program": "indirectProvider",
    "mpnId": "7000001",
    "clientId": "demo",
    "clientSecret": "demo",
    "sandbox": True,
}
RESELLER = {
    "id": "5e110000-0000-4000-8000-00000000000b",
    "name": "Quay Resale",
    "relationshipType": "is_indirect_cloud_solution_provider_of",
    "state": "Active",
    "mpnId": "7000002",
    "location": "US",
}


def customer_id(number: int) -> str:
    """Return the tenant id of the n-th sample customer."""
    return f"c0000000-0000-4000-8000-{number:012d}"


def make_customer(number: int, **changes: Any) -> dict[str, Any]:
    """Return a whole customer resource; changes replace its top-level properties."""
    identity = customer_id(number)
    links = {"self": {"uri": f"/customers/{identity}", "method": "GET", "headers": []}}
    customer = {
        "id": identity,
        "commerceId": f"d0000000-0000-4000-8000-{number:012d}",
        "companyProfile": {
            "tenantId": identity,
            "domain": f"sample{number}.onmicrosoft.com",
            "companyName": f"Sample {number}",
            "address": {"country": "US", "city": "Tacoma", "addressLine1": "1 Dock Street"},
            "email": f"office@sample{number}.example",
            "attributes": {"objectType": "CustomerCompanyProfile"},
        },
        "billingProfile": {
            "id": f"b0000000-0000-4000-8000-{number:012d}",
            "email": f"bills@sample{number}.example",
            "culture": "en-US",
            "language": "en",
            "companyName": f"Sample {number}",
            "defaultAddress": {"country": "US", "city": "Tacoma", "addressLine1": "1 Dock Street"},
            "attributes": {"etag": f"-{number}00", "objectType": "CustomerBillingProfile"},
        },
        "relationshipToPartner": "reseller",
        "allowDelegatedAccess": True,
        "customDomains": [f"sample{number}.onmicrosoft.com", f"sample{number}.example"],
        "links": links,
        "attributes": {"objectType": "Customer"},
    }
    return customer | changes


def make_invoice(invoice_id: str, **changes: Any) -> dict[str, Any]:
    """Return an invoice: legacy for ids that begin with D, new commerce otherwise."""
    legacy = invoice_id.startswith("D")
    invoice = {
        "id": invoice_id,
        "invoiceDate": "2026-10-05T00:00:00Z",
        "totalCharges": 100.1,
        "paidAmount": 0.0,
        "currencyCode": "EUR",
        "currencySymbol": "€",
        "taxReceipts": [{"id": "77", "taxReceiptPdfDownloadLink": "/unused"}],
        "documentType": "invoice",
        "invoiceType": "Recurring" if legacy else "OneTime",
        "attributes": {"objectType": "Invoice"},
    }
    return invoice | changes


def make_line(number: int, **changes: Any) -> dict[str, Any]:
    """Return a new-commerce invoice row."""
    line = {
        "customerId": customer_id(1),
        "invoiceNumber": "G1",
        "subscriptionId": f"50000000-0000-4000-8000-{number:012d}",
        "unitPrice": 1.5,
        "quantity": 2,
        "subtotal": 3.0,
        "currency": "EUR",
        "pcToBCExchangeRateDate": "0001-01-01T00:00:00",
        "invoiceLineItemType": "billing_line_items",
        "billingProvider": "one_time",
        "attributes": {"objectType": "OneTimeInvoiceLineItem"},
    }
    return line | changes


def write_world(
    folder: Path,
    *,
    partner: Mapping[str, Any] | None = None,
    faults: list[dict[str, Any]] | None = None,
    lines: Mapping[str, Iterable[Mapping[str, Any]]] | None = None,
    **collections: Iterable[Mapping[str, Any]],
) -> World:
    """Write a world into a folder and open it."""
    (folder / "invoice_lines").mkdir(parents=True, exist_ok=True)
    (folder / "partner.json").write_text(json.dumps({**PARTNER, **(partner or {})}))
    if faults is not None:
        (folder / "faults.json").write_text(json.dumps(faults))
    for name, rows in collections.items():
        _write_rows(folder / f"{name}.jsonl", rows)
    for invoice_id, rows in (lines or {}).items():
        _write_rows(folder / "invoice_lines" / f"{invoice_id}.jsonl", rows)
    return open_world(str(folder), cache=folder / "cache")


def _write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
