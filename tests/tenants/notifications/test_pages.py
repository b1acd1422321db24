"""The page that says how a connection is told of changes."""

import pytest
from django.test import Client
from django.urls import reverse

from portal.core.access import Role
from tests.factories.core import make_person
from tests.factories.tenants import make_connection
from tests.partnercenter.simulator.calls import app_caller
from tests.partnercenter.simulator.receivers import REGISTRATION
from tests.tenants.notifications.line import Line
from tests.tenants.simulated import customer_id, customers
from tests.tenants.steps import discovered, tenants

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(line: Line) -> Client:
    client = make_person(line.reseller, Role.ADMIN).client()
    client.defaults["wsgi.url_scheme"] = "https"
    return client


def page(admin: Client, line: Line) -> str:
    answer = admin.get(reverse("notifications:page", args=[line.connection.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def press(admin: Client, line: Line, button: str, **body: str) -> None:
    answer = admin.post(reverse(f"notifications:{button}", args=[line.connection.pk]), body)
    assert answer.status_code == 302


def test_a_connection_without_a_registration_says_so(line: Line, admin: Client) -> None:
    other = make_connection(line.reseller, name="Not registered")
    answer = admin.get(reverse("notifications:page", args=[other.pk]))
    assert answer.status_code == 200
    assert "Not registered" in answer.text and "None yet" in answer.text


def test_a_test_event_is_asked_for_and_seen(line: Line, admin: Client) -> None:
    assert "Registered" in page(admin, line)
    press(admin, line, "webhook_test")
    assert "Asked for" in page(admin, line)
    (arrival,) = line.arrivals()
    line.deliver(arrival)
    shown = page(admin, line)
    assert "Came in" in shown
    assert "test-created" in shown
    key = line.path.rstrip("/").rpartition("/")[2]
    assert key not in shown


def test_another_program_is_replaced_on_request_only(line: Line, admin: Client) -> None:
    other = {"WebhookUrl": "https://other.example.test/in", "WebhookEvents": ["test-created"]}
    app_caller(line.partner.simulator).send("PUT", REGISTRATION, body=other)
    press(admin, line, "webhook_register")
    shown = page(admin, line)
    assert "other.example.test" in shown
    assert "Replace the other program" in shown
    press(admin, line, "webhook_register", replace="yes")
    assert "Replace the other program" not in page(admin, line)


def test_pages_say_what_became_of_a_tenant_and_what_found_it(line: Line, admin: Client) -> None:
    line.partner.lists(customers(3))
    line.trust_again()
    discovered(line.connection)
    line.control("customers/rename", {"id": customer_id(1), "companyName": "Renamed Ltd"})
    line.control("customers/remove", {"id": customer_id(2)})
    line.poll()
    line.a_minute_later()
    rows = tenants(line.connection)
    listed = admin.get(reverse("linking:tenant_list")).content.decode()
    assert "renamed from Customer 00001" in listed
    assert "No longer listed" in listed
    one = admin.get(reverse("linking:tenant_detail", args=[rows[customer_id(1)].pk]))
    assert "Renamed from" in one.content.decode()
    gone = admin.get(reverse("linking:tenant_detail", args=[rows[customer_id(2)].pk]))
    assert "No longer listed since" in gone.content.decode()
    line.control("customers/return", {"id": customer_id(2)})
    line.poll()
    line.a_minute_later()
    back = admin.get(reverse("linking:tenant_detail", args=[rows[customer_id(2)].pk]))
    assert "Returned on" in back.content.decode()
    runs = admin.get(reverse("discovery:run_list")).content.decode()
    assert "Audit" in runs
    assert "Found by" in runs
    line.control(
        "customers", {"companyName": "Customer 00003", "domain": "customer3.onmicrosoft.com"}
    )
    line.poll()
    third = admin.get(reverse("linking:tenant_detail", args=[rows[customer_id(3)].pk]))
    assert "Another tenant has this domain" in third.content.decode()
