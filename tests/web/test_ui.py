"""Layouts, components and tags: what they promise on top of their files, and the house rules."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpRequest, QueryDict
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.urls import resolve

from portal.core.access import CAPABILITIES, Actor, Role
from portal.core.money import Money
from portal.web.gallery import gallery_context

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
GALLERY_SITE = override_settings(ROOT_URLCONF="tests.browser.gallery_urls")
HOSTILE = "<script>alert('x')</script>\"'"


def actor(role: Role) -> Actor:
    return Actor(reseller_id=1, label="Ada Berg", capabilities=CAPABILITIES[role], role=role)


def request_for(path: str) -> HttpRequest:
    request = RequestFactory().get(path)
    request.resolver_match = resolve(request.path)
    return request


def base_page(path: str = "/linking/", **context: Any) -> str:
    with GALLERY_SITE:
        return render_to_string("base.html", {"title": "Tenants", **context}, request_for(path))


def tag(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


# --- layout ---


def links(html: str) -> list[str]:
    return re.findall(r'class="side-label">([^<]+)<', html)


def test_navigation_shows_what_the_actor_may_open() -> None:
    assert links(base_page(actor=actor(Role.ADMIN))) == [
        "Start",
        "Find",
        "Microsoft CSP",
        "Tenants",
        "Alerts",
        "Organizations",
        "Provisioning",
        "Imports",
        "Report",
        "Invoices",
        "Connections",
        "Jobs",
        "Audit",
        "First passwords",
        "Messages",
        "Members",
        "Custom fields",
    ]
    operator = base_page(actor=actor(Role.OPERATOR))
    assert not {"Report", "Invoices", "Audit", "Messages"} & set(links(operator))
    assert ">Billing<" not in operator


@pytest.mark.parametrize(
    ("role", "own"), [(Role.CUSTOMER_ADMIN, ["Members"]), (Role.CUSTOMER_VIEWER, [])]
)
def test_customers_see_their_company_and_no_operation(role: Role, own: list[str]) -> None:
    customer = Actor(
        reseller_id=1,
        label="Cleo",
        capabilities=CAPABILITIES[role],
        role=role,
        organization_id=uuid4(),
    )
    html = base_page(actor=customer)
    assert links(html) == ["Start", "Find", "Microsoft CSP", "Tenants", "Organizations", *own]
    assert ("Administration" in html) == bool(own)
    assert ">Your company<" in html


def test_navigation_is_empty_without_an_actor() -> None:
    html = base_page()
    assert links(html) == []
    assert "account_logout" not in html


@pytest.mark.parametrize(("path", "current"), [("/linking/", "Tenants"), ("/", "Start")])
def test_navigation_marks_where_we_are(path: str, current: str) -> None:
    html = base_page(path, actor=actor(Role.ADMIN))
    marked = re.findall(r'aria-current="page">.*?side-label">([^<]+)<', html)
    assert marked == [current]


def test_unlinked_tenants_show_in_title_and_navigation() -> None:
    html = base_page(actor=actor(Role.ADMIN), unlinked_count=1284)
    assert "<title>(1284) Tenants · Tenantry</title>" in html
    assert '<span class="side-badge">1,284<span class="visually-hidden"> not linked</span>' in html
    quiet = base_page(actor=actor(Role.ADMIN), unlinked_count=0)
    assert "<title>Tenants · Tenantry</title>" in quiet
    assert "side-badge" not in quiet


@pytest.mark.parametrize(
    ("theme", "attribute"),
    [("dark", ' data-bs-theme="dark"'), ("light", ' data-bs-theme="light"'), ("system", "")],
)
def test_theme_is_written_by_the_server(theme: str, attribute: str) -> None:
    html = base_page(theme=theme)
    assert f'<html lang="en"{attribute} data-theme="{theme}">' in html


@pytest.mark.parametrize(
    "name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html", "error.html"]
)
def test_error_pages_need_no_context(name: str) -> None:
    html = render_to_string(name)
    assert len(re.findall("data-problem", html)) == 1
    assert html.count("<h1") == 1


def test_the_gallery_shows_every_component() -> None:
    gallery = (TEMPLATES / "components" / "gallery.html").read_text()
    dialog = (TEMPLATES / "components" / "gallery_dialog.html").read_text()
    layouts = {
        "dialog",
        "dialog_page",
        "list_page",
        "list_fragment",
        "sidebar",
        "shortcuts",
        "palette",
    }
    parts = {"messages", "page_link", "combobox_options", "gallery", "gallery_dialog"}
    for path in COMPONENTS:
        name = path.stem
        shown = f"components/{name}.html" in gallery + dialog or name == "error_summary"
        assert shown or name in layouts | parts, f"{name} is not in the gallery"


# --- components ---


def test_every_component_opens_with_its_contract() -> None:
    for path in COMPONENTS:
        assert "{% comment %}" in path.read_text()[:120], path.name


def test_components_escape_what_they_are_given() -> None:
    for name, context in {
        "alert": {"level": "info", "title": HOSTILE, "text": HOSTILE},
        "stat": {"label": HOSTILE, "value": HOSTILE, "url": HOSTILE},
        "filter_chip": {"label": HOSTILE, "value": HOSTILE, "remove_url": HOSTILE},
        "combobox": {"id": "x", "name": "x", "label": HOSTILE, "text": HOSTILE, "url": HOSTILE},
        "progress": {"id": "x", "title": HOSTILE, "text": HOSTILE, "url": HOSTILE},
    }.items():
        html = render_to_string(f"components/{name}.html", context)
        assert "<script" not in html, name
        assert html.count('"') % 2 == 0, name


def test_progress_polls_only_until_it_is_finished() -> None:
    context = {"id": "run", "title": "Linking", "url": "/jobs/1/", "done": 2, "total": 3}
    running = render_to_string("components/progress.html", context)
    assert 'data-poll="/jobs/1/"' in running
    assert '<progress class="bar" value="2" max="3"' in running
    finished = render_to_string("components/progress.html", {**context, "finished": True})
    assert "data-poll=" not in finished


def test_progress_without_a_total_has_no_value() -> None:
    html = render_to_string("components/progress.html", {"id": "run", "title": "Linking"})
    assert '<progress class="bar" aria-label' in html


def test_confirm_form_posts_the_token_and_the_hidden_fields() -> None:
    context = {
        "action": "/unlink/",
        "text": "Unlink?",
        "submit_label": "Unlink",
        "csrf_token": "token",
        "fields": [("tenant", "7")],
    }
    html = render_to_string("components/confirm_form.html", context)
    assert '<input type="hidden" name="csrfmiddlewaretoken" value="token">' in html
    assert '<input type="hidden" name="tenant" value="7">' in html


def test_messages_keep_their_level() -> None:
    class Message:
        level_tag = "error"
        message = "Refused"

    html = render_to_string("components/messages.html", {"messages": [Message()]})
    assert "notice-danger" in html
    assert "Refused" in html


# --- tags ---


def test_an_icon_is_decoration_from_the_sprite() -> None:
    html = tag('{% icon "link" %}')
    assert 'aria-hidden="true"' in html
    assert 'href="/static/vendor/icons.svg#link"' in html


def test_a_status_has_a_word_and_refuses_an_unknown_tone() -> None:
    assert ">Linked</span>" in tag('{% status "good" "Linked" %}')
    with pytest.raises(ValueError, match="purple"):
        tag('{% status "purple" "Linked" %}')


def test_money_takes_both_forms_and_shows_a_dash_for_nothing() -> None:
    amount = Decimal("1284.50")
    for html in (
        tag("{% money amount %}", amount=Money(amount, "EUR")),
        tag('{% money amount "EUR" %}', amount=amount),
    ):
        assert html == '<data value="1284.50 EUR">€1,284.50</data>'
    assert "–" in tag("{% money amount %}", amount=None)


def test_a_moment_is_relative_with_the_exact_time_on_hover() -> None:
    value = datetime.now(UTC) - timedelta(hours=3, minutes=5)
    html = tag("{% moment value %}", value=value)
    assert ">3 hours ago</time>" in html
    assert re.search(r'title="\d+ \w+ \d{4}, [\d:]+ UTC"', html)
    assert ">Never<" in tag('{% moment value "Never" %}', value=None)


def test_exact_times_follow_the_active_zone() -> None:
    value = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    with override_settings(TIME_ZONE="Europe/Amsterdam"):
        assert "2 July 2026, 00:30:00 CEST" in tag("{% exact value %}", value=value)
    assert ">1 July 2026<" in tag("{% exact value %}", value=date(2026, 7, 1))


def test_a_short_id_copies_all_of_it() -> None:
    value = "18f2f09b-4c5e-4f0a-9a1e-6f1d2b7c8d90"
    html = tag('{% short_id value "tenant ID" %}', value=value)
    assert f'<code title="{value}">18f2f09b…</code><button' in html, "what the script copies"
    assert 'aria-label="Copy tenant ID 18f2f09b…"' in html
    assert ">18f2f09b…<" in html


def test_counts_and_numbers() -> None:
    assert tag('{% counted 1 "tenant" %} {% counted 1284 "entry" "entries" %}') == (
        "1 tenant 1,284 entries"
    )
    assert tag("{% number 1284 %}") == '<span class="tabular">1,284</span>'
    assert "–" in tag("{% number none %}", none=None)


def header(address: str, default: str = "") -> str:
    request = RequestFactory().get(address)
    source = '{% sortable_header "name" "Tenant" default=default %}'
    return tag(source, request=request, default=default)


def test_a_sortable_head_turns_round_and_starts_at_the_first_page() -> None:
    plain = header("/?search=a&page=abc")
    assert 'aria-sort="none"' in plain
    assert 'href="?search=a&amp;sort=name"' in plain
    upwards = header("/?sort=name")
    assert 'aria-sort="ascending"' in upwards
    assert 'href="?sort=-name"' in upwards
    assert 'aria-sort="descending"' in header("/?sort=-name")
    assert 'aria-sort="ascending"' in header("/", default="name")


# --- house rules for all templates ---

FORBIDDEN = {
    "inline script": r"<script(?![^>]*\bsrc=)",
    "inline style": r"<style|\sstyle=",
    "event attribute": r"\s(?:on[a-z]+|hx-on[^=\s]*)=",
    "script address": r"javascript:",
    "evaluated values": r"hx-vals=[\"']js:|hx-trigger=\"[^\"]*\[",
    "unescaped value": r"\|\s*safe\b|autoescape off|safeseq",
    "foreign file": r"(?:src|href)=\"(?:https?:)?//",
}


def without_tags(text: str) -> str:
    """Take out comments and the words of includes, which are no HTML."""
    text = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)
    return re.sub(r"\{% include .*?%\}", "", text)


@pytest.mark.parametrize("pattern", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_no_template_breaks_the_content_security_policy(pattern: str) -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = without_tags(path.read_text())
        assert not re.search(pattern, text), path


def test_every_htmx_element_names_its_target_and_works_without() -> None:
    for path in TEMPLATES.rglob("*.html"):
        for element in re.findall(r"<[a-z]+ [^>]*\bhx-(?:get|post)=[^>]*>", path.read_text()):
            assert "hx-target=" in element, (path, element)
            helps_typing = "hx-trigger=" in element and "from:#id_" in element
            has_address = re.search(r"\b(?:href|action|formaction)=", element)
            assert helps_typing or has_address, (path, element)


def test_the_gallery_page_renders_without_a_database() -> None:
    with GALLERY_SITE:
        context = {**gallery_context(QueryDict()), "actor": actor(Role.ADMIN)}
        html = render_to_string("components/gallery.html", context, request_for("/gallery/"))
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(set(ids)) == sorted(ids), "an id is used twice"
