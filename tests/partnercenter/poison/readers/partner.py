"""Readers of what is around customers: agreements, audit, webhooks, Graph."""

from partnercenter.schemas.agreements import (
    read_agreement,
    read_agreement_document,
    read_agreement_template,
    read_direct_signature,
)
from partnercenter.schemas.audit import read_audit_record
from partnercenter.schemas.delegated_admin import read_delegated_admin_relationship
from partnercenter.schemas.relationships import (
    read_agreement_status,
    read_partner_relationship,
    read_request_link,
)
from partnercenter.schemas.security import (
    read_adoption,
    read_api_request,
    read_principal_without_mfa,
)
from partnercenter.schemas.service_health import read_service_health
from partnercenter.schemas.support import read_service_request
from partnercenter.schemas.webhooks import (
    read_registration,
    read_test,
    read_test_started,
    read_webhook_event,
)
from tests.partnercenter.fake_service import GUIDS
from tests.partnercenter.poison.readers.reading import WHEN, Reader, reader

READERS: dict[str, Reader] = {
    "agreement-template": reader(
        read_agreement_template,
        {"templateId": GUIDS[1], "agreementType": "x", "versionRank": 1, "agreementLink": "x"},
        "templateId",
    ),
    "agreement-document": reader(
        read_agreement_document,
        {
            "displayUri": "https://x.example/a",
            "downloadUri": "https://x.example/b",
            "country": "US",
        },
    ),
    "agreement": reader(
        read_agreement,
        {
            "templateId": GUIDS[1],
            "type": "MicrosoftCustomerAgreement",
            "dateAgreed": WHEN,
            "primaryContact": {"firstName": "Ann", "lastName": "Lee", "email": "a@b.example"},
        },
        "templateId",
    ),
    "direct-signature": reader(read_direct_signature, {"isSigned": True}, "isSigned"),
    "partner-relationship": reader(
        read_partner_relationship,
        {"id": GUIDS[1], "name": "First Up", "state": "Active", "mpnId": "1", "location": "US"},
        "id",
    ),
    "request-link": reader(read_request_link, {"url": "https://x.example/?a=1&amp;b=2"}, "url"),
    "agreement-status": reader(
        read_agreement_status, {"isAgreementSigned": True}, "isAgreementSigned"
    ),
    "audit-record": reader(
        read_audit_record,
        {
            "id": "p_c_1",
            "customerId": GUIDS[0],
            "operationType": "update_order",
            "operationDate": WHEN,
            "resourceNewValue": '{"Id":1}',
            "customizedData": [{"key": "a", "value": "b"}],
        },
    ),
    "registration": reader(
        read_registration,
        {"SubscriberId": GUIDS[1], "WebhookUrl": "https://x.example/", "WebhookEvents": ["a"]},
        "WebhookUrl",
    ),
    "webhook-test": reader(
        read_test,
        {
            "correlationId": GUIDS[1],
            "status": "completed",
            "results": [{"responseCode": "OK", "systemError": False, "dateTimeUtc": WHEN}],
        },
        "correlationId",
    ),
    "webhook-test-started": reader(read_test_started, {"correlationId": GUIDS[1]}, "correlationId"),
    "webhook-event": reader(
        read_webhook_event,
        {"EventName": "test-created", "ResourceUri": None, "ResourceChangeUtcDate": WHEN},
        "EventName",
    ),
    "service-health": reader(
        read_service_health,
        {
            "id": "Exchange",
            "service": "Exchange Online",
            "status": "ServiceOperational",
            "issues": [{"id": "EX1", "isResolved": True, "startDateTime": WHEN}],
        },
        "id",
    ),
    "delegated-admin": reader(
        read_delegated_admin_relationship,
        {
            "id": f"{GUIDS[1]}-{GUIDS[2]}",
            "status": "active",
            "customer": {"tenantId": GUIDS[0]},
            "accessDetails": {"unifiedRoles": [{"roleDefinitionId": GUIDS[3]}]},
            "createdDateTime": WHEN,
            "@odata.etag": 'W/"x"',
        },
        "id",
    ),
    "api-request": reader(
        read_api_request,
        {
            "requestId": GUIDS[1],
            "requestDateTime": WHEN,
            "upn": "a@b.example",
            "mfaCompliant": True,
        },
    ),
    "principal-without-mfa": reader(
        read_principal_without_mfa,
        {"upn": "a@b.example", "lastNonMfaCompliantRequestDateTime": WHEN},
    ),
    "adoption": reader(read_adoption, {"applicationId": GUIDS[1], "anything": [1, None]}),
    "service-request": reader(
        read_service_request,
        {
            "id": "615112491169010",
            "severity": 0,
            "status": 1,
            "primaryContact": {"lastName": "Lee"},
            "createdDate": WHEN,
            "lastClosedDate": "0001-01-01T00:00:00",
        },
        "id",
    ),
}
