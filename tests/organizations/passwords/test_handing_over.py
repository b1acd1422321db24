"""A first password from the create to whoever it is for: once, to the frozen address, then gone."""

import smtplib
from collections.abc import Callable
from datetime import timedelta
from html import escape
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone

from organizations.directory.accounts import change_account as change_by_hand
from organizations.passwords.keeping import expire, keep_password
from organizations.passwords.models import FirstPassword
from organizations.passwords.operations import (
    Handing,
    change_handing,
    redirect_password,
    send_again,
)
from portal.core.access import Role, acting, system_actor
from portal.core.errors import Conflict, InvalidInput, NotAllowed
from portal.core.identity.suspension import resume_reseller, suspend_reseller
from portal.notify.operations import retry_delivery
from tests.organizations.alert.telling import html_of, send
from tests.organizations.linking.scene import Scene, at_work, make_scene
from tests.organizations.passwords.desk import (
    PASSWORD,
    account_of,
    ask_code,
    change_account,
    events,
    expire_now,
    fresh,
    keep,
    letters,
    link_in,
    links,
    open_link,
    sent,
    welcome,
    word,
)

pytestmark = pytest.mark.django_db(transaction=True)
Figure = Callable[[str, object], None]
State = FirstPassword.State


def switch(scene: Scene, *, in_mail: bool) -> None:
    with acting(system_actor(scene.reseller.pk, "tests")) as actor:
        change_handing(actor=actor, handing=Handing(in_mail=in_mail, own_address=""))


def test_the_letter_leads_to_the_password_once(north: Scene) -> None:
    row = sent(north)
    (letter,) = mail.outbox
    assert letter.to == ["it@example.com"]
    assert letter.subject == "Your Microsoft cloud services: northbakery.onmicrosoft.com"
    assert PASSWORD not in str(letter.message())
    assert "admin@northbakery.onmicrosoft.com" in letter.body
    assert (row.state, row.is_wiped) == (State.SENT, False)

    path = link_in(letter)
    page = Client().get(path)
    assert page.status_code == 200 and "i…@example.com" in page.content.decode()
    assert page["Cache-Control"] == "no-store, private"
    assert page["Referrer-Policy"] == "same-origin"
    shown = open_link(north, path)
    assert escape(PASSWORD) in shown
    row = fresh(row)
    assert (row.state, row.password_sealed, row.wiped_because) == (State.OPENED, "", "shown")
    again = Client().get(path)
    assert again.status_code == 410 and "Already shown" in again.content.decode()
    assert [name.removeprefix("organizations.password_") for name in events(north.reseller)] == [
        "kept",
        "asked",
        "sent",
        "code",
        "shown",
        "wiped",
    ]


def test_the_page_that_shows_it_leaves_no_trace_in_the_browser(north: Scene) -> None:
    sent(north)
    path, browser = link_in(mail.outbox[0]), Client()
    code = ask_code(north, path, browser)
    answer = browser.post(path, {"code": f" {code[:4]} {code[4:]} "})
    assert escape(PASSWORD) in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store, private"
    reloaded = browser.post(path, {"code": code})
    assert reloaded.status_code == 410 and escape(PASSWORD) not in reloaded.content.decode()


def test_looking_changes_nothing_and_a_wrong_code_opens_nothing(north: Scene) -> None:
    row = sent(north)
    path = link_in(mail.outbox[0])
    for _ in range(3):
        assert Client().get(path).status_code == 200
    code = ask_code(north, path)
    wrong = str((int(code) + 1) % 10**8).zfill(8)
    for _ in range(5):
        answer = Client().post(path, {"code": wrong})
        assert answer.status_code == 422 and escape(PASSWORD) not in answer.content.decode()
    assert "wrong too often" in answer.content.decode()
    late = Client().post(path, {"code": code})
    assert late.status_code == 422 and "too old" in late.content.decode()
    assert not fresh(row).is_wiped
    assert escape(PASSWORD) in open_link(north, path)


def test_tries_are_limited_as_those_to_sign_in(north: Scene) -> None:
    sent(north)
    path = link_in(mail.outbox[0])
    codes = [Client().post(path, {}).status_code for _ in range(6)]
    assert codes == [200] * 4 + [429] * 2
    answer = Client().post(path, {})
    assert int(answer["Retry-After"]) > 0
    tries = [Client().post(path, {"code": "00000000"}).status_code for _ in range(12)]
    assert tries[-1] == 429


def test_a_strange_key_and_a_mangled_one_are_not_there(north: Scene) -> None:
    sent(north)
    path = link_in(mail.outbox[0])
    for strange in (f"{path[:-3]}00/", "/welcome/x/", f"/welcome/{'0' * 64}/"):
        answer = Client().get(strange)
        assert answer.status_code == 404
        assert b"northbakery" not in answer.content


def test_an_administrator_of_the_organization_needs_no_code(north: Scene) -> None:
    south = make_scene("South")
    row = sent(north)
    path = link_in(mail.outbox[0])
    strangers = [
        north.operator,
        north.person(Role.ADMIN),
        north.person(Role.CUSTOMER_VIEWER, organization=north.organization),
        south.person(Role.CUSTOMER_ADMIN, organization=south.organization),
    ]
    for person in strangers:
        browser = person.client()
        assert b"You are signed in" not in browser.get(path).content
        assert escape(PASSWORD) not in browser.post(path, {"signed-in": "1"}).content.decode()
    own = north.person(Role.CUSTOMER_ADMIN, organization=north.organization).client()
    assert b"You are signed in" in own.get(path).content
    assert escape(PASSWORD) in own.post(path, {"signed-in": "1"}).content.decode()
    assert fresh(row).state == State.OPENED


def test_the_same_create_keeps_one_and_a_new_password_replaces_it(north: Scene) -> None:
    request = uuid4()
    first = keep(north, request_id=request)
    assert fresh(keep(north, request_id=request)).version == 1
    welcome(first)
    welcome(first)
    assert len(letters(north.reseller)) == 1
    second = keep(north, request_id=request, password="SECRET-CANARY another one")
    assert (second.pk, second.version) == (first.pk, 2)
    welcome(second)
    send(north.reseller)
    old, new = (link_in(message) for message in (mail.outbox[0], mail.outbox[-1]))
    assert "SECRET-CANARY another one" in open_link(north, new)
    assert escape(PASSWORD) not in Client().get(old).content.decode()
    assert keep(north, request_id=request).is_wiped


def test_a_password_is_kept_in_the_transaction_of_its_tenant(north: Scene) -> None:
    actor = system_actor(north.reseller.pk, "tests")
    with acting(actor), pytest.raises(transaction.TransactionManagementError):
        keep_password(
            account_of(north.organization),
            actor=actor,
            request_id=uuid4(),
            connection=north.connection,
            tenant_id=north.tenant.microsoft_id,
            username="admin",
            domain="x.onmicrosoft.com",
            password=PASSWORD,
            recipient="it@example.com",
        )


def test_send_again_makes_a_new_link_and_ends_the_former(north: Scene) -> None:
    row = sent(north)
    with acting(north.operator.actor) as actor:
        send_again(row, actor=actor)
    send(north.reseller)
    old, new = (link_in(message) for message in mail.outbox)
    assert old != new
    assert "newer link" in Client().get(old).content.decode()
    assert Client().post(old, {}).status_code == 410
    assert escape(PASSWORD) in open_link(north, new)
    with acting(north.operator.actor) as actor, pytest.raises(Conflict, match="wiped"):
        send_again(row, actor=actor)


def test_links_and_passwords_end_by_the_clock(north: Scene) -> None:
    row = sent(north)
    path, now = link_in(mail.outbox[0]), timezone.now()
    with at_work(system_actor(north.reseller.pk, "tests")):
        link = links(row)[0]
        type(link).objects.filter(pk=link.pk).update(expires_at=now)
    assert "has expired" in Client().get(path).content.decode()
    actor = system_actor(north.reseller.pk, "tests")
    with acting(actor):
        assert expire(actor=actor) == 0
    row = fresh(row)
    assert (row.state, row.is_wiped) == (State.EXPIRED, False)
    with acting(north.operator.actor) as person:
        send_again(row, actor=person)
    send(north.reseller)
    assert fresh(row).state == State.SENT
    expire_now(row, expires_at=now)
    with acting(actor):
        assert expire(actor=actor) == 1
    row = fresh(row)
    assert (row.state, row.password_sealed, row.wiped_because) == (State.EXPIRED, "", "expired")
    assert Client().get(link_in(mail.outbox[-1])).status_code == 410


def test_a_letter_that_waited_for_its_mail_server_carries_a_link_that_opens(north: Scene) -> None:
    row = keep(north)
    welcome(row)
    with at_work(system_actor(north.reseller.pk, "tests")):
        link = links(row)[0]
        type(link).objects.filter(pk=link.pk).update(expires_at=timezone.now())
    send(north.reseller)
    assert escape(PASSWORD) in open_link(north, link_in(mail.outbox[0]))


def test_the_seeds_way_is_a_switch_and_wipes_when_the_mail_is_out(north: Scene) -> None:
    with pytest.raises(InvalidInput) as refused:
        word(north, body="{#Tenant.Password#}")
    assert "no merge field {#Tenant.Password#}" in str(refused.value.fields)
    with acting(north.operator.actor) as actor, pytest.raises(NotAllowed):
        change_handing(actor=actor, handing=Handing(in_mail=True, own_address=""))
    switch(north, in_mail=True)
    word(north, body="{#Tenant.Username#}: {#Tenant.Password#}")
    row = sent(north)
    (letter,) = mail.outbox
    assert letter.body == f"admin: {PASSWORD}"
    assert escape(PASSWORD) in html_of(letter)
    assert (row.state, row.password_sealed) == (State.MAILED, "")
    # Sent again it says nothing: there is nothing left to say.
    (delivery,) = letters(north.reseller)
    with acting(north.person(Role.ADMIN).actor) as actor:
        retry_delivery(delivery, actor=actor)
    send(north.reseller)
    assert len(mail.outbox) == 1
    assert letters(north.reseller)[0].state == "dropped"


def test_the_switch_off_again_takes_the_password_out_of_a_letter_that_names_it(
    north: Scene,
) -> None:
    switch(north, in_mail=True)
    word(north, body="{#Tenant.Password#} {#Tenant.PasswordLink#}")
    switch(north, in_mail=False)
    row = sent(north)
    assert PASSWORD not in mail.outbox[0].body and "{#Tenant.Password#}" in mail.outbox[0].body
    assert not row.is_wiped
    assert events(north.reseller).count("organizations.password_settings_changed") == 2


def test_d13_credentials_never_follow_a_changed_address(
    north: Scene, record_property: Figure
) -> None:
    """Between order and letter, between letter and opening, and when it is sent again."""
    account, evil = account_of(north.organization), "eve@evil.example"
    changes: list[Callable[[], object]] = [
        lambda: change_account(account, email=evil),
        lambda: word(north, to="{#Accounts.ParentAccountEmail#}"),
        lambda: change_account(account, email="", phone=""),
    ]
    for change in changes:
        mail.outbox.clear()
        change_account(account, email="it@example.com")
        word(north, to="{#Accounts.Email#}", subject=f"Welcome {uuid4()}")
        row = keep(north)
        change()
        welcome(row)
        send(north.reseller)
        path = link_in(mail.outbox[0])
        change()
        code = ask_code(north, path)
        with acting(north.operator.actor) as actor:
            send_again(row, actor=actor)
        send(north.reseller)
        assert {tuple(message.to) for message in mail.outbox} == {("it@example.com",)}
        assert Client().post(path, {"code": code}).status_code == 410
        assert escape(PASSWORD) in open_link(north, link_in(mail.outbox[-1]))
    record_property(
        "figure", f"D13: {len(changes) * 3} of {len(changes) * 3} mails kept the address"
    )


def test_d13_another_address_needs_somebody_elses_approval(north: Scene) -> None:
    row = sent(north)
    one, two = north.person(Role.ADMIN), north.person(Role.ADMIN)
    account = account_of(north.organization)
    with acting(one.actor) as actor, pytest.raises(Conflict, match="already"):
        redirect_password(row, actor=actor, reason="wrong address")
    with acting(one.actor) as actor:
        change_by_hand(account, actor=actor, changes={"email": "new@example.com"})
    with acting(one.actor) as actor, pytest.raises(Conflict, match="somebody else"):
        redirect_password(row, actor=actor, reason="wrong address")
    with acting(north.operator.actor) as actor, pytest.raises(NotAllowed):
        redirect_password(row, actor=actor, reason="wrong address")
    with acting(two.actor) as actor, pytest.raises(InvalidInput):
        redirect_password(row, actor=actor, reason=" ")
    with acting(two.actor) as actor:
        redirect_password(row, actor=actor, reason="called them, it is theirs")
    # Whoever has the letter that went to the former address opens nothing with it.
    assert Client().post(link_in(mail.outbox[0]), {}).status_code == 410
    with acting(two.actor) as actor:
        send_again(row, actor=actor)
    send(north.reseller)
    assert mail.outbox[-1].to == ["new@example.com"]
    assert "organizations.password_redirected" in events(north.reseller)


def test_g12_a_letter_that_is_refused_is_seen_and_a_way_in_remains(
    north: Scene, monkeypatch: pytest.MonkeyPatch, record_property: Figure
) -> None:
    def bounce(*_: Any, **__: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({"it@example.com": (550, b"no such mailbox")})

    row = keep(north)
    welcome(row)
    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.message.EmailMessage.send", bounce)
        send(north.reseller)
    (letter,) = letters(north.reseller)
    assert (letter.state, letter.last_error) == (
        "failed",
        "The mail server refuses it@example.com (550).",
    )
    page = north.operator.client().get(f"/first-passwords/{row.pk}/").content.decode()
    assert "Not delivered" in page and "refuses it@example.com (550)" in page
    assert "Send again" in page and not fresh(row).is_wiped
    done = north.operator.client().post(f"/first-passwords/{row.pk}/send/", follow=True)
    assert "A new link" in done.content.decode()
    send(north.reseller)
    assert escape(PASSWORD) in open_link(north, link_in(mail.outbox[0]))
    record_property(
        "figure", "G12: 1 of 1 refused letters seen, and opened after it was sent again"
    )


def test_a_held_letter_says_why_and_goes_out_after_approval(north: Scene) -> None:
    row = keep(north, recipient="")
    letter = welcome(row)
    assert (letter.state, letter.last_error) == ("failed", "Nobody was named whom it goes to.")
    page = north.operator.client().get(f"/first-passwords/{row.pk}/").content.decode()
    assert "The letter is held" in page
    with acting(north.operator.actor) as actor, pytest.raises(Conflict, match="Nobody was named"):
        send_again(row, actor=actor)
    with acting(north.person(Role.ADMIN).actor) as actor:
        with pytest.raises(Conflict, match="no address"):
            retry_delivery(letter, actor=actor)
        redirect_password(row, actor=actor, reason="it was forgotten")
        send_again(row, actor=actor)
    send(north.reseller)
    assert escape(PASSWORD) in open_link(north, link_in(mail.outbox[0]))


def test_to_both_each_gets_the_letter_and_whoever_opens_first_sees_it(north: Scene) -> None:
    word(north, to="{#Accounts.Email#}, {#Accounts.ParentAccountEmail#}")
    admin = north.person(Role.ADMIN)
    sent(north)
    (letter,) = mail.outbox
    assert letter.to == ["it@example.com", admin.membership.email]
    path = link_in(letter)
    Client().post(path, {"to": "1"})
    send(north.reseller)
    assert mail.outbox[-1].to == [admin.membership.email]
    assert Client().post(path, {"to": "2"}).status_code == 422


def test_while_the_reseller_is_suspended_nothing_opens(north: Scene) -> None:
    sent(north)
    path = link_in(mail.outbox[0])
    suspend_reseller(north.reseller, reason="Unpaid.")
    assert Client().get(path).status_code == 503
    resume_reseller(north.reseller, reason="Paid.")
    assert escape(PASSWORD) in open_link(north, path)


def test_a_link_lasts_no_longer_than_its_password(north: Scene, settings: Any) -> None:
    settings.WELCOME_LINK_HOURS = 1_000
    row = sent(north)
    assert links(row)[0].expires_at == row.expires_at
    assert row.expires_at - row.kept_at == timedelta(days=settings.FIRST_PASSWORD_DAYS)
