"""What the list says while there is nothing to list, and the Microsoft CSP page."""

import pytest
from django.test import Client

from portal.core.access import Role
from portal.core.jobs.models import Job
from tenants.discovery.operations import request_discovery
from tests.factories.core import make_person, make_reseller
from tests.organizations.linking.calls import LIST, text_of
from tests.organizations.linking.scene import Scene, at_work, working_connection

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def test_without_a_connection_the_list_teaches_the_first_step() -> None:
    person = make_person(make_reseller())
    page = text_of(person.client())
    assert "No Partner Center is connected" in page
    assert 'href="/connections/new/"' in page
    assert "unlinked-alert" not in page


def test_without_tenants_the_list_leads_to_discovery() -> None:
    reseller = make_reseller()
    connected = working_connection(reseller)
    page = text_of(make_person(reseller).client())
    assert "No tenants yet" in page
    assert f'href="/connections/{connected.pk}/"' in page


def test_nothing_matches_offers_to_clear(visitor: Client) -> None:
    page = text_of(visitor, f"{LIST}?search=nobodyhasthisname")
    assert "Nothing matches" in page and "Clear search and filters" in page


def test_running_discovery_shows_its_progress(north: Scene, visitor: Client) -> None:
    with at_work(north.operator.actor) as actor:
        run = request_discovery(north.connection, actor=actor)
    page = text_of(visitor)
    assert f"/discovery-runs/{run.pk}/progress/" in page


def test_failed_discovery_says_why_and_where_to_try_again(north: Scene, visitor: Client) -> None:
    with at_work(north.operator.actor) as actor:
        run = request_discovery(north.connection, actor=actor)
        Job.objects.filter(pk=run.job_id).update(
            state=Job.State.FAILED, error="The secret expired.", finished_at=run.created_at
        )
    page = text_of(visitor)
    assert "The secret expired." in page
    assert f"/connections/{north.connection.pk}/" in page


def test_csp_page_shows_alert_steps_and_connections(north: Scene, visitor: Client) -> None:
    page = text_of(visitor, "/services/microsoft-csp/")
    assert "1 tenant is not linked to an organization" in page
    assert north.connection.name in page
    assert "/tenants/?tab=unlinked" in page
    north.link()
    assert "All tenants are linked" in text_of(visitor, "/services/microsoft-csp/")


def test_csp_page_without_connection_teaches() -> None:
    page = text_of(make_person(make_reseller()).client(), "/services/microsoft-csp/")
    assert "No Partner Center is connected" in page


def test_csp_page_tells_customers_nothing_of_the_reseller(north: Scene) -> None:
    customer = north.person(Role.CUSTOMER_ADMIN, organization=north.organization).client()
    page = text_of(customer, "/services/microsoft-csp/")
    assert north.connection.name not in page and "not linked" not in page
