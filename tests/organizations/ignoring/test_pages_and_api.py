"""Ignoring through pages and the API, and what both show of it."""

import pytest
from django.test import Client

from organizations.ignoring.operations import end_billed_ignores
from organizations.linking.batch import Pair, link_tenants
from portal.core.access import acting, system_actor
from tests.factories.tenants import make_tenant
from tests.organizations.ignoring.ignoring import OCTOBER, bill, days, decisions, ignore, tally
from tests.organizations.linking.calls import (
    HTMX,
    LIST,
    TENANTS,
    address,
    get,
    names,
    post,
    text_of,
)
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db
OWN = {"kind": "own", "reason": "That is us"}


def test_the_dialog_is_a_page_too_and_ignores(north: Scene, visitor: Client) -> None:
    bill(north.tenant, "120.50", OCTOBER)
    page = visitor.get(address(north.tenant, "ignore"))
    dialog = visitor.get(address(north.tenant, "ignore"), headers=HTMX)
    assert b"<html" in page.content and b"<html" not in dialog.content
    assert "in October 2026, stays in Unassigned" in page.content.decode()
    assert "€120.50" in page.content.decode()
    done = visitor.post(address(north.tenant, "ignore"), OWN, follow=True).content.decode()
    assert "Its money stays in Unassigned" in done
    assert "Every tenant belongs to an organization, except 1 tenant" in done
    assert decisions(north.tenant)[0].kind == "own"


def test_a_lost_customer_without_an_end_is_answered_beside_the_field(
    north: Scene, visitor: Client
) -> None:
    answer = visitor.post(address(north.tenant, "ignore"), {"kind": "lost", "reason": "Left us"})
    assert answer.status_code == 422
    assert "within a year" in answer.content.decode()
    assert 'value="Left us"' in answer.content.decode()
    assert decisions(north.tenant) == []


def test_list_and_page_say_that_it_is_ignored_and_bring_it_back(
    north: Scene, visitor: Client
) -> None:
    make_tenant(north.connection, name="Waiting Tenant")
    ignore(north, kind="lost", until=days(40))
    ignored = text_of(visitor, f"{LIST}?tab=ignored")
    assert "Lost customer" in ignored and "North Bakery" in ignored
    assert "Waiting Tenant" not in ignored
    assert "North Bakery" not in text_of(visitor, f"{LIST}?tab=unlinked")
    assert "This tenant is ignored: Lost customer" in text_of(visitor, f"{LIST}{north.tenant.pk}/")
    visitor.post(address(north.tenant, "unignore"), {"reason": ""})
    assert "North Bakery" in text_of(visitor, f"{LIST}?tab=unlinked")
    assert "is not ignored" in text_of(visitor, address(north.tenant, "unignore"))


def test_one_that_was_billed_again_says_so_in_the_list(north: Scene, visitor: Client) -> None:
    ignore(north)
    bill(north.tenant, "412.10", OCTOBER)
    system = system_actor(north.reseller.pk, "import")
    with at_work(system):
        end_billed_ignores([north.tenant.microsoft_id], actor=system)
    said = "Billed again: €412.10 for October 2026"
    assert said in text_of(visitor, f"{LIST}?tab=unlinked")
    assert said in text_of(visitor, f"{LIST}{north.tenant.pk}/")


def test_chosen_rows_are_shown_before_they_are_ignored(north: Scene, visitor: Client) -> None:
    linked = make_tenant(north.connection, name="Linked Tenant")
    north.link(linked)
    chosen = {"selected": [str(north.tenant.pk), str(linked.pk)]}
    asked = visitor.post(f"{LIST}ignore/", chosen)
    words = asked.content.decode()
    assert asked.status_code == 200
    assert "Ignore 1 tenant" in words and "Linked Tenant is linked to an organization" in words
    assert tally(north).ignored == 0
    done = visitor.post(f"{LIST}ignore/", {**chosen, **OWN}, follow=True).content.decode()
    assert "1 tenant ignored; 1 other stayed as before." in done
    assert tally(north).ignored == 1


def test_chosen_rows_of_somebody_else_are_not_there(north: Scene, visitor: Client) -> None:
    south = make_scene("South")
    chosen = {"selected": [str(north.tenant.pk), str(south.tenant.pk)], **OWN}
    assert visitor.post(f"{LIST}ignore/", chosen).status_code == 404
    assert visitor.post(f"{LIST}ignore/", {"selected": ["nonsense"]}).status_code == 404
    assert visitor.post(f"{LIST}ignore/", {}).status_code == 400
    assert tally(north).ignored == 0


def test_the_api_ignores_and_brings_back(north: Scene, program: Client) -> None:
    one = f"{TENANTS}{north.tenant.pk}/"
    made = post(program, f"{one}ignore/", kind="lost", reason="Left us", until=str(days(30)))
    assert made.status_code == 200
    assert (made.json()["live"], made.json()["until"]) == (True, str(days(30)))
    assert get(program, one)["ignored"] is True
    assert names(program, ignored="true") == ["North Bakery"]
    assert names(program, linked="false") == ["North Bakery"]
    assert names(program, ignored="false") == []
    assert post(program, f"{one}unignore/").json()["ended_how"] == "by_hand"
    assert [row["live"] for row in get(program, f"{one}ignore/")["results"]] == [False]


def test_the_api_refuses_what_the_page_refuses(north: Scene, program: Client) -> None:
    one = f"{TENANTS}{north.tenant.pk}/"
    answer = post(program, f"{one}ignore/", kind="lost", reason="Left us")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["until"])
    assert post(program, f"{one}ignore/", **OWN, colour="red").status_code == 400
    assert post(program, f"{one}unignore/").json()["code"] == "not_ignored"
    north.link()
    assert post(program, f"{one}ignore/", **OWN).json()["code"] == "linked"


def test_the_api_ignores_many_or_none(north: Scene, program: Client) -> None:
    south, other = make_scene("South"), make_tenant(north.connection)
    everywhere = [str(north.tenant.pk), str(other.pk), str(south.tenant.pk)]
    refused = post(program, f"{TENANTS}ignore/", tenants=everywhere, **OWN)
    assert (refused.status_code, tally(north).ignored) == (404, 0)
    with acting(north.operator.actor) as actor:
        list(link_tenants([Pair(other.pk, north.organization.pk)], actor=actor))
    done = post(program, f"{TENANTS}ignore/", tenants=everywhere[:2], **OWN).json()
    assert [row["tenant"] for row in done["ignored"]] == everywhere[:1]
    assert [row["tenant"] for row in done["skipped"]] == [str(other.pk)]
