"""Writing profiles: whole, and only over the state that was read."""

import json
from typing import Any

import pytest

from partnercenter import errors
from partnercenter.schemas.profiles import read_billing_profile, read_organization_profile
from tests.partnercenter.fake_service import GUIDS, FakeService, Reply, replying

PROFILE: dict[str, Any] = {
    "id": GUIDS[1],
    "email": "old@contoso.example",
    "companyName": "Contoso",
    "futureField": {"kept": 1},
    "attributes": {"etag": "-5920358838484612121", "objectType": "CustomerBillingProfile"},
}


def test_profile_is_sent_back_whole_with_the_tag_it_was_read_with() -> None:
    answer = {**PROFILE, "attributes": {"etag": "7"}}
    service = FakeService(replying(Reply(body=answer)))
    current = read_billing_profile(PROFILE)
    changes = {"Email": "new@contoso.example"}
    written = service.client().profiles.change_customer_billing(GUIDS[0], current, changes)
    (asked,) = service.calls
    assert (asked.method, asked.path) == ("PUT", f"/v1/customers/{GUIDS[0]}/profiles/billing")
    assert asked.headers["if-match"] == '"-5920358838484612121"'
    sent = json.loads(asked.body)
    assert sent["Email"] == "new@contoso.example"
    assert "email" not in sent
    assert sent["futureField"] == {"kept": 1}
    assert written.etag == "7"


@pytest.mark.parametrize("tag", ['"a"', 'W/"a"', "a"])
def test_tag_is_quoted_once(tag: str) -> None:
    service = FakeService(replying(Reply(body=PROFILE)))
    current = read_billing_profile({**PROFILE, "attributes": {"etag": tag}})
    service.client().profiles.change_customer_billing(GUIDS[0], current, {})
    assert service.calls[0].headers["if-match"] == '"a"'


@pytest.mark.parametrize("tag", [None, "", '""', 'a"b'])
def test_profile_without_a_usable_tag_is_not_written(tag: str | None) -> None:
    service = FakeService(replying(Reply(body=PROFILE)))
    current = read_billing_profile({**PROFILE, "attributes": {"etag": tag}})
    with pytest.raises(errors.PreconditionFailed):
        service.client().profiles.change_customer_billing(GUIDS[0], current, {})
    assert not service.calls


@pytest.mark.parametrize(("status", "code"), [(412, 0), (428, 0), (400, 2055), (417, 800036)])
def test_stale_tag_is_told_as_such(status: int, code: int) -> None:
    service = FakeService(replying(Reply(status, body={"code": code})))
    current = read_billing_profile(PROFILE)
    with pytest.raises(errors.PreconditionFailed):
        service.client().profiles.change_customer_billing(GUIDS[0], current, {})
    assert len(service.calls) == 1


def test_answer_about_another_profile_is_not_used() -> None:
    service = FakeService(replying(Reply(body={**PROFILE, "id": GUIDS[2]})))
    current = read_billing_profile(PROFILE)
    with pytest.raises(errors.MixedUpAnswer) as caught:
        service.client().profiles.change_customer_billing(GUIDS[0], current, {})
    assert caught.value.outcome_unknown


def test_field_changed_twice_is_a_mistake() -> None:
    service = FakeService(replying(Reply(body=PROFILE)))
    current = read_billing_profile(PROFILE)
    with pytest.raises(errors.InvalidRequest):
        changes = {"email": "a", "Email": "b"}
        service.client().profiles.change_customer_billing(GUIDS[0], current, changes)


def test_own_profiles_are_written_with_a_tag_where_they_have_one() -> None:
    service = FakeService(replying(Reply(body={"companyName": "We", "email": "a@b.example"})))
    profiles = service.client().profiles
    tagged = read_organization_profile({"companyName": "Us", "attributes": {"etag": "t"}})
    assert profiles.change_organization(tagged, {"companyName": "We"}).company_name == "We"
    profiles.change_legal_business(profiles.legal_business(), {})
    profiles.change_billing(profiles.billing(), {})
    profiles.change_support(profiles.support(), {"telephone": "1"})
    written = [asked for asked in service.calls if asked.method == "PUT"]
    assert [asked.path.rpartition("/")[2] for asked in written] == [
        "organization",
        "legalbusiness",
        "billing",
        "support",
    ]
    assert [asked.headers.get("if-match") for asked in written] == ['"t"', None, None, None]
