"""Recordings of the billing export: Microsoft Graph's, and the preview it replaced."""

from collections.abc import Callable

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import GRAPH, Caller
from tests.partnercenter.simulator.exporting import BILLED, finish, manifest_of, path_of, submit
from tests.partnercenter.simulator.replay.stage import Stage
from tests.partnercenter.simulator.sample_worlds import make_invoice, make_line

USAGE = {"invoiceLineItemType": "usage_line_items", "billingProvider": "marketplace"}
INVOICES = ("G016907411", "G000024135")


def stage_graph_billing(stage: Stage) -> None:
    name = stage.recording["name"]
    rows = [make_line(1), *(make_line(number, **USAGE) for number in (2, 3))]
    stage.world["invoices"] = [make_invoice(one) for one in INVOICES]
    stage.world["lines"] = dict.fromkeys((*INVOICES, "unbilled-current"), rows)
    if name.startswith("beta"):
        # This manifest has three blobs, so each row becomes one.
        stage.switches["blob_rows"] = 1
        stage.prepare = lambda simulator, caller, headers: prepare_retired(stage, caller)
        return
    stage.signed_in = {"resource": GRAPH}
    stage.switches["manifest"] = "link" if name.startswith("operation") else "inline"
    stage.prepare = lambda simulator, caller, headers: prepare_graph(stage, simulator, caller)


def prepare_graph(stage: Stage, simulator: Simulator, caller: Caller) -> None:
    """Ask for the export whose operation or manifest was recorded; its id is the simulator's."""
    name = stage.recording["name"]
    if name.startswith("operation"):
        invoice = "G404" if name.endswith("failed") else INVOICES[0]
        stage.path = submit(caller, BILLED, invoiceId=invoice)
        finish(caller, stage.path)
    elif name == "manifest":
        manifest = manifest_of(caller, BILLED, invoiceId=INVOICES[0])
        stage.path = stage.request["path"].rsplit("/", 1)[0] + f"/{manifest['id']}"


def prepare_retired(stage: Stage, caller: Caller) -> None:
    """Ask for the export whose operation or manifest was recorded; its id is the simulator's."""
    if stage.request["method"] == "POST":
        return
    accepted = caller.post(f"/v1/billedusage/invoices/{INVOICES[0]}?fragment=full")
    stage.path = path_of(accepted.headers["operation-location"])
    ended = finish(caller, stage.path)
    if "manifest" in stage.recording["name"]:
        stage.path = path_of(ended["resourceLocation"])


STAGES: dict[str, Callable[[Stage], None]] = {"graph-billing": stage_graph_billing}
DIFFERENCES: dict[str, dict[str, str]] = {}
