"""Recordings of invoices and their line items."""

import copy
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from tests.partnercenter.simulator.calls import Caller
from tests.partnercenter.simulator.replay.stage import Stage
from tests.partnercenter.simulator.sample_worlds import make_invoice


def stage_invoices(stage: Stage) -> None:
    if isinstance(stage.body, str):
        stage.world["invoices"] = [make_invoice("G000024135", taxReceipts=[{"id": "123456"}])]
    elif stage.recording["name"].startswith("get-invoice-summaries"):
        stage.world["invoices"] = [
            make_invoice(
                f"{'D' if one['invoiceType'] == 'Recurring' else 'G'}{at}{number}",
                currencyCode=summary["currencyCode"],
                paidAmount=one["summary"]["lastPaymentAmount"],
            )
            for at, summary in enumerate(stage.body["items"])
            for number, one in enumerate(summary["details"])
        ]
    elif "items" in stage.body:
        rows = copy.deepcopy(stage.body["items"])
        if "next" in stage.body["links"]:
            # The page's request asks for 200, so more than that many there must be.
            rows += [make_invoice(f"D9{number:04d}") for number in range(200)]
        stage.world["invoices"] = rows
    else:
        stage.world["invoices"] = [stage.body]


def stage_line_items(stage: Stage) -> None:
    parts = urlsplit(stage.request["path"])
    query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
    invoice_id = parts.path.split("/")[3]
    period = query.get("period", "")
    file = f"unbilled-{period}" if invoice_id == "unbilled" else invoice_id
    rows = copy.deepcopy(stage.body["items"])
    following = "MS-ContinuationToken" in stage.request["headers"]
    more = "next" in stage.body["links"]
    size = int(query.get("size", len(rows)))
    first = rows * (size // len(rows) + 1) if following else []
    first = first[: size if following else 0]
    filler = rows * (size // len(rows) + 1) if more else []
    stage.world["invoices"] = [make_invoice(invoice_id)] if invoice_id != "unbilled" else []
    stage.world["lines"] = {file: [*first, *rows, *filler]}
    if stage.recording["name"].startswith("get-invoice-unbilled-recon") and "Usage" in parts.query:
        # These two ask for usage and show billing rows; their own `self` link asks for those.
        stage.path = stage.request["path"].replace("UsageLineItems", "BillingLineItems")
    if following:
        stage.prepare = lambda simulator, caller, headers: headers.update(
            {"MS-ContinuationToken": token_of_first_page(stage, caller, len(first))}
        )


def token_of_first_page(stage: Stage, caller: Caller, size: int) -> str:
    """Return this simulator's token in place of the recorded one, which is opaque and foreign."""
    path, _, query = (stage.path or stage.request["path"]).partition("?")
    kept = [part for part in query.split("&") if not part.lower().startswith(("size", "seek"))]
    body = caller.get(f"{path}?{'&'.join([*kept, f'size={size}'])}").json()
    return str(body["links"]["next"]["headers"][0]["value"])


STAGES: dict[str, Callable[[Stage], None]] = {
    "invoices": stage_invoices,
    "invoice-line-items": stage_line_items,
}
DIFFERENCES: dict[str, dict[str, str]] = {}
