"""Sign-in and sessions: nothing of a session survives what should end it, nobody is sent astray."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse

from portal.core.access import Role, acting, system_actor
from portal.core.identity.models import Membership, User
from portal.core.identity.operations import remove_member
from portal.web.actors import SESSION_KEY
from portal.web.exports import FLUSH_ROWS, table_response
from tests.access.routes import UNSAFE, all_routes
from tests.factories.core import PASSWORD, Person, make_person, make_reseller

pytestmark = pytest.mark.django_db

BYPASSES = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "https://evil.example",
    "http://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/%09/evil.example",
    "//evil.example%2f..",
    "//evil.example/..;/",
    "/%0a/evil.example",
    "/\n/evil.example",
    "\r\n//evil.example",
    "//testserver@evil.example",
    "https://testserver@evil.example",
    "https://testserver:80@evil.example/",
    "https://testserver.evil.example",
    "https://evil.example#testserver",
    "https://evil.example?testserver",
    "https://evil.example\\testserver",
    "https://evil。example",
    "//evil。example",
    "https://ｅvil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://evil.example",
    "//[::1]/",
    "http://0x7f000001/",
    "\x00//evil.example",
    "///\\;@evil.example",
]


@pytest.fixture
def person() -> Person:
    return make_person(make_reseller(), password=PASSWORD, email="ada@example.com")


def sign_in(client: Client, **extra: str) -> object:
    return client.post(
        reverse("account_login"), {"login": "ada@example.com", "password": PASSWORD, **extra}
    )


def test_signing_in_leads_to_the_start_page(person: Person) -> None:
    client = Client()
    client.get(reverse("account_login"))
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, reverse("start"))  # type: ignore[attr-defined,index]
    assert client.get(reverse("profile")).status_code == 200


def test_an_address_is_found_whatever_its_case(person: Person) -> None:
    answer = Client().post(
        reverse("account_login"), {"login": "ADA@Example.COM", "password": PASSWORD}
    )
    assert answer.status_code == 302


def test_a_wrong_password_and_an_unknown_person_look_alike(person: Person) -> None:
    answers = [
        Client().post(reverse("account_login"), {"login": email, "password": "wrong-wrong-wrong"})
        for email in ("ada@example.com", "nobody@example.com")
    ]
    pages = [answer.content.decode().replace("nobody@", "ada@") for answer in answers]
    tokens = [re.sub(r'(csrf[^>]*?(?:value|content))="[^"]*"', r"\1", page) for page in pages]
    assert tokens[0] == tokens[1]
    assert "not correct" in pages[0]


def test_nobody_can_sign_up() -> None:
    names = {route.name for route in all_routes()}
    assert not {name for name in names if "signup" in name}


def test_c01_signing_in_changes_the_session_key(person: Person) -> None:
    client = Client()
    client.session.save()
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    planted = session.session_key
    sign_in(client)
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_c01_a_password_change_changes_the_key_and_ends_other_sessions(person: Person) -> None:
    here, elsewhere = Client(), Client()
    sign_in(here)
    sign_in(elsewhere)
    before = here.session.session_key
    new = "another fine long phrase"
    answer = here.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert answer.status_code == 302
    assert here.session.session_key != before
    assert here.get(reverse("profile")).status_code == 200
    assert elsewhere.get(reverse("profile")).status_code == 302


def test_c01_changing_the_role_changes_the_session_key(person: Person) -> None:
    second = make_person(make_reseller(), email="ada@example.com")
    client = person.client()
    before = client.session.session_key
    answer = client.post(reverse("switch_membership", args=[second.membership.pk]))
    assert answer.status_code == 302
    assert client.session.session_key != before
    assert client.session[SESSION_KEY] == str(second.membership.pk)


def test_nobody_switches_into_a_role_that_is_somebody_elses(person: Person) -> None:
    stranger = make_person(make_reseller())
    answer = person.client().post(reverse("switch_membership", args=[stranger.membership.pk]))
    assert answer.status_code == 404


def test_signing_out_ends_the_session_on_the_server(person: Person) -> None:
    client = person.client()
    key = client.session.session_key
    client.post(reverse("account_logout"))
    stolen = Client()
    stolen.cookies["sessionid"] = str(key)
    assert stolen.get(reverse("profile")).status_code == 302


SIGNED = frozenset({"notifications:receive"})
"""Where Microsoft posts: known by its signature over the body, and blind to sessions."""


@pytest.mark.django_db(transaction=True)  # a refusal outside a transaction would end the test's
def test_c02_no_unsafe_route_of_a_session_works_without_the_csrf_token(person: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = person.client().cookies
    tried, accepted = 0, []
    made_up = "00000000-0000-4000-8000-000000000000"
    for route in all_routes():
        arguments = {name: _sample(name, made_up) for name in route.parameters}
        address = reverse(route.name, kwargs=arguments)
        for verb in set(UNSAFE) & set(route.verbs):
            for headers in ({}, {"origin": "https://evil.example"}, {"x-csrftoken": "a" * 32}):
                answer = getattr(client, verb)(address, headers=headers)
                tried += 1
                if answer.status_code != (401 if route.name in SIGNED else 403):
                    accepted.append((route.name, verb, answer.status_code))
    assert tried > 30
    assert accepted == []


@pytest.mark.parametrize("header", ["HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED"])
@pytest.mark.parametrize("route", ["account_login", "account_reset_password", "start", "docs"])
def test_c03_a_forged_host_is_refused_or_ignored(person: Person, header: str, route: str) -> None:
    value = "host=evil.example" if header == "HTTP_FORWARDED" else "evil.example"
    answer = Client().get(reverse(route), **{header: value})  # type: ignore[arg-type]
    assert answer.status_code == (400 if header == "HTTP_HOST" else answer.status_code)
    assert "evil.example" not in answer.content.decode() + answer.get("Location", "")


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED"])
def test_c03_no_mail_carries_a_forged_host(person: Person, header: str) -> None:
    value = "host=evil.example" if header == "HTTP_FORWARDED" else "evil.example"
    Client().post(
        reverse("account_reset_password"),
        {"email": "ada@example.com"},
        **{header: value},  # type: ignore[arg-type]
    )
    assert len(mail.outbox) == 1
    assert "evil.example" not in mail.outbox[0].body
    assert "http://testserver/auth/password/reset/key/" in mail.outbox[0].body


def test_a_password_reset_for_a_stranger_looks_the_same_and_sends_nothing_useful() -> None:
    answer = Client().post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    assert answer.status_code == 302
    assert all("/reset/key/" not in message.body for message in mail.outbox)


@pytest.mark.parametrize("target", BYPASSES, ids=range(len(BYPASSES)))
def test_c04_signing_in_never_leads_off_the_portal(person: Person, target: str) -> None:
    answer = sign_in(Client(), next=target)
    address = urlsplit(answer["Location"])  # type: ignore[index]
    assert address.netloc in ("", "testserver")
    assert address.scheme in ("", "http")
    assert not answer["Location"].startswith(("//", "/\\", "\\"))  # type: ignore[index]


def test_c07_a_removed_member_is_out_at_the_next_request() -> None:
    reseller = make_reseller()
    make_person(reseller)
    leaver = make_person(reseller, Role.OPERATOR)
    browser, program = leaver.client(), leaver.api()
    assert browser.get(reverse("profile")).status_code == 200
    assert program.get(reverse("api:me-list")).status_code == 200
    system = system_actor(reseller.pk, "tests")
    with acting(system):
        remove_member(leaver.membership, actor=system)
    assert browser.get(reverse("profile")).status_code == 403
    assert program.get(reverse("api:me-list")).status_code == 401


@pytest.mark.parametrize("change", ["removed", "lowered"])
def test_c07_a_running_export_stops_when_the_role_is_taken_away(change: str) -> None:
    reseller = make_reseller()
    make_person(reseller)
    leaver, system = make_person(reseller, Role.OPERATOR), system_actor(reseller.pk, "tests")

    def rows() -> Iterator[tuple[int]]:
        for number in range(5 * FLUSH_ROWS):
            if number == 2 * FLUSH_ROWS - 1:
                with acting(system):
                    if change == "removed":
                        remove_member(leaver.membership, actor=system)
                    else:
                        with transaction.atomic():
                            Membership.objects.filter(pk=leaver.membership.pk).update(
                                role=Role.AUDITOR
                            )
            yield (number,)

    answer = table_response(name="x", header=["n"], rows=rows, actor=leaver.actor)
    lines = answer.getvalue().decode().splitlines()
    assert lines[-1] == f"# stopped after {2 * FLUSH_ROWS} rows: the role is gone"
    assert len(lines) == 1 + 2 * FLUSH_ROWS + 1


def test_a_person_without_any_role_is_told_so() -> None:
    client = Client()
    client.force_login(User.objects.create_user("lonely@example.com", PASSWORD))
    page, call = client.get(reverse("profile")), client.get(reverse("api:me-list"))
    assert (page.status_code, call.status_code) == (403, 403)
    assert "no role" in page.content.decode()
    assert call.json()["code"] == "no_role"


def test_an_unknown_token_is_refused_and_says_so() -> None:
    answer = Client(headers={"authorization": "Bearer tnt_wrong"}).get(reverse("api:me-list"))
    assert answer.status_code == 401
    assert answer.json()["code"] == "authentication_failed"
    assert "Bearer" in answer["WWW-Authenticate"]


def _sample(parameter: str, made_up: str) -> str:
    return {"month": "2026-01", "format": "json", "number": "1", "uidb36": "1", "key": "x"}.get(
        parameter, made_up
    )
