"""Letters and first passwords on the screen and in the API; no answer holds a password."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from portal.core.access import Role
from tests.organizations.alert.telling import html_of, send
from tests.organizations.linking.scene import Scene, make_scene
from tests.organizations.passwords.desk import (
    PASSWORD,
    account_of,
    ask_code,
    change_account,
    fresh,
    keep,
    link_in,
    sent,
    welcome,
)

pytestmark = pytest.mark.django_db(transaction=True)
LETTERS, WELCOME = "/messages/letters/", "/messages/letters/accounts.welcome/"
API = "/api/v1/letters/accounts.welcome/"
TEXT = {
    "language": "nl",
    "to": "{#Accounts.Email#}",
    "subject": "Welkom {# accounts.NAME #}",
    "body": "Beste {#Accounts.Name#},\n\n{#Tenant.PasswordLink#}",
}


@pytest.fixture
def browser(north: Scene) -> Client:
    return north.person(Role.ADMIN).client()


@pytest.fixture
def program(north: Scene) -> Client:
    return north.person(Role.ADMIN).api()


def put(program: Client, **body: Any) -> Any:
    return program.put(API, body, content_type="application/json")


def post(program: Client, path: str, **body: Any) -> Any:
    return program.post(path, body, content_type="application/json")


def test_a_letter_is_worded_looked_at_and_sent_as_a_test(north: Scene, browser: Client) -> None:
    account = account_of(north.organization)
    change_account(account, name="<script>alert(1)</script> {#Accounts.Email#}")
    page = browser.get(LETTERS).content.decode()
    assert "Welcome Office 365 customer" in page and "Built in" in page and "German" in page
    looked = browser.post(WELCOME, {**TEXT, "about": str(account.pk), "preview": "1"})
    words = looked.content.decode()
    assert "Welkom &lt;script&gt;alert(1)&lt;/script&gt; {#Accounts.Email#}" in words
    assert "<p>Beste &lt;script&gt;" in words and "it@example.com" in words
    saved = browser.post(WELCOME, {**TEXT, "about": str(account.pk)}, follow=True)
    words = saved.content.decode()
    assert "is saved in Dutch" in words and "your own text" in words and "Preview" in words
    browser.post(f"{WELCOME}test/", {"language": "nl", "about": str(account.pk)})
    send(north.reseller)
    (test,) = mail.outbox
    assert test.subject.startswith("Test: Welkom <script>alert(1)</script> {#Accounts.Email#}")
    assert test.to[0].startswith("admin-")
    assert "portal.example.com/welcome/" in test.body
    assert "<script>" not in html_of(test)
    back = browser.post(f"{WELCOME}reset/", {"language": "nl"}, follow=True).content.decode()
    assert "built-in text" in back and "Ihr" not in back


def test_what_is_wrong_is_said_beside_its_field(browser: Client) -> None:
    wrong = {
        **TEXT,
        "to": "eve@evil.example",
        "subject": "Hi {#Users.ResetToken#}",
        "body": "a\n{{ settings }} {#Accounts.Nmae#}",
    }
    answer = browser.post(WELCOME, wrong)
    words = answer.content.decode()
    assert answer.status_code == 422
    assert "opens a door" in words
    assert "Line 1, column 4: There is no merge field {#Users.ResetToken#}." in words
    assert "Line 2, column 16: There is no merge field {#Accounts.Nmae#}." in words
    assert "Built in" in browser.get(LETTERS).content.decode()


def test_the_letter_in_the_recipients_language_is_the_one_that_is_sent(
    north: Scene, browser: Client
) -> None:
    browser.post(WELCOME, TEXT)
    sent(north)
    assert mail.outbox[0].subject == "Welkom North Bakery BV"
    row = browser.get("/messages/").content.decode()
    assert "Welkom North Bakery BV" in row and "Send again" in row


def test_the_api_does_the_same(north: Scene, program: Client) -> None:
    account = account_of(north.organization)
    found = {one["id"]: one for one in program.get("/api/v1/letters/").json()["results"]}
    assert {"accounts.password_code", "accounts.welcome"} <= {*found}
    letter = found["accounts.welcome"]
    tags = [field["tag"] for field in letter["fields"]]
    assert "{#Accounts.ParentAccountEmail#}" in tags and "{#Tenant.Password#}" not in tags
    refused = put(program, **{**TEXT, "body": "{#Tenant.Password#}"})
    assert refused.status_code == 400 and "no merge field" in str(refused.json()["fields"]["body"])
    assert put(program, **TEXT, colour="red").status_code == 400
    assert put(program, **{**TEXT, "language": "xx"}).status_code == 400
    saved = put(program, **TEXT).json()
    dutch = next(text for text in saved["texts"] if text["language"] == "nl")
    assert (dutch["own"], dutch["subject"]) == (True, TEXT["subject"])
    looked = post(program, f"{API}preview/", language="nl", about=str(account.pk)).json()
    assert looked["to"] == ["it@example.com"]
    assert looked["subject"] == "Welkom North Bakery BV"
    assert '<a href="https://portal.example.com/welcome/…">' in looked["html"]
    south = make_scene("South")
    strange = str(account_of(south.organization).pk)
    assert post(program, f"{API}preview/", language="nl", about=strange).status_code == 404
    assert post(program, f"{API}test/", language="nl").json()["state"] == "waiting"
    assert post(program, f"{API}reset/", language="nl").json()["texts"][2]["own"] is False
    assert program.get("/api/v1/letters/nothing.here/").status_code == 404


def test_first_passwords_show_where_they_stand_and_never_themselves(
    north: Scene, browser: Client, program: Client
) -> None:
    row = keep(north)
    waiting = browser.get("/first-passwords/").content.decode()
    assert "admin@northbakery.onmicrosoft.com" in waiting and "Waiting" in waiting
    welcome(row)
    send(north.reseller)
    listed = browser.get("/first-passwords/").content.decode()
    page = browser.get(f"/first-passwords/{row.pk}/").content.decode()
    assert "Sent" in listed and "it@example.com" in page and "Not opened yet" in page
    account = account_of(north.organization)
    change_account(account, email="eve@evil.example")
    moved = browser.get(f"/first-passwords/{row.pk}/").content.decode()
    assert "would go to eve@evil.example by now" in moved and "Approve the other address" in moved
    (told,) = program.get("/api/v1/first-passwords/").json()["results"]
    assert (told["state"], told["recipient"]) == ("sent", "it@example.com")
    assert post(program, f"/api/v1/first-passwords/{row.pk}/send/").json()["state"] == "waiting"
    one = program.get(f"/api/v1/first-passwords/{row.pk}/").content.decode()
    everything = "".join([waiting, listed, page, moved, one, str(told)])
    assert "SECRET-CANARY" not in everything and "password_sealed" not in everything


def test_the_switch_is_an_administrators(north: Scene, browser: Client, program: Client) -> None:
    operator = north.operator.client()
    assert b"The password in the mail" in operator.get("/first-passwords/handing-over/").content
    assert operator.post("/first-passwords/handing-over/", {"in_mail": "on"}).status_code == 403
    done = browser.post("/first-passwords/handing-over/", {"in_mail": "on"}, follow=True)
    assert "is saved" in done.content.decode()
    assert b"{#Tenant.Password#}" in browser.get(WELCOME).content
    handing = "/api/v1/first-passwords/handing-over/"
    assert program.get(handing).json() == {"in_mail": True, "own_address": ""}
    answer = program.patch(handing, {"own_address": "a, b"}, content_type="application/json")
    assert list(answer.json()["fields"]) == ["own_address"]
    answer = program.patch(handing, {"in_mail": False}, content_type="application/json")
    assert answer.json()["in_mail"] is False


def test_a_customer_and_finance_see_none_of_it(north: Scene) -> None:
    row = keep(north)
    people = [
        north.person(Role.CUSTOMER_ADMIN, organization=north.organization),
        north.person(Role.FINANCE),
    ]
    for person in people:
        for path in ("", f"{row.pk}/", "handing-over/"):
            assert person.client().get(f"/first-passwords/{path}").status_code == 403
        assert person.api().get("/api/v1/first-passwords/").status_code == 403


def test_nothing_that_is_told_of_a_failure_holds_the_password(
    north: Scene, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A crash in the middle of showing it: the page, the log and the mail server learn nothing."""
    row = sent(north)
    path = link_in(mail.outbox[0])
    code = ask_code(north, path)

    def crash(*_: Any, **__: Any) -> None:
        raise RuntimeError("as planned")

    with monkeypatch.context() as patched:
        patched.setattr("organizations.passwords.opening.wipe", crash)
        broken = Client(raise_request_exception=False).post(path, {"code": code})
    assert broken.status_code == 500
    said = capfd.readouterr()
    assert PASSWORD not in broken.content.decode() + said.out + said.err
    assert not fresh(row).is_wiped
    assert "SECRET-CANARY" in Client().post(path, {"code": code}).content.decode()
