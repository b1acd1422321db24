"""B04: a field that names another object takes no id of somebody else, nor tells them apart.

Which fields those are is read from the API's own description and from the forms, so that a new one
without a reference in the matrix fails here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.urls import resolve, reverse

from portal.core.access import Role
from tests.access.calls import undone
from tests.access.cast import NAMED_ALIKE
from tests.access.everything import REFERRING
from tests.access.matrix import Row, filled, references_of
from tests.access.snapshots import differing, fingerprint
from tests.isolation.conftest import Cast, Figure, described

pytestmark = pytest.mark.django_db(transaction=True)

REFUSALS = {400, 404, 422}
NOUNS = {
    "account",
    "connection",
    "discovery_run",
    "invoice",
    "job",
    "link",
    "member",
    "membership",
    "organization",
    "organization_text",
    "parent",
    "proposed",
    "tenant",
}
"""Names of fields that mean another object, whatever their type; ids of rows do anyway."""
OUR_PACKAGES = ("portal.", "tenants.", "organizations.", "billing.")
PLACEHOLDER = re.compile(r"\{[^}]+\}")
SAMPLES = "portal.web.gallery"
FORMS = {
    "LinkForm": "linking:tenant_link",
    "BulkLinkForm": "bulk:bulk_new",
    "MoveForm": "moving:tenant_move",
    "NewOrganizationForm": "directory:organization_create",
    "ChangeOrganizationForm": "directory:organization_edit",
    "ImportForm": "invoices:import",
    "MemberForm": "members:member_create",
    "RequestForm": "provisioning:request_create",
    "LinkResellerForm": "indirect:reseller_link",
}
"""The forms with references, each with the route of the matrix that posts it."""


def bodies_with_references() -> Iterator[tuple[Row, Mapping[str, Any], str]]:
    """Yield each writable reference: row, body, and the field that names the object."""
    for row in REFERRING:
        for body in row.bodies:
            for name in references_of(body):
                yield row, body, name


def shapes_of(value: str) -> Iterator[Any]:
    """Yield an id as a program might send it: single, in a list, nested."""
    yield value
    yield [value]
    yield {"id": value}


def test_b04_a_reference_takes_nothing_of_another_reseller(cast: Cast, figure: Figure) -> None:
    both = (cast.north.reseller.pk, cast.south.reseller.pk)
    before, tried, wrong = fingerprint(both), 0, []
    for row, body, name in bodies_with_references():
        for role in sorted(row.roles):
            own, theirs = cast.own(role), cast.foreign(role)
            unknown = {object_name: str(uuid4()) for object_name in theirs} | NAMED_ALIKE
            of = references_of(body)[name]
            for shape in range(3 if row.is_api else 1):
                pair = []
                for ids in (theirs, unknown):
                    sent = {**filled(body, own), name: list(shapes_of(ids[of]))[shape]}
                    answer = cast.callers[role].call(row, own, sends=sent)
                    pair.append((answer.status, answer.without(ids[of]), answer))
                tried += 1
                if pair[0][0] not in REFUSALS or cast.south.canary in _unsaid(
                    pair[0][2], theirs[of]
                ):
                    wrong.append(f"{name}: {described(row, role, pair[0][2])} should be a refusal")
                if pair[0][:2] != pair[1][:2]:
                    wrong.append(f"{name}: {row} as {role} tells a foreign id from an unknown one")
    changed = differing(before, fingerprint(both))
    figure(f"B04: {tried - len(wrong)} of {tried} foreign references refused as unknown ones are")
    assert not wrong, "\n".join(wrong)
    assert changed == []


def test_b04_the_same_reference_to_an_own_object_is_taken(cast: Cast) -> None:
    """Otherwise the refusals above would prove nothing."""
    refused = []
    for row in REFERRING:
        if row.calls_out:  # nobody answers here; their own tests have somebody who does
            continue
        for body in row.bodies:
            role = sorted(row.roles)[0]
            with undone():
                answer = cast.callers[role].call(
                    row, cast.own(role), sends=filled(body, cast.own(role))
                )
            if answer.status >= 400:
                refused.append(f"{dict(body)}: {described(row, role, answer)}")
    assert not refused, "\n".join(refused)


def test_b04_every_reference_of_the_api_is_in_the_matrix(cast: Cast, figure: Figure) -> None:
    known = {(row.route, row.verb, name) for row, _, name in bodies_with_references()}
    found = set(_references_of_the_api(cast))
    figure(f"B04: {len(found & known)} of {len(found)} references of the API are in the matrix")
    assert found - known == set()


def test_b04_every_reference_of_a_form_is_in_the_matrix(figure: Figure) -> None:
    known = {(row.route, name) for row, _, name in bodies_with_references()}
    found = {
        (form.__name__, name)
        for form in _all_forms(forms.BaseForm)
        for name, field in form.base_fields.items()  # type: ignore[attr-defined]
        if name in NOUNS or isinstance(field, forms.ModelChoiceField | forms.UUIDField)
    }
    missing = {pair for pair in found if (FORMS.get(pair[0]), pair[1]) not in known}
    figure(
        f"B04: {len(found) - len(missing)} of {len(found)} references of forms are in the matrix"
    )
    assert missing == set()


def _unsaid(answer: Any, sent: str) -> str:
    """Return an answer's text without what the caller itself had said."""
    text: str = answer.text.replace(sent.lower(), "")
    return text


def _all_forms(base: type) -> Iterator[type]:
    form: type
    for form in base.__subclasses__():
        yield from _all_forms(form)
        if form.__module__.startswith(OUR_PACKAGES) and form.__module__ != SAMPLES:
            yield form


def _references_of_the_api(cast: Cast) -> Iterator[tuple[str, str, str]]:
    described_api = cast.callers[Role.ADMIN].request(
        "get", reverse("schema"), query={"format": "json"}, is_api=True
    )
    schema = json.loads(described_api.body)
    for path, operations in schema["paths"].items():
        route = resolve(PLACEHOLDER.sub(str(uuid4()), path)).view_name
        for verb, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            shape = content.get("application/json", {}).get("schema", {})
            name = shape.get("$ref", "").rpartition("/")[2]
            fields = schema["components"]["schemas"].get(name, {}).get("properties", {})
            for field, kind in fields.items():
                nested = kind.get("type") == "object" or {"$ref", "allOf"} & set(kind)
                if (field in NOUNS and not nested) or kind.get("format") == "uuid":
                    yield route, verb, field
