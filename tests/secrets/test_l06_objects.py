"""L06: what holds a secret does not show it, however it is printed, copied, sent or stored."""

import copy
import dataclasses
import json
import pickle
import pprint
from collections.abc import Callable
from typing import Any

import pytest
from django.core import serializers
from django.db import transaction
from django.forms.models import model_to_dict
from django.template import Context, Template
from django.test import RequestFactory
from django.views.debug import get_exception_reporter_filter

from partnercenter.secrecy import Secret, SecretBytes, SecretDict
from partnercenter.wire import Answer
from portal.core.access import acting, system_actor
from portal.core.identity.models import ApiToken
from portal.core.reporting import SecretsReporter
from tenants.connections.api import ConnectionInput, ConnectionSerializer
from tenants.connections.clients import partner_center_for
from tenants.connections.forms import ConnectionForm
from tenants.connections.models import Connection
from tests.secrets.conftest import Figure
from tests.secrets.scene import SECRET, Scene

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "SECRET" + "-CANARY"
"""In two parts, because an error page shows the code it failed in."""
GIVEN = {
    "name": "Netherlands",
    "program": "direct_bill",
    "cloud": "simulator",
    "partner_tenant": "7b1f0000-0000-4000-8000-00000000000a",
    "client_id": "demo",
    "secret": SECRET,
}


def fields(thing: Any) -> str:
    known = dataclasses.is_dataclass(thing) and not isinstance(thing, type)
    return repr(dataclasses.asdict(thing)) if known else ""


def pickled(thing: Any) -> str:
    """Return the pickle as text; what refuses to be pickled tells nothing."""
    try:
        return pickle.dumps(thing).decode("latin-1")
    except (TypeError, AttributeError, pickle.PicklingError):
        return ""


def copied(thing: Any) -> str:
    try:
        return repr(copy.deepcopy(thing))
    except (TypeError, AttributeError):
        return ""


def as_json(thing: Any) -> str:
    return json.dumps(thing, default=repr) if not isinstance(thing, str | bytes | dict) else ""


WAYS: dict[str, Callable[[Any], str]] = {
    "repr": repr,
    "str": lambda thing: "" if isinstance(thing, str) else str(thing),
    "format": lambda thing: "" if isinstance(thing, str) else f"{thing}",
    "in a list": lambda thing: str([thing]),
    "vars": lambda thing: repr(getattr(thing, "__dict__", "")),
    "pprint": lambda thing: "" if isinstance(thing, str | dict) else pprint.pformat(thing),
    "fields": fields,
    "pickle": pickled,
    "copy": copied,
    "json": as_json,
    "template": lambda thing: (
        Template("{% debug %}{{ thing }}").render(Context({"thing": thing}))
        if not isinstance(thing, str | bytes | dict)
        else ""
    ),
}


@pytest.fixture
def holders(scene: Scene) -> dict[str, Any]:
    """Return everything that holds a secret while the portal works, by what it is."""
    pk = scene.connect(scene.program())
    with acting(system_actor(scene.reseller.pk, "tests")):
        with transaction.atomic():
            row = Connection.objects.get(pk=pk)
            api_token = ApiToken.objects.get()
        center = partner_center_for(row)
        center.check_access()
    tokens: Any = center.transport._tokens
    form = ConnectionForm(GIVEN)
    form.is_valid()
    given = ConnectionInput(data=GIVEN)
    assert given.is_valid(), given.errors
    return {
        "the credentials": tokens._credentials,
        "the token store": tokens,
        "the access token": tokens.token(),
        "the way to the authority": tokens._http,
        "MSAL's application": tokens._app,
        "MSAL's client": tokens._app.client,
        "the client": center,
        "the transport": center.transport,
        "an answer": Answer(200, {}, SecretBytes(SECRET.encode())),
        "a secret": Secret(SECRET),
        "secret bytes": SecretBytes(SECRET.encode()),
        "a secret mapping": SecretDict({"access_token": SECRET}),
        "the connection": row,
        "the API token": api_token,
        "the form": form,
        "what the form read": form.cleaned_data,
        "the API's input": given,
        "what the API read": dict(given.validated_data),
        "the API's output": ConnectionSerializer(row),
    }


DATA = {"the form", "the API's input"}
"""These keep what was sent as it was sent, in ``data``, which is theirs to read."""


def test_l06_no_object_shows_its_secret(
    scene: Scene, holders: dict[str, Any], figure: Figure
) -> None:
    found = [
        f"{name}, {way}: {secret}"
        for name, thing in holders.items()
        for way, show in WAYS.items()
        if not (name in DATA and way in {"vars", "pickle", "copy"})
        for secret in scene.found_in(show(thing))
    ]
    figure(
        f"L06: {len(found)} of {len(holders) * len(WAYS)} ways to show {len(holders)} objects tell"
    )
    assert len(scene.secrets) > 3
    assert not found, found


def test_l06_neither_serializer_nor_form_nor_page_sends_it_out(
    scene: Scene, holders: dict[str, Any], figure: Figure
) -> None:
    row, form = holders["the connection"], holders["the form"]
    browser = scene.browser()
    program = scene.program()
    refused = browser.post("/connections/new/", GIVEN | {"name": ""})
    assert refused.status_code == 422
    shown = {
        "model as JSON": serializers.serialize("json", [row]),
        "model as dict": str(model_to_dict(row)),
        "API's output": json.dumps(dict(ConnectionSerializer(row).data)),
        "form": form.as_p(),
        "form again after a mistake": refused.content.decode(),
        "page": browser.get(f"/connections/{row.pk}/").content.decode(),
        "page to change": browser.get(f"/connections/{row.pk}/edit/").content.decode(),
        "list": browser.get("/connections/").content.decode(),
        "API": program.get(f"/api/v1/connections/{row.pk}/").content.decode(),
        "API's list": program.get("/api/v1/connections/").content.decode(),
        "API's refusal": program.post(
            "/api/v1/connections/", GIVEN | {"cloud": "x"}, content_type="application/json"
        ).content.decode(),
        "tokens": browser.get("/me/").content.decode(),
    }
    found = [
        f"{place}: {secret}" for place, text in shown.items() for secret in scene.found_in(text)
    ]
    figure(f"L06: {len(found)} of {len(shown)} forms, serializers and pages tell")
    assert not found, found


@pytest.mark.parametrize("debugging", [False, True])
def test_l06_the_debug_page_shows_no_secret_of_request_or_settings(
    debugging: bool, settings: Any, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    assert settings.DEFAULT_EXCEPTION_REPORTER == "portal.core.reporting.SecretsReporter"
    settings.DEBUG = debugging
    settings.SECRET_KEY = f"{CANARY}-of-django"
    settings.AUDIT_KEY = f"{CANARY}-of-the-audit".encode()
    settings.DATABASE_URL = f"postgres://app_web:{CANARY}-database@host/x"
    settings.EMAIL_CONFIG = {"EMAIL_HOST_PASSWORD": f"{CANARY}-mail"}
    settings.REDIS_URL = settings.CELERY_BROKER_URL = f"redis://:{CANARY}-redis@host/0"
    monkeypatch.setitem(settings.CACHES, "x", {"LOCATION": f"redis://:{CANARY}-x@host/0"})
    monkeypatch.setitem(settings.DATABASES, "x", {"PASSWORD": f"{CANARY}-x"})
    request = RequestFactory().post(
        f"/connections/new/?token={CANARY}-q",
        GIVEN | {"password": f"{CANARY}-p"},
        headers={"authorization": f"Bearer {CANARY}-h"},
    )
    request.COOKIES = {settings.SESSION_COOKIE_NAME: f"{CANARY}-session"}
    try:
        raise ValueError("not foreseen")
    except ValueError as error:
        reporter = SecretsReporter(request, ValueError, error, error.__traceback__)
        pages = {
            "page": reporter.get_traceback_html(),
            "mail": reporter.get_traceback_text(),
            "settings": str(get_exception_reporter_filter(request).get_safe_settings()),
        }
    found = [
        f"{name}: …{text[max(0, text.index(CANARY) - 40) :][:80]}"
        for name, text in pages.items()
        if CANARY in text
    ]
    figure(f"L06: error page, mail, settings, debugging {debugging}: {len(found)} of 3 tell")
    assert not found, found
