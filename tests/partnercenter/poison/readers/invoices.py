"""Readers of invoices."""

from partnercenter.schemas.billing_export import read_manifest, read_operation
from partnercenter.schemas.invoices import read_invoice
from partnercenter.schemas.line_items import read_line_item
from tests.partnercenter.fake_service import GUIDS
from tests.partnercenter.poison.readers.reading import WHEN, Reader, reader

MANIFEST = {
    "id": GUIDS[1],
    "eTag": "e1",
    "partnerTenantId": GUIDS[2],
    "createdDateTime": WHEN,
    "rootDirectory": "https://x.example/folder",
    "sasToken": "sig=s3cret",
    "blobCount": 1,
    "blobs": [{"name": "part-1.json.gz", "partitionValue": "default"}],
}

READERS: dict[str, Reader] = {
    "export-manifest": reader(
        read_manifest, MANIFEST, "rootDirectory", "blobs", strict=("blobCount",)
    ),
    "export-operation": reader(
        read_operation,
        {"id": GUIDS[1], "status": "succeeded", "resourceLocation": MANIFEST},
        "status",
        "resourceLocation",
    ),
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
