"""Small months of invoices for the simulator, and a client that reaches it in this process."""

import itertools
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests

from partnercenter.client import RetryPolicy
from partnercenter.simulator import Simulator
from partnercenter.simulator.worlds import World, open_world
from partnercenter.wsgi_adapter import WSGIAdapter
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tests.factories.tenants import make_connection

PARTNER = {
    "tenantId": "7b1f0000-0000-4000-8000-00000000000a",
    "companyName": "Lantern Cloud",
    "country": "NL",
    "domain": "lanterncloud.onmicrosoft.com",
    "program": "direct",
    "mpnId": "7000011",
    "clientId": "demo",
    "clientSecret": "demo",
    "sandbox": False,
}
QUICK = RetryPolicy(tries=1)
_numbers = itertools.count(1)


def customer(number: int) -> str:
    """Return the Microsoft id of the n-th customer."""
    return f"c5000000-0000-4000-8000-{number:012d}"


def line(number: int, **changes: Any) -> dict[str, Any]:
    """Return a line of new commerce; ``subtotal``, ``tax`` and ``total`` are Decimals or texts."""
    subtotal = Decimal(str(changes.pop("subtotal", "10.00")))
    tax = Decimal(str(changes.pop("tax", "0")))
    row = {
        "customerId": customer(1),
        "customerName": "Sail & Rope",
        "customerDomainName": "sailrope.example",
        "subscriptionId": f"50000000-0000-4000-8000-{number:012d}",
        "productName": "Cloud seats",
        "skuId": "0001",
        "chargeType": "cycleCharge",
        "unitPrice": subtotal,
        "quantity": 1,
        "subtotal": subtotal,
        "taxTotal": tax,
        "totalForCustomer": subtotal + tax,
        "currency": "EUR",
        "chargeStartDate": "2026-09-01T00:00:00Z",
        "chargeEndDate": "2026-09-30T00:00:00Z",
        "invoiceLineItemType": "billing_line_items",
        "billingProvider": "one_time",
        "attributes": {"objectType": "OneTimeInvoiceLineItem"},
    }
    return row | changes


def invoice(
    number: str, lines: Iterable[Mapping[str, Any]], *, month: str = "2026-09", **changes: Any
) -> dict[str, Any]:
    """Return the header of an invoice with these lines."""
    legacy = number.startswith("D")
    provider = "office" if legacy else "one_time"
    header = {
        "id": number,
        "invoiceDate": f"{month}-08T00:00:00Z",
        "billingPeriodStartDate": f"{month}-01T00:00:00Z",
        "billingPeriodEndDate": f"{month}-28T00:00:00Z",
        "totalCharges": sum((Decimal(str(row["totalForCustomer"])) for row in lines), Decimal(0)),
        "paidAmount": 0,
        "currencyCode": "EUR",
        "invoiceDetails": [
            {"invoiceLineItemType": "billing_line_items", "billingProvider": provider}
        ],
        "documentType": "invoice",
        "invoiceType": "Recurring" if legacy else "OneTime",
        "attributes": {"objectType": "Invoice"},
    }
    return header | changes


def write_invoices(
    folder: Path,
    invoices: Iterable[tuple[Mapping[str, Any], Iterable[Mapping[str, Any]]]],
    *,
    partner: Mapping[str, Any] | None = None,
) -> World:
    """Write a world of invoices with their lines into a new folder and open it."""
    folder = folder / f"world-{next(_numbers)}"
    (folder / "invoice_lines").mkdir(parents=True)
    (folder / "partner.json").write_text(json.dumps({**PARTNER, **(partner or {})}))
    headers = []
    for header, lines in invoices:
        headers.append(header)
        _write(folder / "invoice_lines" / f"{header['id']}.jsonl", lines)
    _write(folder / "invoices.jsonl", headers)
    return open_world(str(folder), cache=folder / "cache")


def month_of(numbers: Mapping[str, list[dict[str, Any]]], **header: Any) -> list[Any]:
    """Return invoices by number with their lines, as `write_invoices` takes them."""
    return [(invoice(number, lines, **header), lines) for number, lines in numbers.items()]


class Center:
    """A simulator that can be given another world while connections keep leading to it."""

    def __init__(self, world: World) -> None:
        self.simulator = Simulator(world)

    def show(self, world: World) -> None:
        """Let Partner Center have another content from now on."""
        self.simulator = Simulator(world)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.simulator.wsgi(environ, start_response)

    def session(self) -> requests.Session:
        session = requests.Session()
        for prefix in ("http://", "https://"):
            session.mount(prefix, WSGIAdapter(self))
        return session

    def connect(self, reseller: Reseller, **options: Any) -> Connection:
        """Add a connection to the partner of the world."""
        partner = self.simulator.site.world.partner
        return make_connection(
            reseller,
            partner_tenant=partner.tenant_id,
            client_id=partner.client_id,
            secret=partner.client_secret,
            **options,
        )


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_dump(row) + "\n" for row in rows)


def _dump(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(k)}:{_dump(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return f"[{','.join(_dump(item) for item in value)}]"
    return json.dumps(value)
