"""Headers of every answer, and templates that leave the policy nothing to forgive (D03, D04)."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from tests.access.routes import all_routes
from tests.database import PROJECT
from tests.factories.core import make_person, make_reseller

EXACT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
TEMPLATES = sorted((PROJECT / "templates").rglob("*.html"))
SOURCES = sorted(
    path
    for folder in ("portal", "partnercenter", "tenants", "organizations", "billing")
    for path in (PROJECT / folder).rglob("*.py")
)


def faults(answer: object) -> list[str]:
    """Return what is missing or loose in an answer's headers."""
    headers = answer.headers  # type: ignore[attr-defined]
    found = [
        f"{name}: {headers.get(name)}"
        for name, value in EXACT.items()
        if headers.get(name) != value
    ]
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in headers.get("Content-Security-Policy", "").split(";")
        if part.strip()
    )
    found += [
        f"{name} {policy.get(name)}"
        for name, value in DIRECTIVES.items()
        if policy.get(name) != value
    ]
    if "unsafe" in headers.get("Content-Security-Policy", ""):
        found.append("unsafe")
    if "no-store" not in headers.get("Cache-Control", ""):
        found.append(f"Cache-Control: {headers.get('Cache-Control')}")
    return found


@pytest.mark.django_db(transaction=True)
def test_d03_every_route_answers_with_every_header() -> None:
    person = make_person(make_reseller())
    signed_in, stranger = person.client(), Client()
    bad: list[tuple[str, str]] = []
    for route in all_routes():
        arguments = {
            name: {"month": "2026-01", "format": "json", "number": "1"}.get(
                name, "00000000-0000-4000-8000-000000000000"
            )
            for name in route.parameters
        }
        for client in (signed_in, stranger):
            answer = client.get(reverse(route.name, kwargs=arguments))
            bad += [(route.name, fault) for fault in faults(answer)]
    assert bad == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/no/such/page/", "/api/v1/no-such-noun/", "/tenants/not-an-id/"])
def test_d03_also_what_is_not_found(path: str) -> None:
    answer = make_person(make_reseller()).client().get(path)
    assert answer.status_code == 404
    assert faults(answer) == []


@pytest.mark.django_db
def test_d03_also_a_failure_nobody_foresaw(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError("SECRET-CANARY")

    person = make_person(make_reseller())
    monkeypatch.setattr("portal.web.me.views.own_membership", explode)
    client = person.client()
    client.raise_request_exception = False
    answer = client.get(reverse("profile"))
    assert answer.status_code == 500
    assert faults(answer) == []
    assert "SECRET-CANARY" not in answer.content.decode()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_d04_templates_hold_nothing_inline_and_nothing_unescaped(template: Path) -> None:
    text = re.sub(
        r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", template.read_text(), flags=re.DOTALL
    )
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]{3,}\s*=\s*[\"']", text)
    assert not re.search(r"\|\s*safe\b|autoescape\s+off|javascript:", text)
    assert "hx-on" not in text
    assert not re.search(r"hx-vals\s*=\s*[\"']js:", text)


def test_d04_sources_mark_nothing_as_safe() -> None:
    marked = [
        f"{path.relative_to(PROJECT)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\bmark_safe\b|\bSafeString\(", line)
    ]
    assert marked == []
