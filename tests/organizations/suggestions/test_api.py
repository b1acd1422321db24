"""``link-suggestions``: what the pages do, a program does through the same operations."""

import pytest
from django.test import Client

from organizations.suggestions.models import LinkSuggestion
from portal.core.access import Role
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.linking.calls import get, names, post
from tests.organizations.linking.scene import Scene
from tests.organizations.suggestions.calls import API, only, run_suggestions, stored, waiting_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("every_organization")
def test_the_list_shows_both_sides_and_the_reasons_best_first(
    north: Scene, program: Client
) -> None:
    make_organization(north.reseller)
    run_suggestions(north)
    rows = get(program, API)["results"]
    assert [row["id"] for row in rows] == [str(row.pk) for row in stored(north)]
    first, best = rows[0], stored(north)[0]
    assert first["tenant"] == {
        "id": str(north.tenant.pk),
        "microsoft_id": str(north.tenant.microsoft_id),
        "name": "North Bakery",
    }
    assert first["organization"]["number"] == best.organization.number
    assert first["reasons"] == best.reasons
    assert first["reasons"][0].keys() == {"code", "text"}
    assert (first["rank"], first["state"], first["score"]) == (1, "open", f"{best.score:.4f}")
    turned = get(program, API, ordering="score")["results"]
    assert [row["id"] for row in turned] == [row["id"] for row in reversed(rows)]


def test_filters_narrow_down_and_refuse_what_means_nothing(north: Scene, program: Client) -> None:
    other = make_tenant(north.connection, name="Other", domain=north.tenant.domain)
    run_suggestions(north)
    level = stored(north)[0].level

    def found(**query: object) -> set[str]:
        return {row["tenant"]["name"] for row in get(program, API, **query)["results"]}

    assert found(tenant=str(other.pk)) == {"Other"}
    assert found(organization=north.organization.number) == {"Other", "North Bakery"}
    alike = {row.tenant.name for row in stored(north) if row.level == level}
    assert found(level=level, state="open", rank=1) == alike
    assert found(state="dismissed") == set()
    for query in ({"level": "sure"}, {"state": "shut"}, {"tenant": "x"}):
        assert program.get(API, query).status_code == 400
    assert set(names(program, suggestion="any")) == {"Other", "North Bakery"}
    assert names(program, suggestion="none") == []


def test_accept_answers_with_the_link(north: Scene, program: Client) -> None:
    run_suggestions(north)
    answer = post(program, f"{API}{only(north).pk}/accept/")
    assert answer.status_code == 200
    (link,) = north.live_links()
    assert answer.json()["id"] == str(link.pk)
    assert answer.json()["how"] == "suggestion"
    assert get(program, f"{API}{only(north).pk}/")["state"] == "accepted"


def test_dismiss_keeps_who_and_why_and_restore_takes_it_back(north: Scene, program: Client) -> None:
    run_suggestions(north)
    place = f"{API}{only(north).pk}/"
    shown = post(program, f"{place}dismiss/", reason="Their landlord").json()
    assert (shown["state"], shown["why"]) == ("dismissed", "Their landlord")
    assert shown["decided_by"] == north.operator.actor.label
    refused = post(program, f"{place}accept/")
    assert (refused.status_code, refused.json()["code"]) == (409, "suggestion_dismissed")
    assert post(program, f"{place}dismiss/", reason="x" * 501).status_code == 400
    assert post(program, f"{place}restore/").json()["state"] == "open"
    assert only(north).state == LinkSuggestion.State.OPEN


def test_what_is_linked_as_suggested_cannot_be_dismissed(north: Scene, program: Client) -> None:
    run_suggestions(north)
    place = f"{API}{only(north).pk}/"
    post(program, f"{place}accept/")
    refused = post(program, f"{place}dismiss/")
    assert (refused.status_code, refused.json()["code"]) == (409, "suggestion_accepted")


def test_open_suggestions_of_a_tenant_linked_meanwhile_are_not_listed(
    north: Scene, program: Client
) -> None:
    run_suggestions(north)
    row = only(north)
    north.link(organization=make_organization(north.reseller))
    assert get(program, API)["results"] == []
    refused = post(program, f"{API}{row.pk}/accept/")
    assert (refused.status_code, refused.json()["code"]) == (409, "linked_elsewhere")


def test_suggest_answers_with_one_job_however_often_it_is_asked(
    north: Scene, program: Client
) -> None:
    first, second = (post(program, f"{API}suggest/") for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    job = waiting_job(north)
    assert job is not None
    assert first.json()["id"] == second.json()["id"] == str(job.pk)
    assert first.json()["kind"] == "organizations.suggest"


def test_only_an_administrator_switches_what_links_by_itself(north: Scene, program: Client) -> None:
    place = f"{API}automatic/"
    assert get(program, place) == {"applies_certain": False, "looked_at": None, "is_due": False}
    body, kind = {"applies_certain": True}, "application/json"
    assert program.patch(place, body, content_type=kind).status_code == 403
    admin = north.person(Role.ADMIN).api()
    answer = admin.patch(place, body, content_type=kind)
    assert (answer.status_code, answer.json()["applies_certain"]) == (200, True)
    assert admin.patch(place, {"applies": True}, content_type=kind).status_code == 400
    assert get(program, place)["applies_certain"] is True


def test_customers_are_refused(north: Scene) -> None:
    customer = north.person(Role.CUSTOMER_ADMIN, organization=north.organization).api()
    for place in (API, f"{API}automatic/"):
        assert customer.get(place).status_code == 403
