"""L10: what is sent out by itself (mail, policies, figures) carries no secret but its own link."""

import re
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.access.routes import all_routes
from tests.demo.test_deployment import DOCKERFILE
from tests.secrets.conftest import Figure
from tests.secrets.scene import Scene

pytestmark = pytest.mark.django_db(transaction=True)

LINK = re.compile(r"https?://\S+/key/\S+/")


def test_l10_mail_holds_its_own_link_and_no_other_secret(scene: Scene, figure: Figure) -> None:
    scene.play(scene.program())
    for address in (scene.admin.user.email, "nobody@elsewhere.example"):
        Client().post("/auth/password/reset/", {"email": address})
    sent = [str(message.message()) for message in mail.outbox]
    links = [LINK.findall(text) for text in sent]
    telling = [text for text in sent if scene.found_in(text) or "SECRET-CANARY" in text]
    figure(f"L10: {len(telling)} of {len(sent)} mails tell a secret beside their own link")
    assert [len(found) for found in links] == [1]
    assert not telling


def test_l10_a_link_works_once_and_is_nowhere_on_the_page_it_opens(scene: Scene) -> None:
    visitor = Client()
    visitor.post("/auth/password/reset/", {"email": scene.admin.user.email})
    address = re.search(r"/auth/\S+/key/([^/\s]+)/", str(mail.outbox[0].body))
    assert address
    page = visitor.get(address[0], follow=True)
    assert address[1] not in page.content.decode()
    assert address[1] not in page.redirect_chain[-1][0]
    form = page.redirect_chain[-1][0]
    new = {"password1": "a long and unusual sentence"}
    assert visitor.post(form, new | {"password2": new["password1"]}).status_code == 302
    again = Client().get(address[0], follow=True)
    assert "password1" not in again.content.decode()


def test_l10_the_policy_reports_to_nobody(scene: Scene, figure: Figure) -> None:
    client = scene.browser()
    policies = [
        client.get(address).headers["Content-Security-Policy"]
        for address in ("/", "/connections/", "/nowhere/", "/auth/login/")
    ]
    telling = [policy for policy in policies if "report" in policy or scene.found_in(policy)]
    figure(f"L10: {len(telling)} of {len(policies)} policies report what people see")
    assert not telling


def test_l10_figures_name_nobody(scene: Scene, figure: Figure) -> None:
    """Where figures are published, their labels are of a few fixed kinds."""
    names = [route.name for route in all_routes() if "metrics" in route.name]
    texts = []
    for name in names:
        try:
            texts.append(scene.program().get(reverse(name)).content.decode())
        except NoReverseMatch:
            continue
    telling = [text for text in texts if scene.found_in(text) or "Lantern" in text]
    figure(f"L10: {len(telling)} of {len(texts)} pages of figures tell")
    assert not telling


@pytest.mark.parametrize("file", [DOCKERFILE, Path(DOCKERFILE).parent / "portal/demo/plan.py"])
def test_l10_no_server_logs_addresses_past_the_masking(file: Path) -> None:
    assert "access-logfile" not in file.read_text(encoding="utf-8")
