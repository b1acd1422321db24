"""Users, roles and licences of a customer's directory."""

import json
from typing import Any

import pytest

from partnercenter import errors
from partnercenter.resources.roles import COMPANY_ADMINISTRATOR
from partnercenter.schemas.licences import LicenceToAssign
from partnercenter.schemas.users import NewUser, read_user
from partnercenter.secrecy import Secret
from tests.partnercenter.fake_service import (
    GUIDS,
    REQUEST_ID,
    FakeService,
    Reply,
    collection,
    replying,
)
from tests.partnercenter.schemas.commerce_examples import (
    CUSTOMER,
    LICENCES,
    MEMBER,
    ROLE,
    USER,
    USER_BODY,
)

PATH = f"/customers/{CUSTOMER}/users"
INACTIVE = {**USER_BODY, "state": "inactive", "softDeletionTime": "2026-01-20T00:33:34Z"}
NEW = NewUser(
    principal_name="ada@contoso.example",
    first_name="Ada",
    last_name="L",
    display_name="Ada L",
    usage_location="GB",
    password=Secret("correct horse"),
)


def test_users_are_read_page_by_page_to_the_end() -> None:
    pages = [
        collection([{**USER_BODY, "id": GUIDS[0]}], token="a,b/c+d=", path=PATH),
        collection([{**USER_BODY, "id": GUIDS[1]}], path=PATH),
    ]
    service = FakeService(replying(*pages))
    assert [user.id for user in service.client().users.list(CUSTOMER, size=1)] == GUIDS[:2]
    assert service.calls[1].query == {"size": "1", "seekOperation": "Next"}
    assert service.calls[1].headers["ms-continuationtoken"] == "a,b/c+d="


def test_deleted_users_are_asked_for_by_filter_and_are_deleted() -> None:
    service = FakeService(replying(collection([INACTIVE]), collection([USER_BODY])))
    users = service.client().users
    (user,) = users.deleted(CUSTOMER)
    assert user.deleted is not None
    assert json.loads(service.calls[0].query["filter"]) == {
        "Field": "UserStatus",
        "Value": "Inactive",
        "Operator": "equals",
    }
    with pytest.raises(errors.PagingError):
        list(users.deleted(CUSTOMER))


def test_password_is_sent_and_nowhere_kept() -> None:
    service = FakeService(replying(Reply(200, body=USER_BODY)))
    user = service.client().users.create(CUSTOMER, NEW, request_id=REQUEST_ID)
    assert json.loads(service.calls[0].body)["passwordProfile"] == {
        "password": "correct horse",
        "forceChangePassword": True,
    }
    shown = repr(NEW) + repr(NEW.body()) + repr(user) + json.dumps(dict(user.raw))
    assert "correct horse" not in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    "reply", [Reply(500), Reply(body={**USER_BODY, "id": "x"}), Reply(body=b'{"id": ')]
)
def test_no_variable_of_a_failed_call_prints_the_password(reply: Reply) -> None:
    client = FakeService(replying(reply)).client()
    with pytest.raises(errors.PartnerCenterError) as caught:
        client.users.create(CUSTOMER, NEW, request_id=REQUEST_ID)
    frames = [entry.frame for entry in caught.traceback]
    shown = [
        repr(value)
        for frame in frames
        if "partnercenter/" in str(frame.code.path) and "/tests/" not in str(frame.code.path)
        for value in frame.f_locals.values()
    ]
    assert len(shown) > 10
    assert not [text for text in shown if "correct horse" in text or "hunter2" in text]


def test_user_of_another_name_is_not_the_one_created() -> None:
    body = {**USER_BODY, "userPrincipalName": "eve@contoso.example"}
    service = FakeService(replying(Reply(body=body)))
    with pytest.raises(errors.MixedUpAnswer) as caught:
        service.client().users.create(CUSTOMER, NEW, request_id=REQUEST_ID)
    assert caught.value.outcome_unknown


def _writes(users: Any) -> list[Any]:
    return [
        users.update(CUSTOMER, USER, {"first_name": "A"}, request_id=REQUEST_ID),
        users.reset_password(CUSTOMER, USER, Secret("x"), change=False, request_id=REQUEST_ID),
        users.restore(CUSTOMER, USER, request_id=REQUEST_ID),
    ]


def test_user_is_changed_given_a_password_and_restored() -> None:
    service = FakeService(replying(Reply(body=USER_BODY)))
    assert {user.id for user in _writes(service.client().users)} == {USER}
    assert [(asked.method, json.loads(asked.body)) for asked in service.calls] == [
        ("PATCH", {"firstName": "A"}),
        ("PATCH", {"passwordProfile": {"password": "x", "forceChangePassword": False}}),
        ("PATCH", {"state": "active"}),
    ]
    assert service.calls[1].path.endswith("/resetpassword")


def test_change_of_another_user_is_not_believed() -> None:
    service = FakeService(replying(Reply(body={**USER_BODY, "id": GUIDS[60]})))
    with pytest.raises(errors.MixedUpAnswer):
        _writes(service.client().users)
    with pytest.raises(errors.MixedUpAnswer):
        service.client().users.get(CUSTOMER, USER)


@pytest.mark.parametrize("changes", [{}, {"state": "active"}, {"password": "x"}])
def test_other_changes_of_a_user_are_not_sent(changes: dict[str, str]) -> None:
    service = FakeService(replying(Reply()))
    with pytest.raises(errors.InvalidRequest):
        service.client().users.update(CUSTOMER, USER, changes, request_id=REQUEST_ID)
    assert not service.calls


def test_deleting_needs_no_answer() -> None:
    service = FakeService(replying(Reply(204)))
    service.client().users.delete(CUSTOMER, USER.upper(), request_id=REQUEST_ID)
    assert (service.calls[0].method, service.calls[0].path) == ("DELETE", f"/v1{PATH}/{USER}")


@pytest.mark.parametrize("identity", ["", "me", f"{USER}/licenses"])
def test_what_is_no_user_is_never_asked_for(identity: str) -> None:
    service = FakeService(replying(Reply()))
    client = service.client()
    for ask in (
        lambda: client.users.get(CUSTOMER, identity),
        lambda: client.roles.of_user(CUSTOMER, identity),
        lambda: list(client.roles.members(CUSTOMER, identity)),
        lambda: client.licences.of_user(CUSTOMER, identity),
    ):
        with pytest.raises(errors.InvalidRequest):
            ask()
    assert not service.calls


def test_roles_of_a_directory_and_of_a_user() -> None:
    row = {"id": COMPANY_ADMINISTRATOR.upper(), "name": "Company Administrator"}
    service = FakeService(replying(collection([row])))
    roles = service.client().roles
    assert [role.id for role in roles.list(CUSTOMER)] == [COMPANY_ADMINISTRATOR]
    assert [role.name for role in roles.of_user(CUSTOMER, USER)] == ["Company Administrator"]
    assert [asked.path for asked in service.calls] == [
        f"/v1/customers/{CUSTOMER}/directoryroles",
        f"/v1{PATH}/{USER}/directoryroles",
    ]


def test_members_of_a_role_come_and_go() -> None:
    service = FakeService(replying(collection([MEMBER]), Reply(201, body=MEMBER), Reply(204)))
    roles = service.client().roles
    assert [member.id for member in roles.members(CUSTOMER, ROLE)] == [USER]
    added = roles.add(CUSTOMER, ROLE, read_user(USER_BODY), request_id=REQUEST_ID)
    assert added.role_id == ROLE
    roles.remove(CUSTOMER, ROLE, USER, request_id=REQUEST_ID)
    assert json.loads(service.calls[1].body) == {
        "id": USER,
        "displayName": "Ada L",
        "userPrincipalName": "ada@contoso.example",
    }
    assert service.calls[2].path.endswith(f"/directoryroles/{ROLE}/usermembers/{USER}")


@pytest.mark.parametrize("change", [{"roleId": GUIDS[60]}, {"id": GUIDS[60]}])
def test_another_member_is_not_the_one_added(change: dict[str, str]) -> None:
    service = FakeService(replying(Reply(201, body={**MEMBER, **change})))
    with pytest.raises(errors.MixedUpAnswer):
        service.client().roles.add(CUSTOMER, ROLE, read_user(USER_BODY), request_id=REQUEST_ID)


def test_licences_of_both_groups_are_asked_for_together() -> None:
    service = FakeService(replying(collection([LICENCES])))
    licences = service.client().licences
    (sku,) = licences.subscribed(CUSTOMER)
    assert (sku.available, sku.consumed, sku.total, sku.group) == (4, 1, 5, "group1")
    (given,) = licences.of_user(CUSTOMER, USER)
    assert (given.id, given.plans[0].service_name) == (sku.id, "RMS")
    both = "licenseGroupIds=Group1&licenseGroupIds=Group2"
    assert [asked.raw_query for asked in service.calls] == [both] * 2


@pytest.mark.parametrize("name", ["availableUnits", "totalUnits", "productSku"])
def test_licences_that_cannot_be_counted_are_refused(name: str) -> None:
    service = FakeService(replying(collection([{**LICENCES, name: None}])))
    with pytest.raises(errors.MalformedAnswer):
        service.client().licences.subscribed(CUSTOMER)


def _update(service: FakeService, *skus: str, remove: tuple[str, ...] = ()) -> None:
    service.client().licences.update(
        CUSTOMER,
        USER,
        assign=[LicenceToAssign(sku, ("plan-1",)) for sku in skus],
        remove=remove,
        request_id=REQUEST_ID,
    )


@pytest.mark.parametrize("body", [None, {}, {"licensesToAssign": [{"skuId": GUIDS[6].upper()}]}])
def test_licences_are_given_and_taken(body: Any) -> None:
    service = FakeService(replying(Reply(201, body=body)))
    _update(service, GUIDS[6], remove=(GUIDS[7],))
    assert json.loads(service.calls[0].body) == {
        "licensesToAssign": [{"skuId": GUIDS[6], "excludedPlans": ["plan-1"]}],
        "licensesToRemove": [GUIDS[7]],
    }


def test_licences_that_were_not_meant_are_noticed() -> None:
    service = FakeService(replying(Reply(201, body={"licensesToRemove": [GUIDS[8]]})))
    with pytest.raises(errors.MixedUpAnswer) as caught:
        _update(service, GUIDS[6])
    assert caught.value.outcome_unknown


@pytest.mark.parametrize("skus", [(), ("EMS",)])
def test_licences_are_named_by_ids(skus: tuple[str, ...]) -> None:
    service = FakeService(replying(Reply()))
    with pytest.raises(errors.InvalidRequest):
        _update(service, *skus)
    assert not service.calls


def test_no_licences_left_is_a_refusal_with_its_code() -> None:
    service = FakeService(replying(Reply(400, body={"code": 60012, "description": "none"})))
    with pytest.raises(errors.RequestRefused) as caught:
        _update(service, GUIDS[6])
    assert caught.value.code == "60012"
    assert not caught.value.outcome_unknown
