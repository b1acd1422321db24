"""Bulk links as pages, all without JavaScript: chosen rows, preview, run, results, undo."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from organizations.bulk.models import BulkLink
from organizations.suggestions.models import LinkSuggestion
from portal.core.access import Role
from tenants.discovery.models import Tenant
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant, make_tenants
from tests.organizations.bulk.work import counted, fresh, owners, preview, run, shown, work_off
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "/tenants/bulk/new/"
ADDRESS = re.compile(r"^/tenants/bulk/([0-9a-f-]{36})/$")


def draft_at(answer: object, scene: Scene) -> BulkLink:
    """Return the draft that an answer leads to."""
    assert answer.status_code == 302, answer.content  # type: ignore[attr-defined]
    found = ADDRESS.match(answer["Location"])  # type: ignore[index]
    assert found, answer["Location"]  # type: ignore[index]
    with at_work(scene.operator.actor):
        row: BulkLink = BulkLink.objects.select_related("job").get(pk=found[1])
    return row


def suggest(
    scene: Scene, tenant: Tenant, *, level: str = "certain", score: str = "0.99", rank: int = 1
) -> LinkSuggestion:
    """Store a suggestion as the matching leaves it."""
    organization = make_organization(scene.reseller)
    with at_work(scene.operator.actor):
        row: LinkSuggestion = LinkSuggestion.objects.create(
            reseller_id=scene.reseller.pk,
            tenant=tenant,
            organization=organization,
            score=Decimal(score),
            level=level,
            rank=rank,
            reasons=[{"code": "domain", "text": "same domain contoso.com"}],
            made_at=timezone.now(),
        )
    return row


def test_chosen_rows_become_a_preview_and_then_links(north: Scene, visitor: Client) -> None:
    """Checklist point 12: three can be linked, two cannot, and the page says both before."""
    free = make_tenants(north.connection, 3, name="Free")
    other = make_organization(north.reseller, name="Other Company")
    taken = make_tenants(north.connection, 2, name="Taken")
    for tenant in taken:
        north.link(tenant, other)
    listed = shown(visitor.get("/tenants/"))
    assert 'name="selected"' in listed and f'formaction="{NEW}?plan=link"' in listed
    selected = [str(tenant.pk) for tenant in [*free, *taken]]
    asked = shown(visitor.post(f"{NEW}?plan=link", {"selected": selected}))
    assert "5 tenants chosen" in asked
    assert all(f'name="selected" value="{pk}"' in asked for pk in selected)
    sent = {"selected": selected, "plan": "link", "preview": "1"}
    wrong = visitor.post(NEW, sent)
    assert wrong.status_code == 422
    assert "Choose the organization" in wrong.content.decode()
    answer = visitor.post(NEW, {**sent, "organization_text": north.organization.number})
    draft = draft_at(answer, north)
    page = shown(visitor.get(answer["Location"]))
    assert "Preview: nothing has been changed yet" in page
    assert "Link 3 tenants to North Bakery BV" in page
    assert "linked to another organization" in page and "Other Company" in page
    assert "Will be done" in page and "Free 00003" in page
    skipped = shown(visitor.get(f"{answer['Location']}?tab=skipped"))
    assert "Taken 00001" in skipped and "Free 00001" not in skipped
    assert len(owners(north)) == 2
    started = visitor.post(f"{answer['Location']}run/")
    assert started["Location"] == answer["Location"]
    running = shown(visitor.get(answer["Location"]))
    assert "Running" in running and f'data-poll="{answer["Location"]}progress/"' in running
    job = fresh(north, draft).job
    assert job is not None
    assert "3 left" in shown(visitor.get(f"{answer['Location']}progress/"))
    assert answer["Location"] in shown(visitor.get(f"/jobs/{job.pk}/")), "found again from the jobs"
    done = work_off(north, draft, job)
    assert counted(done) == {"linked": 3, "skipped": 2}
    after = shown(visitor.get(answer["Location"]))
    assert "3 tenants done" in after and "data-poll=" not in after
    assert "Undo 3 links" in after
    assert "Link 3 tenants to North Bakery BV" in shown(visitor.get("/tenants/bulk/"))


def test_all_that_match_are_sent_as_query_and_count(north: Scene, visitor: Client) -> None:
    """Checklist point 10: refused when the count moved, with both numbers."""
    make_tenants(north.connection, 30, name="Contoso")
    query = "search=contoso&tab=unlinked&sort=-name"
    sent = {
        "all": "1",
        "count": "30",
        "query": query,
        "plan": "link",
        "preview": "1",
        "organization": str(north.organization.pk),
    }
    make_tenant(north.connection, name="Contoso late")
    moved = visitor.post(NEW, sent)
    assert moved.status_code == 422
    text = moved.content.decode()
    assert "held 30 tenants when you chose them and holds 31" in text
    assert not owners(north)
    draft = draft_at(visitor.post(NEW, {**sent, "count": "31"}), north)
    assert (draft.tenants, draft.to_link, draft.query) == (31, 31, query)
    run(north, draft)
    assert len(owners(north)) == 31
    assert north.tenant.pk not in owners(north), "what the search does not find is left alone"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"selected": "no-id"},
        {"all": "1", "query": ""},
        {"all": "1", "query": "", "count": "many"},
        {"all": "1", "query": "country=Nowhere", "count": "1"},
        {"suggestions": "sure", "count": "1"},
    ],
)
def test_what_makes_no_sense_is_refused(
    north: Scene, visitor: Client, sent: dict[str, str]
) -> None:
    answer = visitor.post(f"{NEW}?plan=create", sent)
    assert answer.status_code == 400
    with at_work(north.operator.actor):
        assert not BulkLink.objects.exists()


def test_all_certain_suggestions_are_accepted_together(north: Scene, visitor: Client) -> None:
    certain = make_tenants(north.connection, 3, name="Certain")
    likely, twice = (make_tenant(north.connection) for _ in range(2))
    wanted = {tenant.pk: suggest(north, tenant).organization_id for tenant in certain}
    suggest(north, likely, level="likely", score="0.8")
    suggest(north, twice)
    suggest(north, twice, rank=2)
    page = shown(visitor.get(f"{NEW}?suggestions=certain"))
    assert "4 tenants chosen" in page
    answer = visitor.post(NEW, {"suggestions": "certain", "count": "4", "preview": "1"})
    draft = draft_at(answer, north)
    assert (draft.to_link, draft.skipped) == (3, {"ambiguous": 1})
    assert "same domain contoso.com" in shown(visitor.get(answer["Location"]))
    done = run(north, draft)
    assert owners(north) == wanted
    assert {link.how for link in north.live_links()} == {"suggestion"}
    with at_work(north.operator.actor):
        states = LinkSuggestion.objects.filter(tenant__in=[row.pk for row in certain])
        assert set(states.values_list("state", flat=True)) == {"accepted"}
    assert counted(done) == {"linked": 3, "skipped": 1}


def test_chosen_rows_take_their_best_suggestion_from_a_level_on(
    north: Scene, visitor: Client
) -> None:
    certain, likely, none = (make_tenant(north.connection) for _ in range(3))
    suggest(north, certain)
    suggest(north, likely, level="likely", score="0.8")
    selected = [str(tenant.pk) for tenant in (certain, likely, none)]
    asked = shown(visitor.post(f"{NEW}?plan=suggestions", {"selected": selected}))
    assert "Likely or certain" in asked
    sent = {"selected": selected, "plan": "suggestions", "preview": "1", "level": "certain"}
    draft = draft_at(visitor.post(NEW, sent), north)
    assert draft.skipped == {"below_level": 1, "no_suggestion": 1}
    draft = draft_at(visitor.post(NEW, {**sent, "level": "likely"}), north)
    assert (draft.to_link, draft.skipped) == (2, {"no_suggestion": 1})


def test_organizations_are_previewed_at_once_and_created_when_run(
    north: Scene, visitor: Client
) -> None:
    tenants = make_tenants(north.connection, 3, name="Newcomer")
    selected = [str(tenant.pk) for tenant in tenants]
    draft = draft_at(visitor.post(f"{NEW}?plan=create", {"selected": selected}), north)
    address = f"/tenants/bulk/{draft.pk}/"
    assert "Create 3 organizations and link" in shown(visitor.get(address))
    run(north, draft)
    assert len(set(owners(north).values())) == 3
    assert "Created and linked" in shown(visitor.get(address))


def test_failures_are_exported_tried_again_and_the_whole_is_undone(
    north: Scene, visitor: Client
) -> None:
    """Checklist points 14 and 15: done, failed, left; retry of failures; export; undo."""
    tenants = make_tenants(north.connection, 4)
    quicker = make_organization(north.reseller, name="=Quicker()")
    draft = preview(north, tenants)
    link = north.link(tenants[2], quicker)
    done = run(north, draft)
    address = f"/tenants/bulk/{done.pk}/"
    page = shown(visitor.get(address))
    assert "3 tenants done · 1 not possible" in page and "Try 1 tenant again" in page
    assert "is linked to =Quicker()" in shown(visitor.get(f"{address}?tab=failed"))
    exported = visitor.get(f"{address}export/").getvalue().decode("utf-8-sig").splitlines()
    assert len(exported) == 3 and exported[-1] == "# 1 rows"
    assert "refused,linked_elsewhere" in exported[1]
    whole = visitor.get(f"{address}export/?all=1").getvalue().decode("utf-8-sig").splitlines()
    assert whole[-1] == "# 4 rows"
    assert visitor.post(f"/tenants/links/{link.pk}/undo/").status_code == 302
    assert visitor.post(f"{address}retry/").status_code == 302
    again = fresh(north, done)
    done = work_off(north, again, again.job)
    assert counted(done) == {"linked": 4}
    asked = shown(visitor.get(f"{address}undo/"))
    assert "4 links" in asked
    assert visitor.post(f"{address}undo/", {"reason": ""}).status_code == 422
    assert visitor.post(f"{address}undo/", {"reason": "wrong list"}).status_code == 302
    undoing = fresh(north, done)
    assert "Being undone" in shown(visitor.get(address))
    undone = work_off(north, undoing, undoing.undo_job)
    assert counted(undone) == {"undone": 4}
    page = shown(visitor.get(address))
    assert "wrong list" in page and "4 links taken back" in page
    assert owners(north) == {}


def test_a_preview_can_be_thrown_away_and_grows_old(north: Scene, visitor: Client) -> None:
    first, second = preview(north, [north.tenant]), preview(north, [north.tenant])
    assert visitor.post(f"/tenants/bulk/{first.pk}/discard/")["Location"] == "/tenants/"
    assert visitor.get(f"/tenants/bulk/{first.pk}/").status_code == 404
    with at_work(north.operator.actor):
        BulkLink.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert "older than a day" in shown(visitor.get(f"/tenants/bulk/{second.pk}/"))
    assert visitor.post(f"/tenants/bulk/{second.pk}/run/").status_code == 409


def test_an_auditor_reads_and_does_nothing_and_south_sees_nothing(north: Scene) -> None:
    done = run(north, preview(north, [north.tenant]))
    auditor = north.person(Role.AUDITOR).client()
    address = f"/tenants/bulk/{done.pk}/"
    page = shown(auditor.get(address))
    assert "Undo 1 link" not in page and "1 tenant done" in page
    assert auditor.get(f"{address}undo/").status_code == 403
    assert auditor.post(f"{NEW}?plan=create", {"selected": str(north.tenant.pk)}).status_code == 403
    assert 'name="selected"' not in shown(auditor.get("/tenants/"))
    south = make_scene("South").operator.client()
    assert south.get(address).status_code == 404
    assert "Link 1 tenant" not in shown(south.get("/tenants/bulk/"))
