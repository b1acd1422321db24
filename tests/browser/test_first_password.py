"""The receiver's way: from the link in the letter to the password, with and without JavaScript."""

import pytest
from django.core import mail
from playwright.sync_api import expect

import organizations.tasks
import portal.notify.tasks
from portal.core.access import Role
from portal.core.jobs import operations
from tests.browser.conftest import IN_OTHER_COLOURS, OpenPage, axe_violations
from tests.organizations.alert.telling import send
from tests.organizations.linking.scene import make_scene
from tests.organizations.passwords.desk import PASSWORD, code_in, link_in, sent

assert organizations.tasks and portal.notify.tasks
pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("shape", "scripts"), [("wide", True), ("narrow", True), ("wide", False)])
def test_the_password_is_shown_once_after_a_mailed_code(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, shape: str, scripts: bool
) -> None:
    monkeypatch.setattr(operations, "ring", lambda *_: True)
    north = make_scene()
    sent(north)
    path = link_in(mail.outbox[0])
    page = open_page(None, shape=shape, scripts=scripts)
    page.goto(path)
    expect(page.get_by_role("heading", name="Your first password")).to_be_visible()
    expect(page.locator("main")).to_contain_text("we mail a code to i…@example.com")
    page.get_by_role("button", name="Mail me a code").click()
    expect(page.get_by_role("status").first).to_contain_text("A code is on its way")
    send(north.reseller)
    if scripts:
        assert axe_violations(page) == []
        assert axe_violations(page, options=IN_OTHER_COLOURS) == []
    page.get_by_label("Code of the mail").fill(code_in(mail.outbox[-1]))
    page.keyboard.press("Enter")
    expect(page.locator("#first-password")).to_have_text(PASSWORD)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 1
    if scripts:
        assert axe_violations(page) == []
    again = page.request.get(path)
    assert again.status == 410 and "Already shown" in again.text()
    assert PASSWORD not in again.text()


def test_staff_words_a_letter_and_sends_a_password_again(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "ring", lambda *_: True)
    north = make_scene()
    page = open_page(north.person(Role.ADMIN))
    page.goto("/messages/letters/accounts.welcome/?language=en")
    page.get_by_label("Subject").fill("Hello {#Accounts.Name#}")
    page.get_by_label("Look at it with").select_option(index=1)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Hello North Bakery BV")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("is saved in English")
    row = sent(north)
    assert mail.outbox[-1].subject == "Hello North Bakery BV"
    page.goto(f"/first-passwords/{row.pk}/")
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("main")).to_contain_text("A new link to the first password")
    assert axe_violations(page) == []
