"""Writes a crowd of customers with everything they bought and were billed for, group by group.

Rows are shared out within groups of customers, so that the wanted number is met exactly while a
few customers have many rows and some have none, and no more than one group is ever in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TextIO

from partnercenter.simulator.worlds.azure import (
    azure_subscription,
    entitlements,
    meters,
    usage_records,
    uses_azure,
)
from partnercenter.simulator.worlds.billing_months import billed_months
from partnercenter.simulator.worlds.chance import source
from partnercenter.simulator.worlds.companies import Company, customer_resource, make_company
from partnercenter.simulator.worlds.files import as_line, open_lines, write_lines
from partnercenter.simulator.worlds.folder import Partner
from partnercenter.simulator.worlds.invoices import InvoiceBook
from partnercenter.simulator.worlds.lines import (
    Biller,
    company_part,
    legacy_row,
    seats_part,
    seats_row,
)
from partnercenter.simulator.worlds.markets import MARKET_OF
from partnercenter.simulator.worlds.orders import WITH_ORDERS, order_resource
from partnercenter.simulator.worlds.stories import LegacySeats, Story, tell_stories
from partnercenter.simulator.worlds.subscriptions import subscription_resource

# Each group also bills one customer who has left and is no longer in the list.
_GROUP = 50


class Crowd:
    """The customers of a world by number; numbers past the count are customers who have left."""

    def __init__(
        self,
        count: int,
        *,
        seed: int,
        home: str,
        hostile: int,
        reseller_mpns: tuple[str, ...],
    ) -> None:
        self.count = count
        self._seed = seed
        self._home = home
        self._reseller_mpns = reseller_mpns
        # Spread evenly, and not at the very start where every screenshot would show them.
        wanted = min(hostile, count)
        self._hostile = {(2 * place + 1) * count // (2 * wanted): place for place in range(wanted)}

    def company(self, number: int) -> tuple[Company, Random]:
        """Invent customer `number`, with the source of chance that makes its resource."""
        return make_company(
            number,
            seed=self._seed,
            home=self._home,
            reseller_mpns=self._reseller_mpns,
            hostile=self._hostile.get(number),
        )


class Ledger:
    """Writes customers, subscriptions, rows and invoice headers of one world, group by group."""

    def __init__(
        self,
        folder: Path,
        *,
        partner: Partner,
        today: date,
        seed: int,
        money_as_text: bool,
    ) -> None:
        market = MARKET_OF[partner.country]
        self._folder = folder
        self._today = today
        self._seed = seed
        self._months = billed_months(today=today, currency=market.currency, seed=seed)
        self._biller = Biller(
            partner_id=partner.tenant_id,
            mpn_id=partner.mpn_id,
            currency=market.currency,
            tax=Decimal(market.vat),
            money_as_text=money_as_text,
        )

    def write(self, crowd: Crowd, *, lines: int) -> None:
        """Write every customer, and exactly `lines` invoice rows with what belongs to them."""
        with open_lines(self._folder / "customers.jsonl") as customers:
            for number in range(crowd.count):
                company, rng = crowd.company(number)
                customers.write(as_line(customer_resource(company, rng)))
        book = InvoiceBook(
            folder=self._folder / "invoice_lines",
            months=self._months,
            seed=self._seed,
            currency=self._biller.currency,
            today=self._today,
        )
        with (
            book,
            open_lines(self._folder / "subscriptions.jsonl") as subscriptions,
            open_lines(self._folder / "orders.jsonl") as orders,
        ):
            for company, stories in self._told(crowd, lines):
                for story in stories:
                    if company.number < crowd.count:
                        content = subscription_resource(company, story[0], today=self._today)
                        subscriptions.write(as_line(content))
                        if company.number < WITH_ORDERS:
                            orders.write(as_line(order_resource(company, story[0], content)))
                    self._bill(book, company, story)
            self._write_azure(crowd, subscriptions, orders)
        with open_lines(self._folder / "invoices.jsonl") as invoices:
            invoices.writelines(f"{header}\n" for header in book.headers())

    def _write_azure(self, crowd: Crowd, subscriptions: TextIO, orders: TextIO) -> None:
        write_lines(self._folder / "meters.jsonl", meters())
        with (
            open_lines(self._folder / "usage.jsonl") as usage,
            open_lines(self._folder / "entitlements.jsonl") as entitled,
        ):
            for number in filter(uses_azure, range(crowd.count)):
                company, _ = crowd.company(number)
                content = azure_subscription(company, today=self._today)
                subscriptions.write(as_line(content))
                orders.write(as_line(order_resource(company, None, content)))
                records = usage_records(
                    company, content, today=self._today, currency=self._biller.currency
                )
                usage.writelines(map(as_line, records))
                rows = entitlements(company, content, today=self._today)
                entitled.writelines(map(as_line, rows))

    def _told(self, crowd: Crowd, lines: int) -> Iterator[tuple[Company, Iterator[Story]]]:
        for group, first in enumerate(range(0, crowd.count, _GROUP)):
            last = min(first + _GROUP, crowd.count)
            budget = lines * last // crowd.count - lines * first // crowd.count
            rng = source(f"{self._seed}/billing/{group}")
            numbers = [*range(first, last), crowd.count + group]
            shares = _share_out(budget, len(numbers), rng)
            legacy = next((at for at, share in enumerate(shares) if share), 0)
            for at, (number, share) in enumerate(zip(numbers, shares, strict=True)):
                if not share:
                    continue
                company, _ = crowd.company(number)
                stories = tell_stories(
                    share, months=self._months, rng=rng, legacy_first=at == legacy
                )
                yield company, stories

    def _bill(self, book: InvoiceBook, company: Company, story: Story) -> None:
        subscription, charges = story
        if isinstance(subscription, LegacySeats):
            for charge in charges:
                rate = self._months[charge.month].rates["EUR"]
                row, total = legacy_row(self._biller, company, subscription, charge, rate)
                book.legacy.write(row, total)
            return
        shared = f"{company_part(self._biller, company)},{seats_part(company, subscription)}"
        for charge in charges:
            month = self._months[charge.month]
            invoice = book.by_month[charge.month]
            row, total = seats_row(self._biller, company, subscription, charge, month)
            invoice.write(f'"invoiceNumber":"{invoice.id}",{shared},{row}', total)


def _share_out(budget: int, count: int, rng: Random) -> list[int]:
    """Share `budget` rows among `count` customers: a few have many, some none; the sum is exact.

    The last place is the customer who has left: it gets a small, steady part.
    """
    weights = [
        0.0 if rng.random() < 0.1 else min(rng.paretovariate(1.3), 25.0) for _ in range(count - 1)
    ]
    weights.append(max(sum(weights) / 50, 1.0))
    whole = sum(weights)
    shares: list[int] = []
    reached = 0.0
    given = 0
    for weight in weights[:-1]:
        reached += weight
        upto = int(budget * reached / whole)
        shares.append(upto - given)
        given = upto
    return [*shares, budget - given]
