"""The partner itself: profiles, addresses, relationships, audit, events, sign-ins, cases, Graph."""

from dataclasses import replace
from datetime import date

import pytest

from partnercenter import errors
from tests.partnercenter.joint.office import OpenOffice, key
from tests.partnercenter.joint.stories.buying import CUSTOMER, buy, seats
from tests.partnercenter.joint.stories.customers import ADDRESS
from tests.partnercenter.simulator.receivers import Receiver
from tests.partnercenter.simulator.sample_worlds import (
    PARTNER,
    RESELLER,
    customer_id,
    make_customer,
)

RECEIVER = "https://portal.example.test/events"


def story_addresses_are_checked_by_the_rules_of_their_country(open_office: OpenOffice) -> None:
    addresses = open_office().app.addresses
    assert addresses.check(ADDRESS).is_safe
    street = addresses.check(replace(ADDRESS, address_line1="Dock Street"))
    assert street.needs_a_person
    assert street.suggestions
    assert addresses.check(replace(ADDRESS, state="ZZ")).is_rejected
    assert addresses.check(replace(ADDRESS, country="ZZ")).is_unchecked
    rules = addresses.country_rules("us")
    assert (rules.country, rules.needs_state, "WA" in rules.states) == ("US", True, True)
    for status in (404, 400):
        office = open_office(switches={"unknown_country_status": status})
        with pytest.raises(errors.CountryUnknown):
            office.app.addresses.country_rules("ZZ")


def story_own_profiles_are_read_and_written(open_office: OpenOffice) -> None:
    profiles = open_office().person.profiles
    assert profiles.mpn().mpn_id == PARTNER["mpnId"]
    assert profiles.mpn(RESELLER["mpnId"]).mpn_id == RESELLER["mpnId"]
    with pytest.raises(errors.ProfileNotFound):
        profiles.mpn("1")
    organization = profiles.change_organization(profiles.organization(), {"culture": "en-GB"})
    assert organization.culture == "en-GB"
    legal = profiles.legal_business()
    assert profiles.legal_business(last_finalized=True) == legal
    written = profiles.change_legal_business(legal, {"companyName": "Harbour Cloud Ltd"})
    assert written.company_name == "Harbour Cloud Ltd"
    billing = profiles.change_billing(profiles.billing(), {"taxId": "77"})
    assert (billing.tax_id, profiles.billing().tax_id) == ("77", "77")
    support = profiles.change_support(profiles.support(), {"telephone": "4255550101"})
    assert support.telephone == "4255550101"


def story_provider_and_resellers_know_each_other(open_office: OpenOffice) -> None:
    customers = [make_customer(1, associatedPartnerId=RESELLER["mpnId"]), make_customer(2)]
    provider = open_office(customers=customers, partner={"sandbox": False}).person.relationships
    (reseller,) = provider.indirect_resellers()
    assert reseller.id == RESELLER["id"]
    assert provider.indirect_providers() == ()
    assert [each.id for each in provider.of_customer(CUSTOMER)] == [RESELLER["id"]]
    assert provider.of_customer(customer_id(2)) == ()
    assert RESELLER["id"] in provider.request_link(indirect_reseller_id=RESELLER["id"])
    assert provider.has_signed(mpn_id=RESELLER["mpnId"])
    assert provider.has_signed(tenant_id=RESELLER["id"])
    with pytest.raises(errors.PartnerAccountUnknown):
        provider.has_signed(mpn_id="1")


def story_trail_tells_what_was_done(open_office: OpenOffice) -> None:
    office = open_office()
    order = buy(office, seats())
    audit, today = office.app.audit, date(2026, 11, 21)
    records = [each for page in audit.pages(today, size=1) for each in page.items]
    assert order.id in {str((each.resource() or {}).get("Id", "")).lower() for each in records}
    assert all(audit.get(each.id) == each for each in records)
    named = audit.pages(today, date(2026, 11, 22), customer_id=CUSTOMER)
    assert {each.customer_id for page in named for each in page.items} == {CUSTOMER}
    by_type = audit.pages(today, resource_type="order")
    assert {each.resource_type for page in by_type for each in page.items} == {"order"}
    by_name = audit.pages(today, company_name="no such company")
    assert [each for page in by_name for each in page.items] == []
    with pytest.raises(errors.InvalidRequest):
        next(audit.pages(date(2026, 1, 1)))


def story_events_are_registered_for_and_tried(open_office: OpenOffice) -> None:
    office = open_office(switches={"webhook_duplicates": 1, "webhook_reorder": True})
    receiver = office.simulator.courier.post = Receiver()
    webhooks = office.app.webhooks
    assert webhooks.registration() is None
    with pytest.raises(errors.NotFound):
        webhooks.replace(RECEIVER, ["test-created"])
    assert "test-created" in webhooks.event_names()
    webhooks.register(f"{RECEIVER}/1", ["test-created"])
    with pytest.raises(errors.Conflict):
        webhooks.register(RECEIVER, ["test-created"])
    webhooks.replace(RECEIVER, ["test-created", "subscription-updated"], signature_header=True)
    registration = webhooks.registration()
    assert registration is not None
    assert (registration.url, len(registration.events)) == (RECEIVER, 2)
    test = webhooks.send_test()
    assert webhooks.test_result(test).status == "inprogress"
    office.simulator.courier.deliver_due()
    told = webhooks.test_result(test)
    assert (told.status, told.tries[0].response_code) == ("completed", "OK")
    assert {arrival.json()["EventName"] for arrival in receiver.arrivals} == {"test-created"}
    assert len(receiver.arrivals) == 2
    webhooks.send_test()
    with pytest.raises(errors.Throttled):
        webhooks.send_test()


def story_sign_ins_are_counted(open_office: OpenOffice) -> None:
    office = open_office()
    office.person.customers.get(CUSTOMER)
    security = office.person.security
    requests = security.api_requests()
    assert requests
    assert all(each.mfa_compliant for each in requests)
    assert security.principals_without_mfa() == ()
    (row,) = security.mfa_adoption(date(2026, 11, 21), date(2026, 11, 21))
    assert row["totalRequestCount"] == row["mfaCompliantRequestCount"]
    assert security.mfa_adoption(date(2026, 11, 22)) == ()


def story_cases_are_read(open_office: OpenOffice) -> None:
    cases = [
        {
            "id": f"61511249116901{number}",
            "title": f"Case {number}",
            "severity": "minimal",
            "status": "open",
            "createdDate": "2026-11-01T00:00:00Z",
            "customerId": customer_id(number),
        }
        for number in (1, 1, 2)
    ]
    cases[1]["id"] = "615112491169019"
    requests = open_office(service_requests=cases).person.service_requests
    assert [each.id for each in requests.list(size=2)] == [each["id"] for each in cases]
    assert [each.id for each in requests.list(CUSTOMER)] == [each["id"] for each in cases[:2]]
    assert requests.get("615112491169019").title == "Case 1"
    with pytest.raises(errors.NotFound):
        requests.get("1")


def story_graph_tells_of_delegated_administration_and_health(open_office: OpenOffice) -> None:
    office = open_office()
    relationships = list(office.app.delegated_admin.list())
    assert {each.customer_id for each in relationships} == {customer_id(n) for n in range(1, 6)}
    first = relationships[0]
    assert office.app.delegated_admin.get(first.id).name == first.name
    own = list(office.person.delegated_admin.list(first.customer_id))
    assert own == [each for each in relationships if each.customer_id == first.customer_id]
    services = list(office.app.service_status.list())
    assert any(service.issues for service in services)
    bare = list(office.app.service_status.list(issues=False))
    assert [each.id for each in bare] == [each.id for each in services]
    with pytest.raises(errors.NotFound):
        office.app.delegated_admin.get(f"{key()}-{key()}")
