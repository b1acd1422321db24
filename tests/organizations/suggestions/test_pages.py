"""Suggestions on the pages: in rows, in the dialog, on the tenant's page, and their own."""

import re

import pytest
from django.test import Client

from organizations.linking.models import Link
from organizations.suggestions.models import Level, LinkSuggestion
from organizations.suggestions.queries import attach_suggestions
from portal.core.access import Role
from portal.core.audit.models import AuditEvent
from tenants.discovery.models import Tenant
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.linking.calls import HTMX, LIST, address, queries_of, text_of
from tests.organizations.linking.scene import Scene, at_work
from tests.organizations.suggestions.calls import (
    PAGE,
    only,
    run_suggestions,
    stored,
    system,
    waiting_job,
)

pytestmark = pytest.mark.django_db(transaction=True)
CSP = "/services/microsoft-csp/"


def act(visitor: Client, suggestion: LinkSuggestion, verb: str, **query: str) -> str:
    """Press a button of a suggestion and return where that leads."""
    answer = visitor.post(
        f"{PAGE}{suggestion.pk}/{verb}/", query_params=query, data={"reason": "Their landlord"}
    )
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def row_of(page: str, tenant: Tenant) -> str:
    """Return the row of a tenant in a list."""
    rows = re.findall(r"<tr data-row>.*?</tr>", page, re.DOTALL)
    (found,) = [row for row in rows if f"/tenants/{tenant.pk}/" in row]
    return str(found)


def test_point_16_a_row_shows_name_level_score_and_reasons_and_is_accepted_with_one_click(
    north: Scene, visitor: Client
) -> None:
    run_suggestions(north)
    row = only(north)
    shown = row_of(text_of(visitor), north.tenant)
    for text in ("North Bakery BV", row.get_level_display(), f"{row.percent} %", *row.reason_texts):
        assert text.lower() in shown.lower()
    assert f'formaction="{PAGE}{row.pk}/accept/"' in shown
    back = f"{LIST}?tab=unlinked"
    assert act(visitor, row, "accept", back=back) == back
    (link,) = north.live_links()
    assert (link.how, link.organization) == (Link.How.SUGGESTION, north.organization)
    listed = text_of(visitor, LIST)
    assert "North Bakery is linked to" in listed
    assert f"/tenants/links/{link.pk}/undo/" in listed
    assert "accept/" not in row_of(listed, north.tenant)


def test_a_page_of_tenants_costs_one_query_for_its_suggestions(
    north: Scene, visitor: Client
) -> None:
    few = queries_of(visitor, LIST)
    for _ in range(20):
        make_tenant(north.connection, domain=north.tenant.domain)
    run_suggestions(north)
    assert queries_of(visitor, LIST) == few <= 12


def test_suggestions_are_attached_to_unlinked_tenants_for_staff_alone(north: Scene) -> None:
    linked = make_tenant(north.connection, domain=north.tenant.domain)
    run_suggestions(north)
    north.link(linked)
    tenants = [north.fresh_tenant(), north.fresh_tenant(linked)]
    with at_work(north.operator.actor) as actor:
        first, second = attach_suggestions(tenants, actor=actor)
    assert first.suggestion.organization == north.organization  # type: ignore[attr-defined]
    assert second.suggestion is None  # type: ignore[attr-defined]
    customer = north.person(Role.CUSTOMER_ADMIN, organization=north.organization)
    with at_work(customer.actor) as actor:
        (shown,) = attach_suggestions([linked], actor=actor)
    assert shown.suggestion is None  # type: ignore[attr-defined]


def test_tenants_are_filtered_by_the_level_of_their_best_suggestion(
    north: Scene, visitor: Client
) -> None:
    make_tenant(north.connection, name="Unlike in everything")
    run_suggestions(north)
    level = only(north).level
    names = {"North Bakery", "Unlike in everything"}
    found = {}
    for wanted in ("any", "none", *Level.values):
        page = text_of(visitor, f"{LIST}?suggestion={wanted}")
        found[wanted] = {name for name in names if f">{name}</a>" in page}
        assert "Suggestion: <strong>" in page
    assert found.pop("any") == found.pop(level) == {"North Bakery"}
    assert found.pop("none") == {"Unlike in everything"}
    assert set().union(*found.values()) == set()
    assert visitor.get(f"{LIST}?suggestion=perhaps").status_code == 422


@pytest.mark.usefixtures("every_organization")
def test_the_dialog_shows_suggestions_with_reasons_and_dismisses_there(
    north: Scene, visitor: Client
) -> None:
    second = make_organization(north.reseller)
    run_suggestions(north)
    first, other = stored(north)
    dialog = visitor.get(address(north.tenant, "link"), headers=HTMX).content.decode()
    assert "Suggested organizations" in dialog
    places = [dialog.index(str(row.organization_id)) for row in (first, other)]
    assert places == sorted(places)
    place = act(visitor, first, "dismiss", dialog="", back=LIST)
    assert place == f"{address(north.tenant, 'link')}?back=%2Ftenants%2F"
    dialog = visitor.get(place, headers=HTMX).content.decode()
    shown = {row.organization for row in (first, other) if str(row.organization_id) in dialog}
    assert shown == {other.organization}
    answer = visitor.post(
        f"{PAGE}{other.pk}/dismiss/", query_params={"dialog": ""}, headers=HTMX, data={"back": LIST}
    )
    dialog = answer.content.decode()
    assert (answer.status_code, "<html" in dialog, 'name="back"' in dialog) == (200, False, True)
    assert str(other.organization_id) not in dialog
    assert "Organizations like this tenant" not in dialog
    assert second in {first.organization, other.organization}


def test_choosing_a_suggested_organization_in_the_dialog_accepts_the_suggestion(
    north: Scene, visitor: Client
) -> None:
    run_suggestions(north)
    visitor.post(address(north.tenant, "link"), {"proposed": str(north.organization.pk)})
    (link,) = north.live_links()
    assert (link.how, only(north).state) == (Link.How.SUGGESTION, "accepted")
    assert link.why


def test_choosing_another_organization_is_no_suggestion(north: Scene, visitor: Client) -> None:
    run_suggestions(north)
    other = make_organization(north.reseller)
    visitor.post(address(north.tenant, "link"), {"organization": str(other.pk)})
    (link,) = north.live_links()
    assert (link.how, link.organization) == (Link.How.MANUAL, other)


def test_the_tenants_page_shows_dismissed_ones_with_who_and_why_and_restores_them(
    north: Scene, visitor: Client
) -> None:
    run_suggestions(north)
    act(visitor, only(north), "dismiss", back=address(north.tenant, "link")[: -len("link/")])
    page = text_of(visitor, f"{LIST}{north.tenant.pk}/")
    assert "Dismissed" in page
    assert "Their landlord" in page
    assert "Olga of North" in page
    assert row_of(text_of(visitor), north.tenant).count("accept/") == 0
    act(visitor, only(north), "restore")
    assert "accept/" in row_of(text_of(visitor), north.tenant)
    with at_work(system(north.reseller)):
        actions = AuditEvent.objects.filter(action__startswith="organizations.suggestion_")
        told = [(event.action, event.reason) for event in actions.order_by("sequence")]
    assert told == [
        ("organizations.suggestion_dismissed", "Their landlord"),
        ("organizations.suggestion_restored", ""),
    ]


def test_a_dismissed_suggestion_cannot_be_accepted_and_says_who_dismissed_it(
    north: Scene, visitor: Client
) -> None:
    run_suggestions(north)
    row = only(north)
    act(visitor, row, "dismiss")
    answer = visitor.post(f"{PAGE}{row.pk}/accept/")
    assert answer.status_code == 409
    assert "was dismissed for North Bakery by Olga of North" in answer.content.decode()
    assert north.live_links() == []


def test_accepting_what_somebody_linked_elsewhere_meanwhile_says_to_whom(
    north: Scene, visitor: Client
) -> None:
    run_suggestions(north)
    north.link(organization=make_organization(north.reseller, name="Quicker Ltd"))
    answer = visitor.post(f"{PAGE}{only(north).pk}/accept/")
    assert answer.status_code == 409
    assert "Quicker Ltd" in answer.content.decode()
    assert only(north).state == LinkSuggestion.State.OPEN


def test_the_overview_asks_for_a_run_and_only_an_administrator_switches(
    north: Scene, visitor: Client
) -> None:
    assert "Not looked at yet" in text_of(visitor, PAGE)
    assert visitor.post(f"{PAGE}look/").status_code == 302
    assert waiting_job(north) is not None
    assert "Waiting" in text_of(visitor, PAGE)
    run_suggestions(north, ask=False)
    assert "1 tenant compared" in text_of(visitor, PAGE)
    assert visitor.post(f"{PAGE}automatic/", {"applies": "true"}).status_code == 403
    admin = north.person(Role.ADMIN).client()
    assert admin.post(f"{PAGE}automatic/", {"applies": "true"}).status_code == 302
    assert "are linked by themselves" in text_of(visitor, PAGE)
    assert waiting_job(north) is not None
    admin.post(f"{PAGE}automatic/", {"applies": "false"})
    assert "Nothing is linked by itself" in text_of(visitor, PAGE)
    with at_work(system(north.reseller)):
        switched = AuditEvent.objects.filter(action="organizations.suggestions_switched")
        assert [event.after["applies_certain"] for event in switched.order_by("sequence")] == [
            True,
            False,
        ]


def test_pages_say_how_many_are_certain(north: Scene, visitor: Client) -> None:
    run_suggestions(north)
    with at_work(system(north.reseller)):
        LinkSuggestion.objects.filter(pk=only(north).pk).update(level=Level.CERTAIN)
    for page in (LIST, CSP):
        assert "1 tenant has a certain suggestion" in text_of(visitor, page)
    north.link()
    for page in (LIST, CSP):
        assert "a certain suggestion" not in text_of(visitor, page)


def test_customers_and_readers_get_no_buttons_and_customers_nothing_at_all(north: Scene) -> None:
    linked = make_tenant(north.connection, name="Linked", domain=north.tenant.domain)
    run_suggestions(north)
    north.link(linked)
    auditor = north.person(Role.AUDITOR).client()
    shown = row_of(text_of(auditor), north.tenant)
    assert "North Bakery BV" in shown
    assert "accept/" not in shown
    customer = north.person(Role.CUSTOMER_ADMIN, organization=north.organization).client()
    for page in (LIST, f"{LIST}{linked.pk}/", CSP):
        assert "uggest" not in text_of(customer, page)
    assert customer.get(PAGE).status_code == 403


def test_what_is_only_possible_is_shown_and_not_accepted_with_one_click(
    north: Scene, visitor: Client
) -> None:
    run_suggestions(north)
    for level, offered in ((Level.LIKELY, 1), (Level.POSSIBLE, 0)):
        with at_work(system(north.reseller)):
            LinkSuggestion.objects.filter(pk=only(north).pk).update(level=level)
        shown = row_of(text_of(visitor), north.tenant)
        assert (level.label in shown, shown.count("/accept/")) == (True, offered)
