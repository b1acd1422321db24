"""Signing in by the pages: away to Microsoft, back on any host, and what the panel then shows."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.core.access import Role
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tests.factories.core import Person, make_person
from tests.tenants.consents import change_consent, query_of, signed_in, stored_consent
from tests.tenants.simulated import PartnerCenterInProcess, customers
from tests.tenants.steps import discovered

CALLBACK = "/connections/consent/callback/"
OWN_HOST = "portal.north.example"


@pytest.fixture(autouse=True)
def _hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", OWN_HOST]
    settings.BASE_URL = "http://testserver"


@pytest.fixture
def person(reseller: Reseller) -> Person:
    return make_person(reseller, Role.ADMIN)


@pytest.fixture
def admin(person: Person) -> Client:
    return person.client()


@pytest.fixture
def connection(partner: PartnerCenterInProcess, reseller: Reseller) -> Connection:
    partner.lists(customers(2))
    return partner.connect(reseller, name="Netherlands")


def consent_page(connection: Connection) -> str:
    return reverse("connections:consent", args=[connection.pk])


def detail_page(connection: Connection) -> str:
    return reverse("connections:connection_detail", args=[connection.pk])


def sent_back(
    partner: PartnerCenterInProcess, admin: Client, connection: Connection, **more: str
) -> dict[str, str]:
    """Press the button and accept at Microsoft; return what comes back."""
    away = admin.post(consent_page(connection))
    assert away.status_code == 302
    return signed_in(partner, away["Location"], **more)


def test_page_says_what_is_needed_and_may_lead_to_microsoft_alone(
    admin: Client, connection: Connection, partner: PartnerCenterInProcess
) -> None:
    page = admin.get(consent_page(connection))
    text = page.content.decode()
    assert partner.tenant_id in text
    assert f"http://testserver{CALLBACK}" in text
    policy = page["Content-Security-Policy"].split("; ")  # in any order
    assert f"form-action 'self' https://login.microsoftonline.com {partner.address}" in policy


def test_signing_in_ends_on_a_page_that_says_who(
    partner: PartnerCenterInProcess, admin: Client, connection: Connection
) -> None:
    came = sent_back(partner, admin, connection)
    back = admin.get(CALLBACK, came)
    assert back.status_code == 302
    assert came["code"] not in back["Location"]
    text = admin.get(back["Location"]).content.decode()
    assert "Partner Center let you in" in text
    assert "admin@harbourcloud.onmicrosoft.com" in text
    assert "user_impersonation" in text
    panel = admin.get(detail_page(connection)).content.decode()
    assert "admin@harbourcloud.onmicrosoft.com" in panel
    assert "Sign-in ends in 89 days" in panel or "Sign-in ends in 90 days" in panel


def test_refused_sign_in_shows_the_reason(
    partner: PartnerCenterInProcess, admin: Client, connection: Connection
) -> None:
    back = admin.get(CALLBACK, sent_back(partner, admin, connection, amr="pwd"))
    text = admin.get(back["Location"]).content.decode()
    assert "The connection was not activated" in text
    assert "without multi-factor authentication" in text
    assert stored_consent(connection) is None


@pytest.mark.parametrize("state", ["", "nonsense", "a:b:c"])
def test_c10_callback_without_our_state_is_refused(
    partner: PartnerCenterInProcess, admin: Client, connection: Connection, state: str
) -> None:
    answer = admin.get(CALLBACK, {"code": "x", "state": state})
    assert answer.status_code == 400
    assert "not begun here by you" in answer.content.decode()


def test_c10_another_browser_of_the_same_person_cannot_finish(
    partner: PartnerCenterInProcess, person: Person, admin: Client, connection: Connection
) -> None:
    came = sent_back(partner, admin, connection)
    assert person.client().get(CALLBACK, came).status_code == 400
    assert Client().get(CALLBACK, came).status_code == 403
    assert stored_consent(connection) is None
    assert admin.get(CALLBACK, came).status_code == 302
    assert admin.get(CALLBACK, came).status_code == 400


def test_con05_sign_in_begun_on_the_resellers_own_host_ends_there(
    partner: PartnerCenterInProcess, person: Person, connection: Connection
) -> None:
    own = person.client()
    own.defaults["SERVER_NAME"] = OWN_HOST
    away = own.post(consent_page(connection))
    assert query_of(away["Location"])["redirect_uri"] == f"http://testserver{CALLBACK}"
    came = signed_in(partner, away["Location"])
    # Microsoft leads to the installation's address, where this browser has no session.
    led_on = Client().get(CALLBACK, came)
    assert led_on.status_code == 302
    assert urlsplit(led_on["Location"]).netloc == OWN_HOST
    assert query_of(led_on["Location"]) == came
    back = own.get(CALLBACK, query_of(led_on["Location"]))
    assert back["Location"].startswith(f"/connections/{connection.pk}/consent/")
    assert stored_consent(connection) is not None


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.FINANCE, Role.AUDITOR])
def test_others_see_the_panel_and_no_button(
    partner: PartnerCenterInProcess, reseller: Reseller, connection: Connection, role: Role
) -> None:
    client = make_person(reseller, role).client()
    text = client.get(detail_page(connection)).content.decode()
    assert "Nobody has signed in for this connection" in text
    assert "Sign in with Microsoft" not in text
    assert client.post(consent_page(connection)).status_code == 403


def test_panel_shows_families_as_calls_went(
    partner: PartnerCenterInProcess, admin: Client, connection: Connection
) -> None:
    admin.post(reverse("connections:connection_test", args=[connection.pk]))
    rows = {row.family: row for row in admin.get(detail_page(connection)).context["panel"].families}
    assert len(rows) == 11
    asked = {name for name, row in rows.items() if row.state == "green"}
    assert asked == rows.keys() - {"billing_export", "profiles"}
    assert rows["customers"].last_success_at is not None
    # Which the Test does not ask for: an export is made by it, profiles need a signed-in person.
    assert (rows["profiles"].state, rows["profiles"].word) == ("", "Not called yet")


def test_con09_test_calls_each_family_and_only_customers_decide(
    partner: PartnerCenterInProcess, admin: Client, connection: Connection
) -> None:
    admin.get(CALLBACK, sent_back(partner, admin, connection))
    refusal = {"code": 900150, "description": "No role for invoices."}
    partner.fail({"path": "/invoices", "action": "status", "status": 403, "body": refusal})
    page = admin.post(reverse("connections:connection_test", args=[connection.pk]), follow=True)
    assert "works: Partner Center answered" in page.content.decode()
    rows = {row.family: row for row in page.context["panel"].families}
    states = {name: rows[name].state for name in ("customers", "invoices", "profiles")}
    assert states == {"customers": "green", "invoices": "red", "profiles": "green"}
    assert "No role for invoices." in rows["invoices"].reason


def test_panel_says_why_and_under_which_id(
    partner: PartnerCenterInProcess, admin: Client, connection: Connection
) -> None:
    refusal = {"code": 900149, "description": "The programme is suspended."}
    partner.fail({"path": "/customers", "action": "status", "status": 403, "body": refusal})
    admin.post(reverse("connections:connection_test", args=[connection.pk]))
    page = admin.get(detail_page(connection))
    row = next(row for row in page.context["panel"].families if row.family == "customers")
    assert (row.state, row.code) == ("red", "programme_inactive")
    assert row.correlation_id
    assert row.correlation_id in row.reason
    assert row.reason in page.content.decode()


@pytest.mark.parametrize(
    ("age", "tone", "warns"),
    [
        (0, "good", False),
        (59, "good", False),
        (60, "warn", True),
        (75, "warn", True),
        (85, "warn", True),
        (87, "bad", True),
        (91, "bad", True),
    ],
)
def test_j04_age_of_the_refresh_token_warns(
    partner: PartnerCenterInProcess,
    admin: Client,
    connection: Connection,
    age: int,
    tone: str,
    warns: bool,
) -> None:
    admin.get(CALLBACK, sent_back(partner, admin, connection))
    change_consent(connection, renewed_at=timezone.now() - timedelta(days=age))
    page = admin.get(detail_page(connection))
    (credential,) = page.context["panel"].credentials
    assert (credential.tone, credential.warns) == (tone, warns)
    assert ("Renew it before it ends" in page.content.decode()) is warns


@pytest.mark.parametrize(
    ("days", "tone"),
    [(31, "good"), (30, "warn"), (14, "warn"), (3, "bad"), (0, "bad"), (-1, "bad")],
)
def test_end_of_the_secret_is_entered_and_warns(
    admin: Client, connection: Connection, days: int, tone: str
) -> None:
    ends = timezone.now().date() + timedelta(days=days)
    form = {
        "name": connection.name,
        "program": connection.program,
        "cloud": "simulator",
        "partner_tenant": connection.partner_tenant,
        "client_id": connection.client_id,
        "secret_expires_on": ends.isoformat(),
    }
    saved = admin.post(reverse("connections:connection_edit", args=[connection.pk]), form)
    assert saved.status_code == 302
    (credential,) = admin.get(detail_page(connection)).context["panel"].credentials
    assert (credential.ends_on, credential.days_left, credential.tone) == (ends, days, tone)


def test_con12_lost_sign_in_is_on_the_page_and_reading_goes_on(
    partner: PartnerCenterInProcess, admin: Client, connection: Connection
) -> None:
    admin.get(CALLBACK, sent_back(partner, admin, connection))
    change_consent(
        connection, state="lost", lost_at=timezone.now(), lost_because="The password was changed."
    )
    run = discovered(connection)
    assert run.completed_at is not None
    page = admin.get(detail_page(connection))
    rows = {row.family: row for row in page.context["panel"].families}
    assert rows["customers"].app_only_fallback
    assert rows["customers"].word == "Works with the application alone"
    assert (rows["profiles"].state, rows["profiles"].reason) == ("red", "The password was changed.")
    text = page.content.decode()
    assert "The sign-in is lost, so what needs it is paused" in text
    assert "The password was changed." in text


def test_api_tells_the_panel_and_begins_a_sign_in(
    partner: PartnerCenterInProcess, person: Person, connection: Connection
) -> None:
    program = person.api()
    begun = program.post(f"/api/v1/connections/{connection.pk}/consent/")
    assert begun.status_code == 201, begun.content
    came = signed_in(partner, begun.json()["address"])
    assert person.client().get(CALLBACK, came).status_code == 302
    answer = program.get(f"/api/v1/connections/{connection.pk}/health/")
    body = answer.json()
    assert body["consent"]["user_name"] == "admin@harbourcloud.onmicrosoft.com"
    assert body["consent"]["mfa_seen"] is True
    assert [row["family"] for row in body["families"]][:2] == ["sign_in", "customers"]
    assert body["credentials"][0]["name"] == "sign_in"
    row = stored_consent(connection)
    assert row is not None
    assert row.refresh_sealed not in answer.content.decode()


@pytest.mark.parametrize(
    ("program", "shown"),
    [("direct_bill", False), ("indirect_provider", True), ("country_tenant", True)],
)
def test_ind_reseller_mpn_is_for_indirect_and_its_country_tenants(
    reseller: Reseller, admin: Client, program: str, shown: bool
) -> None:
    connection = Connection(reseller=reseller, program=program)
    assert connection.shows_reseller_mpn is shown
    text = admin.get(reverse("connections:connection_create")).content.decode()
    assert Connection.Program(program).label in text
