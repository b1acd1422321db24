"""The command that brings a reseller into an installation."""

import io
import re
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from portal.core.access import Role, acting, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.database.scope import IDENTITY, scope
from portal.core.identity.models import Membership, Reseller

pytestmark = pytest.mark.django_db(transaction=True)


def create(**options: Any) -> str:
    out = io.StringIO()
    wanted = {"name": "Northwind Cloud", "admin_email": "ada@northwind.example"} | options
    call_command("create_reseller", stdout=out, **wanted)
    return out.getvalue()


def resellers() -> list[Reseller]:
    with scope(IDENTITY), transaction.atomic():
        return list(Reseller.objects.all())


def test_the_first_administrator_chooses_a_password_by_mail_and_signs_in() -> None:
    said = create(admin_name="Ada", currency="GBP", locale="en_GB", time_zone="Europe/London")
    (reseller,) = resellers()
    assert (reseller.slug, reseller.currency) == ("northwind-cloud", "GBP")
    actor = system_actor(reseller.pk, "test")
    with acting(actor), transaction.atomic():
        (membership,) = Membership.objects.visible_to(actor)
        assert (membership.role, membership.full_name) == (Role.ADMIN, "Ada")
        assert AuditEvent.objects.visible_to(actor).filter(action="core.member_added").count() == 1
    client, password = Client(), "a long and lasting secret"
    client.post(re.search(r"http://testserver(\S+)", said)[1], {"email": "ada@northwind.example"})  # type: ignore[index]
    address = re.search(r"http://testserver(\S+/key/\S+)", str(mail.outbox[0].body))[1]  # type: ignore[index]
    form = client.get(address, follow=True).request["PATH_INFO"]
    client.post(form, {"password1": password, "password2": password})
    client.post("/auth/login/", {"login": "ada@northwind.example", "password": password})
    assert "Connect your Partner Center" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"currency": "EURO"}, "currency"),
        ({"locale": "xx_YY"}, "locale"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone"),
        ({"slug": "Not A Slug"}, "slug"),
        ({"name": ""}, "name"),
        ({"admin_email": "ada"}, "--admin-email"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(options: dict[str, str], named: str) -> None:
    with pytest.raises(CommandError, match=named):
        create(**options)
    assert resellers() == []


def test_a_name_that_is_taken_is_refused() -> None:
    create()
    with pytest.raises(CommandError, match="northwind-cloud"):
        create(admin_email="bob@northwind.example")
