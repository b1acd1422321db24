"""Money: invoices and their lines, exports through Graph, usage and budgets."""

from decimal import Decimal

import pytest

from partnercenter import errors
from partnercenter.simulator.worlds.billing_months import exchange_rate
from tests.partnercenter.joint.office import Office, OpenOffice, key
from tests.partnercenter.joint.stories.buying import CUSTOMER, buy, seats
from tests.partnercenter.simulator.test_usage import OLD, PLAN, SECOND
from tests.partnercenter.simulator.test_usage import WORLD as USAGE_WORLD


def _finished(office: Office, place: str) -> object:
    export = office.app.billing_export
    states = [export.operation(place)]
    while not states[-1].is_done:
        states.append(export.operation(place))
    return states[-1]


def story_purchase_is_unbilled_then_invoiced(open_office: OpenOffice) -> None:
    office = open_office(switches={"invoice_day": 3, "blob_rows": 2})
    export, partner = office.app.billing_export, office.simulator.site.world.partner.tenant_id
    order = buy(office, seats(5))
    asked = export.request_unbilled("usd")
    assert not export.operation(asked.place).is_done
    done = export.operation(asked.place)
    found = export.manifest(done, partner_tenant=partner)
    (line,) = export.lines(found)
    assert (line.raw["OrderId"].lower(), line.total) == (order.id, Decimal("50.00"))
    with pytest.raises(errors.MixedUpAnswer):
        export.manifest(done, partner_tenant=key())

    office.advance(days=14)
    (invoice,) = office.app.invoices.list(size=1)
    assert (invoice.total, invoice.currency) == (Decimal("50.00"), "USD")
    assert office.person.invoices.get(invoice.id).total == invoice.total
    (detail,) = invoice.details
    lines = [
        line
        for page in office.app.invoices.line_items(
            invoice.id, detail.provider, detail.line_item_type, currency=invoice.currency
        )
        for line in page.items
    ]
    assert [line.total for line in lines] == [Decimal("50.00")]
    asked = export.request_billed(invoice.id, basic=True)
    export.operation(asked.place)
    billed = export.manifest(export.operation(asked.place), partner_tenant=partner)
    assert sum(line.total for line in export.lines(billed, invoice_id=invoice.id)) == invoice.total


def story_amounts_as_text_are_the_same_amounts(open_office: OpenOffice) -> None:
    office = open_office(switches={"one_time_numbers_as_strings": True, "bom": True})
    buy(office, seats(3))
    office.advance(days=14)
    (invoice,) = office.app.invoices.list()
    (detail,) = invoice.details
    (page,) = office.app.invoices.line_items(
        invoice.id, detail.provider, detail.line_item_type, currency="USD"
    )
    assert isinstance(page.items[0].raw["totalForCustomer"], str)
    assert page.items[0].total == invoice.total == Decimal("30.00")


def story_export_ends_and_must_be_asked_for_again(open_office: OpenOffice) -> None:
    office = open_office(
        switches={"export_queue_seconds": 30, "export_seconds": 60, "operation_seconds": 3600}
    )
    export = office.app.billing_export
    buy(office, seats(3))
    asked = export.request_unbilled("USD")
    waiting = export.operation(asked.place)
    assert (waiting.is_done, waiting.status) == (False, "notStarted")
    office.advance(seconds=100)
    assert export.operation(asked.place).status == "running"
    assert export.operation(asked.place).is_done
    office.advance(hours=2)
    with pytest.raises(errors.ExportExpired):
        export.operation(asked.place)


def story_signed_address_of_files_ends(open_office: OpenOffice) -> None:
    office = open_office(switches={"sas_seconds": 600})
    export = office.app.billing_export
    buy(office, seats(3))
    asked = export.request_unbilled("USD")
    export.operation(asked.place)
    partner = office.simulator.site.world.partner.tenant_id
    found = export.manifest(export.operation(asked.place), partner_tenant=partner)
    assert len(list(export.lines(found))) == 1
    office.advance(minutes=11)
    with pytest.raises(errors.ExportExpired):
        list(export.lines(found))


def story_usage_is_added_up_and_budgeted(open_office: OpenOffice) -> None:
    usage = open_office(**USAGE_WORLD).app.usage
    totals = {each.id: each.total for each in usage.customers()}
    assert totals == {CUSTOMER: Decimal("4.4"), SECOND: Decimal("8.25")}
    # The sum of all is in the partner's own currency.
    pounds = (totals[SECOND] * exchange_rate("GBP", "USD")).quantize(Decimal("0.01"))
    total = usage.total()
    assert (total.total, total.currency) == (totals[CUSTOMER] + pounds, "USD")
    assert usage.customer(CUSTOMER).total == totals[CUSTOMER]
    assert [(each.id, each.total) for each in usage.subscriptions(CUSTOMER)] == [
        (OLD, totals[CUSTOMER])
    ]
    assert usage.subscription(SECOND, PLAN).currency == "GBP"
    resources = usage.resources(CUSTOMER, OLD)
    assert sum(each.total for each in resources) == totals[CUSTOMER]
    assert usage.budget(CUSTOMER).amount is None
    usage.set_budget(CUSTOMER, Decimal("8.80"), request_id=key())
    assert usage.budget(CUSTOMER).amount == Decimal("8.8")
    assert usage.customers()[0].percent_used == 50
