"""The customer agreement: read, confirmed once, never taken for signed when it is not said."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from partnercenter import errors
from partnercenter.client import PartnerCenter
from partnercenter.schemas import Agreement, AgreementContact
from tests.partnercenter.fake_service import GUIDS, FakeService, Reply, collection, replying

CONTACT = AgreementContact(first_name="Ann", last_name="Lee", email="ann@contoso.example")
AGREED = datetime(2026, 11, 21, 1, tzinfo=timezone(timedelta(hours=2)))
ROW = {
    "templateId": GUIDS[1],
    "type": "MicrosoftCustomerAgreement",
    "dateAgreed": "2026-11-20T23:00:00",
    "primaryContact": {"firstName": "Ann", "lastName": "Lee", "email": CONTACT.email},
    "agreementLink": "https://aka.ms/customeragreement",
    "userId": GUIDS[3],
}


def _confirm(client: PartnerCenter) -> Agreement:
    return client.agreements.confirm(
        GUIDS[0], GUIDS[1].upper(), CONTACT, agreed=AGREED, request_id=GUIDS[9]
    )


def test_template_of_the_agreement_in_force_is_asked_for() -> None:
    row = {"templateId": GUIDS[1], "agreementType": "MicrosoftCustomerAgreement", "versionRank": 2}
    service = FakeService(replying(collection([row])))
    (template,) = service.client().agreements.templates()
    assert (template.id, template.version_rank) == (GUIDS[1], 2)
    assert service.calls[0].query == {"agreementType": "MicrosoftCustomerAgreement"}


def test_types_nobody_knows_are_kept() -> None:
    rows = [{"templateId": GUIDS[n], "agreementType": f"Type{n}"} for n in range(3)]
    found = FakeService(replying(collection(rows))).client().agreements.templates("*")
    assert [template.agreement_type for template in found] == ["Type0", "Type1", "Type2"]


def test_document_gives_links_that_can_be_opened() -> None:
    body = {"displayUri": "https://x.example/a", "downloadUri": "javascript:alert(1)"}
    service = FakeService(replying(Reply(body=body)))
    found = service.client().agreements.document(GUIDS[1], language="en-US", country="us")
    assert (found.display_uri, found.download_uri) == ("https://x.example/a", "")
    assert service.calls[0].path == f"/v1/agreementtemplates/{GUIDS[1]}/document"
    assert service.calls[0].query == {"language": "en-US", "country": "US"}


def test_agreement_is_confirmed_under_the_callers_id() -> None:
    service = FakeService(replying(Reply(503), Reply(201, body=ROW)))
    agreement = _confirm(service.client())
    assert agreement.agreed == datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert (agreement.user_id, agreement.contact) == (GUIDS[3], CONTACT)
    assert [asked.headers["ms-requestid"] for asked in service.calls] == [GUIDS[9]] * 2
    assert json.loads(service.calls[0].body) == {
        "primaryContact": {"firstName": "Ann", "lastName": "Lee", "email": CONTACT.email},
        "templateId": GUIDS[1].upper(),
        "dateAgreed": "2026-11-20T23:00:00Z",
        "type": "MicrosoftCustomerAgreement",
    }


@pytest.mark.parametrize("status", [400, 409])
def test_agreement_on_record_is_told_apart(status: int) -> None:
    body = {"code": 600061, "message": "x", "errorName": "y", "isRetryable": False}
    with pytest.raises(errors.AgreementExists):
        _confirm(FakeService(replying(Reply(status, body=body))).client())


def test_confirmation_of_another_agreement_is_not_used() -> None:
    body = {**ROW, "templateId": GUIDS[2]}
    with pytest.raises(errors.MixedUpAnswer):
        _confirm(FakeService(replying(Reply(201, body=body))).client())


def test_moment_without_a_zone_is_not_sent() -> None:
    service = FakeService(replying(Reply(201, body=ROW)))
    with pytest.raises(errors.InvalidRequest):
        service.client().agreements.confirm(
            GUIDS[0],
            GUIDS[1],
            CONTACT,
            agreed=datetime(2026, 1, 1),
            request_id="r",
        )
    assert not service.calls


def test_agreements_of_a_customer_are_whole_or_refused() -> None:
    found = FakeService(replying(collection([ROW, ROW]))).client().agreements.of_customer(GUIDS[0])
    assert len(found) == 2
    half = FakeService(replying(collection([ROW], token="more", path="/agreements")))
    with pytest.raises(errors.PagingError):
        half.client().agreements.of_customer(GUIDS[0])
    broken = FakeService(replying(collection([{**ROW, "templateId": None}])))
    with pytest.raises(errors.PagingError):
        broken.client().agreements.of_customer(GUIDS[0])


@pytest.mark.parametrize("signed", [True, False])
def test_direct_signature_is_yes_or_no(signed: bool) -> None:
    service = FakeService(replying(Reply(body={"isSigned": signed})))
    assert service.client().agreements.is_directly_signed(GUIDS[0]) is signed


@pytest.mark.parametrize("body", [{}, {"isSigned": None}, {"isSigned": "true"}, {"isSigned": 1}])
def test_what_is_not_said_is_not_signed(body: object) -> None:
    with pytest.raises(errors.MalformedAnswer):
        FakeService(replying(Reply(body=body))).client().agreements.is_directly_signed(GUIDS[0])
