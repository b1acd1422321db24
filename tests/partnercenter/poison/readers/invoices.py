"""Readers of invoices."""

from partnercenter.schemas.invoices import read_invoice
from partnercenter.schemas.line_items import read_line_item
from tests.partnercenter.fake_service import GUIDS
from tests.partnercenter.poison.readers.reading import WHEN, Reader, reader

READERS: dict[str, Reader] = {
    "invoice": reader(
        read_invoice,
        {
            "id": "G000024135",
            "invoiceDate": WHEN,
            "totalCharges": 586366.10,
            "currencyCode": "USD",
            "invoiceDetails": [
                {"invoiceLineItemType": "billing_line_items", "billingProvider": "one_time"}
            ],
        },
        "id",
        "totalCharges",
        "currencyCode",
    ),
    "line-item": reader(
        read_line_item,
        {
            "customerId": GUIDS[0],
            "invoiceNumber": "G000024135",
            "chargeType": "new",
            "chargeStartDate": WHEN,
            "quantity": "3",
            "unitPrice": "1.10",
            "totalForCustomer": "3.30",
            "currency": "USD",
        },
        "totalForCustomer",
        "currency",
    ),
}
