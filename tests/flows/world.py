"""The partner of the story: three customers, one of them with a hostile name, and one invoice."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests

from partnercenter.simulator import Simulator
from partnercenter.simulator.worlds import World, open_world
from partnercenter.wsgi_adapter import WSGIAdapter
from tests.billing.worlds import PARTNER, invoice, line

MONTH = "2026-09"
NUMBER = "G000000001"
HOSTILE = "Snow & <script>alert(1)</script> Ltd"


def microsoft_id(number: int) -> str:
    """Return the tenant id of the n-th customer."""
    return f"c7000000-0000-4000-8000-{number:012d}"


NAMES = {1: "Harbour Bakery", 2: "Fjord Foods", 3: HOSTILE}
CHARGES = {1: Decimal("120.50"), 2: Decimal("79.25"), 3: Decimal("0.25")}
TOTAL = sum(CHARGES.values(), Decimal(0))


def small_business(folder: Path) -> World:
    """Write the world and open it."""
    folder = folder / "world"
    (folder / "invoice_lines").mkdir(parents=True)
    lines = [
        line(number, subtotal=amount, customerId=microsoft_id(number), customerName=NAMES[number])
        for number, amount in CHARGES.items()
    ]
    (folder / "partner.json").write_text(json.dumps(PARTNER))
    _write(folder / "customers.jsonl", [_customer(number) for number in NAMES])
    _write(folder / "invoices.jsonl", [invoice(NUMBER, lines, month=MONTH)])
    _write(folder / "invoice_lines" / f"{NUMBER}.jsonl", lines)
    return open_world(str(folder), cache=folder / "cache")


class InProcess:
    """The simulator, reached without a port."""

    def __init__(self, world: World) -> None:
        self.simulator = Simulator(world)

    def session(self) -> requests.Session:
        """Open a session in which every address leads to the simulator."""
        session = requests.Session()
        for prefix in ("http://", "https://"):
            session.mount(prefix, WSGIAdapter(self.simulator.wsgi))
        return session


def _customer(number: int) -> dict[str, Any]:
    identity = microsoft_id(number)
    domain = f"customer{number}.example.com"
    return {
        "id": identity,
        "commerceId": identity,
        "companyProfile": {
            "tenantId": identity,
            "domain": domain,
            "companyName": NAMES[number],
        },
        "billingProfile": {
            "id": identity,
            "firstName": "Kim",
            "lastName": "Berg",
            "email": f"kim@{domain}",
            "companyName": NAMES[number],
            "defaultAddress": {
                "country": "NL",
                "city": "Rotterdam",
                "addressLine1": f"Kade {number}",
                "postalCode": "3011 AA",
                "phoneNumber": "+31 10 123 4567",
            },
        },
        "relationshipToPartner": "reseller",
    }


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, default=float) + "\n" for row in rows)
