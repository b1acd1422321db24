"""Creating and ending customers: written once, and the first password told to nobody else."""

import json
import pickle
from typing import Any

import pytest
import requests

from partnercenter import errors
from partnercenter.client import PartnerCenter
from partnercenter.schemas import Address, CreatedCustomer, NewCustomer
from tests.partnercenter.fake_service import GUIDS, Asked, FakeService, Reply, replying

PASSWORD = "First-Passw0rd!"
NEW = NewCustomer(
    domain="contoso.onmicrosoft.com",
    company_name="Contoso",
    email="it@contoso.example",
    culture="en-US",
    language="en",
    first_name="Ann",
    registration_number="5123456789",
    associated_partner_id="4391227",
    enable_gdap=True,
    admin_name="boss",
    address=Address(country="US", city="Redmond", address_line1="1 Way", phone_number="4255550101"),
)
CREATED: dict[str, Any] = {
    "id": GUIDS[0].upper(),
    "companyProfile": {"tenantId": GUIDS[0], "domain": NEW.domain, "companyName": "Contoso"},
    "billingProfile": {"email": NEW.email, "attributes": {"etag": "-7"}},
    "relationshipToPartner": "reseller",
    "userCredentials": {"userName": "boss", "password": PASSWORD},
}


def _create(client: PartnerCenter) -> CreatedCustomer:
    return client.customers.create(NEW, request_id=GUIDS[9])


@pytest.mark.parametrize("status", [200, 201])
def test_customer_is_created_as_asked(status: int) -> None:
    service = FakeService(replying(Reply(status, body=CREATED)))
    created = _create(service.client())
    assert created.customer.id == GUIDS[0]
    assert created.password == PASSWORD
    assert created.admin_upn == "boss@contoso.onmicrosoft.com"
    (asked,) = service.calls
    assert (asked.method, asked.path) == ("POST", "/v1/customers")
    assert asked.headers["ms-requestid"] == GUIDS[9]
    assert json.loads(asked.body) == {
        "companyProfile": {
            "domain": NEW.domain,
            "companyName": "Contoso",
            "organizationRegistrationNumber": "5123456789",
        },
        "billingProfile": {
            "email": NEW.email,
            "culture": "en-US",
            "language": "en",
            "companyName": "Contoso",
            "firstName": "Ann",
            "defaultAddress": {
                "country": "US",
                "city": "Redmond",
                "addressLine1": "1 Way",
                "phoneNumber": "4255550101",
            },
        },
        "associatedPartnerId": "4391227",
        "enableGDAPByDefault": True,
        "userCredentials": {"userName": "boss"},
    }


def test_first_password_shows_nowhere() -> None:
    created = _create(FakeService(replying(Reply(201, body=CREATED))).client())
    shown = repr(created) + repr(created.customer.raw) + str(created) + f"{created.password!r}"
    assert PASSWORD not in shown
    with pytest.raises(TypeError):
        pickle.dumps(created)


@pytest.mark.parametrize(
    "broken",
    [
        {"id": "no tenant"},
        {"companyProfile": {"domain": "other.example"}},
        {"userCredentials": {"password": PASSWORD, "Password": PASSWORD}},
    ],
    ids=range(3),
)
def test_first_password_is_not_among_the_variables_of_a_failed_call(broken: dict[str, Any]) -> None:
    body = {**CREATED, **broken}
    with pytest.raises(errors.AnswerRefused) as caught:
        _create(FakeService(replying(Reply(201, body=body))).client())
    assert caught.value.outcome_unknown
    frame = caught.value.__traceback__
    while frame is not None:
        # The service of this test knows the password, of course.
        if "/partnercenter/" in frame.tb_frame.f_code.co_filename.replace("/tests/", "/t"):
            assert PASSWORD not in repr(frame.tb_frame.f_locals)
        frame = frame.tb_next


def test_repeated_answer_may_come_without_the_password() -> None:
    body = {name: value for name, value in CREATED.items() if name != "userCredentials"}
    created = _create(FakeService(replying(Reply(201, body=body))).client())
    assert (created.password, created.user_name, created.admin_upn) == ("", "", "")


def test_lost_answer_is_asked_for_again_under_the_same_id() -> None:
    answers: list[Any] = [requests.ReadTimeout("late"), Reply(503), Reply(201, body=CREATED)]

    def answer(_: Asked) -> Reply:
        here = answers.pop(0)
        if isinstance(here, Exception):
            raise here
        assert isinstance(here, Reply)
        return here

    service = FakeService(answer)
    assert _create(service.client()).password == PASSWORD
    assert [asked.headers["ms-requestid"] for asked in service.calls] == [GUIDS[9]] * 3


def _refusing(refusal: Reply, domain: Reply) -> FakeService:
    return FakeService(lambda asked: domain if asked.method == "HEAD" else refusal)


@pytest.mark.parametrize("refused", [(409, 800002), (400, 800002), (400, 77), (409, 5)])
@pytest.mark.parametrize("taken", [True, False])
def test_taken_domain_is_found_out_by_asking(refused: tuple[int, int], taken: bool) -> None:
    status, code = refused
    refusal = Reply(status, body={"code": code, "description": "not like this"})
    service = _refusing(refusal, Reply(200 if taken else 404))
    with pytest.raises(errors.RequestRefused) as caught:
        _create(service.client())
    assert isinstance(caught.value, errors.DomainTaken) == taken
    assert (caught.value.status, caught.value.code) == (status, str(code))
    assert caught.value.detail == "not like this"
    assert caught.value.request_id == GUIDS[9]
    assert service.calls[-1].path == "/v1/domains/contoso.onmicrosoft.com"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 600049, errors.RegistrationNumberRefused),
        (400, 600051, errors.PhoneNumberMissing),
        (400, 800018, errors.SandboxLimit),
        (403, 600006, errors.PermissionRefused),
    ],
)
def test_refusal_with_a_reason_asks_for_no_domain(
    status: int, code: int, kind: type[errors.PartnerCenterError]
) -> None:
    service = _refusing(Reply(status, body={"code": code}), Reply(200))
    with pytest.raises(kind) as caught:
        _create(service.client())
    assert type(caught.value) is kind
    assert len(service.calls) == 1


def test_refusal_stands_when_the_domain_cannot_be_asked_for() -> None:
    service = _refusing(Reply(400, body={"code": 800002}), Reply(403))
    with pytest.raises(errors.InvalidRequest) as caught:
        _create(service.client())
    assert type(caught.value) is errors.InvalidRequest


def test_another_customers_creation_is_not_taken_for_ours() -> None:
    body = {**CREATED, "companyProfile": {"domain": "fabrikam.onmicrosoft.com"}}
    with pytest.raises(errors.MixedUpAnswer):
        _create(FakeService(replying(Reply(201, body=body))).client())


def test_customer_is_deleted_in_the_sandbox_only() -> None:
    service = FakeService(replying(Reply(204)))
    service.client().customers.delete(GUIDS[0])
    assert (service.calls[0].method, service.calls[0].path) == (
        "DELETE",
        f"/v1/customers/{GUIDS[0]}",
    )
    with pytest.raises(errors.PermissionRefused):
        FakeService(replying(Reply(403))).client().customers.delete(GUIDS[0])
    with pytest.raises(errors.CustomerNotFound):
        FakeService(replying(Reply(404))).client().customers.delete(GUIDS[0])


def test_relationship_ends_when_the_answer_says_so() -> None:
    answer = {"Id": None, "RelationshipToPartner": "none", "CompanyProfile": None}
    service = FakeService(replying(Reply(body=answer)))
    service.client().customers.end_relationship(GUIDS[0])
    assert service.calls[0].method == "PATCH"
    assert json.loads(service.calls[0].body)["relationshipToPartner"] == "none"
    still = FakeService(replying(Reply(body={"relationshipToPartner": "reseller"})))
    with pytest.raises(errors.MalformedAnswer) as caught:
        still.client().customers.end_relationship(GUIDS[0])
    assert caught.value.outcome_unknown
    assert len(still.calls) == 1
