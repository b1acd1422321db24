"""The v1 row types as one shape, by rows of our own making."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.line_items import read_line_item

CUSTOMER = "0A1B2C3D-0000-4000-8000-00000000000F"
COMMON = {"customerId": CUSTOMER, "chargeStartDate": "2024-03-01T00:00:00Z", "chargeType": "new"}


def _one_time(**changes: Any) -> dict[str, Any]:
    return {
        **COMMON,
        "customerId": f"org:{CUSTOMER}",
        "customerName": "Fabrikam",
        "customerDomainName": "fabrikam.example",
        "subscriptionId": "ABCDEF00-0000-4000-8000-000000000001",
        "productName": "Mail",
        "skuId": "0002",
        "unitPrice": "4.20",
        "quantity": "3",
        "subtotal": "12.60",
        "taxTotal": "2.52",
        "totalForCustomer": "15.12",
        "currency": "eur",
        "invoiceNumber": "G1",
        "billingProvider": "one_time",
        **changes,
    }


def test_new_commerce_row_with_numbers_as_text() -> None:
    line = read_line_item(_one_time())
    assert line.customer_id == CUSTOMER.lower()
    assert (line.customer_name, line.customer_domain) == ("Fabrikam", "fabrikam.example")
    assert line.subscription_id == "abcdef00-0000-4000-8000-000000000001"
    assert (line.product_name, line.sku, line.provider) == ("Mail", "0002", "one_time")
    assert (line.quantity, line.unit_price) == (Decimal(3), Decimal("4.20"))
    assert (line.subtotal, line.tax, line.total) == (
        Decimal("12.60"),
        Decimal("2.52"),
        Decimal("15.12"),
    )
    assert line.currency == "EUR"
    assert line.charge_start is not None
    assert line.charge_end is None


def test_licence_row_is_joined_by_the_portal_subscription() -> None:
    line = read_line_item(
        {
            **COMMON,
            "domainName": "old.example",
            "subscriptionId": "130000",
            "syndicationPartnerSubscriptionNumber": "ABCDEF00-0000-4000-8000-000000000002",
            "offerName": "Suite",
            "durableOfferId": "durable",
            "offerId": "offer",
            "quantity": 2,
            "subtotal": Decimal("10.5"),
            "tax": 0,
            "totalForCustomer": Decimal("10.5"),
            "currency": "USD",
        }
    )
    assert line.subscription_id == "abcdef00-0000-4000-8000-000000000002"
    assert (line.product_name, line.sku, line.customer_domain) == (
        "Suite",
        "durable",
        "old.example",
    )
    assert (line.total, line.tax) == (Decimal("10.5"), Decimal(0))


def test_azure_row_takes_its_own_names() -> None:
    line = read_line_item(
        {
            **COMMON,
            "customerCompanyName": "Tailspin",
            "serviceName": "Storage",
            "consumedQuantity": Decimal("2.9616"),
            "listPrice": "0.1",
            "pretaxCharges": "1.00",
            "taxAmount": "0.19",
            "postTaxTotal": "1.19",
            "currency": "EUR",
        }
    )
    assert (line.customer_name, line.product_name) == ("Tailspin", "Storage")
    assert (line.subtotal, line.tax, line.total) == (
        Decimal("1.00"),
        Decimal("0.19"),
        Decimal("1.19"),
    )
    assert (line.quantity, line.unit_price) == (Decimal("2.9616"), Decimal("0.1"))


def test_daily_rated_row_has_no_tax() -> None:
    line = read_line_item({**COMMON, "billingPreTaxTotal": "0.486", "billingCurrency": "USD"})
    assert (line.subtotal, line.tax, line.total) == (Decimal("0.486"), Decimal(0), Decimal("0.486"))
    assert line.currency == "USD"


def test_daily_usage_row_of_old_azure_has_no_money() -> None:
    row = {**COMMON, "consumedQuantity": 1, "attributes": {"objectType": "DailyUsageLineItem"}}
    assert read_line_item(row).total == 0


@pytest.mark.parametrize("missing", ["subtotal", "taxTotal", "totalForCustomer"])
def test_one_missing_amount_follows_from_the_others(missing: str) -> None:
    line = read_line_item({**_one_time(), missing: ""})
    assert (line.subtotal, line.tax, line.total) == (
        Decimal("12.60"),
        Decimal("2.52"),
        Decimal("15.12"),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"subtotal": None, "totalForCustomer": None},
        {"currency": ""},
        {"subtotal": "n/a"},
        {"totalForCustomer": "1e400"},
        {"quantity": "many"},
    ],
)
def test_row_whose_money_cannot_be_read_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswer):
        read_line_item(_one_time(**changes))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", ""),
        (None, ""),
        ("ORG:" + CUSTOMER, CUSTOMER.lower()),
        (" Somebody ", "somebody"),
        (12, "12"),
    ],
)
def test_customer_without_a_guid_stays_on_the_line(written: object, read: str) -> None:
    assert read_line_item(_one_time(customerId=written)).customer_id == read


def test_row_is_kept_as_received() -> None:
    row = _one_time(somethingNew={"a": [1]})
    assert read_line_item(row).raw is row


@given(
    st.dictionaries(
        st.sampled_from(sorted(_one_time())),
        st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.just([]) | st.just({}),
    )
)
def test_damaged_row_is_read_or_refused(changes: dict[str, Any]) -> None:
    try:
        line = read_line_item(_one_time(**changes))
    except MalformedAnswer:
        return
    assert line.total.is_finite()
    assert line.currency
