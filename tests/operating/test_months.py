"""I14: which month an invoice and a moment belong to, against tables made by hand.

An invoice's days are Microsoft's, in UTC, and mean the same wherever the server stands. Which month
is over is a matter of the reseller's own clock: it is offered for import, and a month that has not
begun there is refused. The database's clock has no say: it goes on meanwhile, years away.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse

from billing.invoices.months import read_month, write_month
from billing.invoices.staging import read_header
from billing.management.commands import import_invoices
from partnercenter.schemas.invoices import read_invoice
from portal.core.access import Role
from portal.core.errors import InvalidInput
from portal.core.identity.models import Reseller
from portal.core.identity.operations import create_reseller
from portal.core.jobs.models import Job
from tests.factories.core import make_person
from tests.factories.tenants import make_connection
from tests.operating.conftest import Figure

ZONES = ("Europe/Amsterdam", "America/New_York", "Pacific/Auckland", "Asia/Kolkata")
SERVERS = ("UTC", *ZONES)

# As Microsoft sends them: the period's two ends and the day of the invoice. Then what is made of
# it: the month it is reported in, and the three days.
PERIODS = """
2026-01-01T00:00:00Z 2026-01-31T23:59:59Z 2026-02-03T08:00:00Z | 2026-01 01-01 01-31 2026-02-03
2026-02-01T00:00:00Z 2026-02-28T23:59:59Z 2026-03-03T08:00:00Z | 2026-02 02-01 02-28 2026-03-03
2024-02-01T00:00:00Z 2024-02-29T23:59:59Z 2024-03-03T08:00:00Z | 2024-02 02-01 02-29 2024-03-03
2024-02-29T00:00:00Z 2024-03-28T23:59:59Z 2024-03-29T08:00:00Z | 2024-02 02-29 03-28 2024-03-29
2024-01-31T00:00:00Z 2024-02-28T23:59:59Z 2024-02-29T00:00:00Z | 2024-01 01-31 02-28 2024-02-29
2026-01-31T00:00:00Z 2026-02-27T23:59:59Z 2026-02-28T00:00:00Z | 2026-01 01-31 02-27 2026-02-28
2026-02-28T00:00:00Z 2026-03-30T23:59:59Z 2026-03-31T00:00:00Z | 2026-02 02-28 03-30 2026-03-31
2026-03-31T00:00:00Z 2026-04-29T23:59:59Z 2026-04-30T00:00:00Z | 2026-03 03-31 04-29 2026-04-30
2026-05-31T23:59:59Z 2026-06-29T23:59:59Z 2026-06-30T00:00:00Z | 2026-05 05-31 06-29 2026-06-30
2026-12-01T00:00:00Z 2026-12-31T23:59:59Z 2027-01-04T08:00:00Z | 2026-12 12-01 12-31 2027-01-04
2026-12-31T23:59:59Z 2027-01-30T23:59:59Z 2027-01-31T00:00:00Z | 2026-12 12-31 01-30 2027-01-31
2027-01-01T00:00:00Z 2027-01-31T23:59:59Z 2027-02-03T08:00:00Z | 2027-01 01-01 01-31 2027-02-03
2026-03-29T00:59:59Z 2026-04-28T23:59:59Z 2026-04-29T00:00:00Z | 2026-03 03-29 04-28 2026-04-29
2026-03-29T01:00:00Z 2026-04-28T23:59:59Z 2026-04-29T00:00:00Z | 2026-03 03-29 04-28 2026-04-29
2026-10-25T00:30:00Z 2026-11-24T23:59:59Z 2026-11-25T00:00:00Z | 2026-10 10-25 11-24 2026-11-25
2026-10-25T01:30:00Z 2026-11-24T23:59:59Z 2026-11-25T00:00:00Z | 2026-10 10-25 11-24 2026-11-25
2026-11-01T05:30:00Z 2026-11-30T23:59:59Z 2026-12-01T00:00:00Z | 2026-11 11-01 11-30 2026-12-01
2026-04-01T00:00:00+02:00 2026-04-30T23:59:59+02:00 - | 2026-03 03-31 04-30 -
2026-04-01T02:00:00+02:00 2026-05-01T01:59:59+02:00 - | 2026-04 04-01 04-30 -
2026-10-31T20:00:00-04:00 2026-11-30T18:59:59-05:00 - | 2026-11 11-01 11-30 -
2026-04-01T12:59:59+13:00 2026-04-30T23:59:59+12:00 - | 2026-03 03-31 04-30 -
2026-04-01T05:30:00+05:30 2026-05-01T05:29:59+05:30 - | 2026-04 04-01 04-30 -
2026-04-01T05:29:59+05:30 2026-05-01T05:29:58+05:30 - | 2026-03 03-31 04-30 -
2026-06-01T00:00:00 2026-06-30T00:00:00 2026-07-02T00:00:00 | 2026-06 06-01 06-30 2026-07-02
2026-06-01 2026-06-30 2026-07-02 | 2026-06 06-01 06-30 2026-07-02
2026-06-01T00:00:00.0000000Z 2026-06-30T23:59:59.9999999Z - | 2026-06 06-01 06-30 -
- 2026-06-30T23:59:59Z 2026-07-02T00:00:00Z | 2026-06 - 06-30 2026-07-02
- - 2024-02-29T23:59:59Z | 2024-02 - - 2024-02-29
- - 2026-07-31T23:59:59Z | 2026-07 - - 2026-07-31
0001-01-01T00:00:00Z 9999-12-31T00:00:00Z 2026-08-31T12:00:00Z | 2026-08 - - 2026-08-31
2026-02-29T00:00:00Z 2026-03-28T00:00:00Z - | 2026-03 - 03-28 -
- - - | no -
""".strip().splitlines()

# A moment in UTC, the reseller's zone, and what its clock says; then the month that is offered,
# the last that is over, and the newest that has begun.
MOMENTS = """
2026-01-31T22:59:59 Europe/Amsterdam 01-31T23:59:59 | 2025-12 2026-01
2026-01-31T23:00:00 Europe/Amsterdam 02-01T00:00:00 | 2026-01 2026-02
2026-02-28T22:59:59 Europe/Amsterdam 02-28T23:59:59 | 2026-01 2026-02
2026-02-28T23:00:00 Europe/Amsterdam 03-01T00:00:00 | 2026-02 2026-03
2024-02-28T23:00:00 Europe/Amsterdam 02-29T00:00:00 | 2024-01 2024-02
2024-02-29T22:59:59 Europe/Amsterdam 02-29T23:59:59 | 2024-01 2024-02
2024-02-29T23:00:00 Europe/Amsterdam 03-01T00:00:00 | 2024-02 2024-03
2026-03-29T00:59:59 Europe/Amsterdam 03-29T01:59:59 | 2026-02 2026-03
2026-03-29T01:00:00 Europe/Amsterdam 03-29T03:00:00 | 2026-02 2026-03
2026-03-31T21:59:59 Europe/Amsterdam 03-31T23:59:59 | 2026-02 2026-03
2026-03-31T22:00:00 Europe/Amsterdam 04-01T00:00:00 | 2026-03 2026-04
2026-10-25T00:30:00 Europe/Amsterdam 10-25T02:30:00 | 2026-09 2026-10
2026-10-25T01:30:00 Europe/Amsterdam 10-25T02:30:00 | 2026-09 2026-10
2026-10-31T22:59:59 Europe/Amsterdam 10-31T23:59:59 | 2026-09 2026-10
2026-10-31T23:00:00 Europe/Amsterdam 11-01T00:00:00 | 2026-10 2026-11
2025-12-31T22:59:59 Europe/Amsterdam 12-31T23:59:59 | 2025-11 2025-12
2025-12-31T23:00:00 Europe/Amsterdam 01-01T00:00:00 | 2025-12 2026-01
2026-02-01T04:59:59 America/New_York 01-31T23:59:59 | 2025-12 2026-01
2026-02-01T05:00:00 America/New_York 02-01T00:00:00 | 2026-01 2026-02
2024-03-01T04:59:59 America/New_York 02-29T23:59:59 | 2024-01 2024-02
2024-03-01T05:00:00 America/New_York 03-01T00:00:00 | 2024-02 2024-03
2026-03-08T06:59:59 America/New_York 03-08T01:59:59 | 2026-02 2026-03
2026-03-08T07:00:00 America/New_York 03-08T03:00:00 | 2026-02 2026-03
2026-04-01T03:59:59 America/New_York 03-31T23:59:59 | 2026-02 2026-03
2026-04-01T04:00:00 America/New_York 04-01T00:00:00 | 2026-03 2026-04
2026-11-01T03:59:59 America/New_York 10-31T23:59:59 | 2026-09 2026-10
2026-11-01T04:00:00 America/New_York 11-01T00:00:00 | 2026-10 2026-11
2026-11-01T05:30:00 America/New_York 11-01T01:30:00 | 2026-10 2026-11
2026-11-01T06:30:00 America/New_York 11-01T01:30:00 | 2026-10 2026-11
2026-01-01T04:59:59 America/New_York 12-31T23:59:59 | 2025-11 2025-12
2026-01-01T05:00:00 America/New_York 01-01T00:00:00 | 2025-12 2026-01
2026-01-31T10:59:59 Pacific/Auckland 01-31T23:59:59 | 2025-12 2026-01
2026-01-31T11:00:00 Pacific/Auckland 02-01T00:00:00 | 2026-01 2026-02
2026-02-28T10:59:59 Pacific/Auckland 02-28T23:59:59 | 2026-01 2026-02
2026-02-28T11:00:00 Pacific/Auckland 03-01T00:00:00 | 2026-02 2026-03
2024-02-29T10:59:59 Pacific/Auckland 02-29T23:59:59 | 2024-01 2024-02
2024-02-29T11:00:00 Pacific/Auckland 03-01T00:00:00 | 2024-02 2024-03
2026-04-04T13:30:00 Pacific/Auckland 04-05T02:30:00 | 2026-03 2026-04
2026-04-04T14:30:00 Pacific/Auckland 04-05T02:30:00 | 2026-03 2026-04
2026-04-30T11:59:59 Pacific/Auckland 04-30T23:59:59 | 2026-03 2026-04
2026-04-30T12:00:00 Pacific/Auckland 05-01T00:00:00 | 2026-04 2026-05
2026-09-26T13:59:59 Pacific/Auckland 09-27T01:59:59 | 2026-08 2026-09
2026-09-26T14:00:00 Pacific/Auckland 09-27T03:00:00 | 2026-08 2026-09
2026-09-30T10:59:59 Pacific/Auckland 09-30T23:59:59 | 2026-08 2026-09
2026-09-30T11:00:00 Pacific/Auckland 10-01T00:00:00 | 2026-09 2026-10
2025-12-31T11:00:00 Pacific/Auckland 01-01T00:00:00 | 2025-12 2026-01
2026-01-31T18:29:59 Asia/Kolkata 01-31T23:59:59 | 2025-12 2026-01
2026-01-31T18:30:00 Asia/Kolkata 02-01T00:00:00 | 2026-01 2026-02
2024-02-28T18:30:00 Asia/Kolkata 02-29T00:00:00 | 2024-01 2024-02
2024-02-29T18:29:59 Asia/Kolkata 02-29T23:59:59 | 2024-01 2024-02
2024-02-29T18:30:00 Asia/Kolkata 03-01T00:00:00 | 2024-02 2024-03
2026-03-31T18:30:00 Asia/Kolkata 04-01T00:00:00 | 2026-03 2026-04
2025-12-31T18:29:59 Asia/Kolkata 12-31T23:59:59 | 2025-11 2025-12
2025-12-31T18:30:00 Asia/Kolkata 01-01T00:00:00 | 2025-12 2026-01
""".strip().splitlines()


@dataclass(frozen=True, slots=True)
class Moment:
    """One row of the second table."""

    at: datetime
    zone: str
    there: str
    offered: str
    newest: str

    @classmethod
    def of(cls, row: str) -> "Moment":
        given, expected = row.split(" | ")
        at, zone, there = given.split()
        return cls(datetime.fromisoformat(at).replace(tzinfo=UTC), zone, there, *expected.split())

    @property
    def next_month(self) -> str:
        year, month = map(int, self.newest.split("-"))
        return f"{year + month // 12}-{month % 12 + 1:02}"


@contextmanager
def server_in(zone: str) -> Iterator[None]:
    """Let this process live in another zone, as one started there would without Django's care."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ["TZ"] = before or "UTC"
        time.tzset()


def as_reported(row: str) -> str:
    """Return what the portal makes of an invoice, written as the table writes it."""
    start, end, written = (None if text == "-" else text for text in row.split(" | ")[0].split())
    header = read_invoice(
        {
            "id": "G000000001",
            "totalCharges": Decimal("1.00"),
            "currencyCode": "EUR",
            "billingPeriodStartDate": start,
            "billingPeriodEndDate": end,
            "invoiceDate": written,
        }
    )
    try:
        invoice = read_header(header)
    except InvalidInput:
        return "no -"
    days = [invoice.period_start, invoice.period_end]
    short = [day.isoformat()[5:] if day else "-" for day in days]
    dated = invoice.invoice_date.isoformat() if invoice.invoice_date else "-"
    return f"{write_month(invoice.month)} {' '.join(short)} {dated}"


def test_i14_an_invoice_belongs_to_the_same_month_wherever_the_server_stands(
    figure: Figure,
) -> None:
    right = 0
    for server in SERVERS:
        with server_in(server):
            for row in PERIODS:
                assert as_reported(row) == row.split(" | ")[1], f"{row} on a server in {server}"
                right += 1
    figure(
        f"I14: {right} of {len(SERVERS) * len(PERIODS)} periods ({len(PERIODS)} rows, servers in"
        f" {len(SERVERS)} zones) are those of the hand-made table"
    )


@pytest.mark.django_db(transaction=True)
def test_i14_a_month_is_over_when_it_is_for_the_reseller(figure: Figure) -> None:
    resellers = {zone: reseller_in(zone) for zone in ZONES}
    right = 0
    for number, row in enumerate(map(Moment.of, MOMENTS)):
        local = row.at.astimezone(ZoneInfo(row.zone))
        assert local.strftime("%m-%dT%H:%M:%S") == row.there, "the table itself is wrong"
        server = ZoneInfo(SERVERS[number % len(SERVERS)])
        with time_machine.travel(row.at.astimezone(server), tick=False):
            assert asked(resellers[row.zone], row) == (row.offered, 202, 400), row
        right += 1
    assert len(PERIODS) + right >= 60
    figure(
        f"I14: {right} of {len(MOMENTS)} moments in {len(ZONES)} zones offer the month that is over"
        " and refuse the one to come"
    )


def reseller_in(zone: str) -> Reseller:
    return create_reseller(
        name=zone,
        slug=zone.lower().replace("/", "-").replace("_", "-"),
        currency="EUR",
        locale="en_GB",
        time_zone=zone,
    )


def asked(reseller: Reseller, row: Moment) -> tuple[str, int, int]:
    """Return the month the form offers, and how importing the newest and the next is answered."""
    finance, source = make_person(reseller, Role.FINANCE), make_connection(reseller)
    client = finance.client()
    form = client.get(reverse("invoices:import")).context["form"]
    statuses = [
        client.post(
            reverse("api:invoices-list"),
            {"connection": str(source.pk), "month": month},
            content_type="application/json",
        ).status_code
        for month in (row.newest, row.next_month)
    ]
    return form["month"].value(), statuses[0], statuses[1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_i14_five_minutes_between_the_clocks_move_no_month(minutes: int) -> None:
    """Away from midnight nothing changes; at midnight the web's clock decides, never both."""
    reseller = reseller_in("Europe/Amsterdam")
    noon = datetime(2026, 6, 15, 10, tzinfo=UTC)
    midnight = datetime(2026, 5, 31, 22, tzinfo=UTC)
    for moment, offered in (
        (noon, "2026-05"),
        (midnight, "2026-04" if minutes < 0 else "2026-05"),
    ):
        at = moment + timedelta(minutes=minutes)
        newest = "2026-06" if offered == "2026-05" else "2026-05"
        row = Moment(at, "Europe/Amsterdam", "", offered, newest)
        with time_machine.travel(at, tick=False):
            assert asked(reseller, row) == (offered, 202, 400)


@pytest.mark.django_db(transaction=True)
def test_i14_the_command_too_goes_by_the_resellers_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    reseller = reseller_in("Pacific/Auckland")
    make_connection(reseller)
    monkeypatch.setattr(import_invoices, "follow", lambda *_, **__: Job(state=Job.State.DONE))
    said = StringIO()
    arguments = ["import_invoices", "--reseller", reseller.slug, "--month"]
    with time_machine.travel(datetime(2026, 9, 30, 11, tzinfo=UTC), tick=False):
        with pytest.raises(CommandError, match="2026-11 has not begun"):
            call_command(*arguments, "2026-11", stdout=said)
        call_command(*arguments, "2026-10", stdout=said)
    assert "has not begun" not in said.getvalue()


@pytest.mark.parametrize("day", [date(1, 1, 1), date(999, 12, 31), date(2024, 2, 29), date.max])
def test_a_month_that_is_written_is_read_again(day: date) -> None:
    assert read_month(write_month(day)) == day.replace(day=1)
