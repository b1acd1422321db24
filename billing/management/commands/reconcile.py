"""Print how a month's invoices come out: assigned, unassigned, adjustments, difference."""

import csv
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from billing.invoices.amounts import plain
from billing.invoices.months import read_month, write_month
from billing.reconciliation.queries import reconcile
from billing.reconciliation.reconcile import Reconciliation
from portal.core.access import acting, system_actor
from portal.core.errors import PortalError
from portal.core.management.foreground import reseller_called

COLUMNS = (
    "invoice",
    "currency",
    "invoice_total",
    "assigned",
    "unassigned",
    "adjustments",
    "difference",
)


class Command(BaseCommand):
    help = (
        "Compare a month's invoices with what is assigned to organizations, unassigned and"
        " adjusted. Ends with an error when a difference is left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reseller", required=True, metavar="SLUG")
        parser.add_argument("--month", required=True, metavar="YYYY-MM")
        parser.add_argument("--format", choices=("csv", "json"), default="csv")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per invoice and currency."""
        reseller = reseller_called(options["reseller"], to_change=False)
        actor = system_actor(reseller.pk, "reconcile")
        try:
            month = read_month(options["month"])
        except PortalError as error:
            raise CommandError(error.detail) from None
        with acting(actor), transaction.atomic():
            parts = reconcile(actor, month=month)
        if not parts:
            raise CommandError(
                f"There is no invoice of {write_month(month)} here. Import it first with"
                f" import_invoices --reseller {reseller.slug} --month {write_month(month)}."
            )
        rows = [_row(part) for part in parts]
        if options["format"] == "json":
            self.stdout.write(json.dumps(rows, indent=2))
        else:
            writer = csv.DictWriter(self.stdout, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        wrong = [part for part in parts if part.difference]
        if wrong:
            raise CommandError(
                "A difference is left on "
                + ", ".join(
                    f"{part.invoice} ({plain(part.difference)} {part.currency})" for part in wrong
                )
                + "."
            )


def _row(part: Reconciliation) -> dict[str, str]:
    return {
        "invoice": part.invoice,
        "currency": part.currency,
        "invoice_total": plain(part.invoice_total),
        "assigned": plain(part.assigned),
        "unassigned": plain(part.unassigned),
        "adjustments": plain(part.adjustments),
        "difference": plain(part.difference),
    }
