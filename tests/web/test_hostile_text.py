"""D01: whatever Microsoft's data or a person calls things, a page shows it and runs none of it."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from organizations.alert.models import Condition
from organizations.alert.operations import reopen_tenants
from organizations.fields.models import FieldDefinition, FieldValue
from organizations.linking.operations import link_tenant
from organizations.passwords.models import FirstPassword
from portal.core.access import Role, acting
from portal.notify.models import Delivery, LetterTemplate, Webhook
from tenants.connections.models import Connection, Consent
from tests.access import extras
from tests.access.calls import Answer, Caller, undone
from tests.access.cast import CUSTOMERS, NAMED_ALIKE, STAFF, Side, make_side
from tests.access.everything import GUARDED, READS, subject_of
from tests.access.inventory import EXPORTS
from tests.access.matrix import Row
from tests.access.passwords import KIND, make_password
from tests.access.provisioned import make_provisioned
from tests.access.runs import make_integration_test
from tests.access.suggested import make_suggestions
from tests.access.uploads import make_file
from tests.factories.core import Person, make_person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant
from tests.repetitions import TIMES
from tests.web.hostile import (
    EVALUATED,
    FORMULA_STARTS,
    HOSTILE,
    MARK,
    PAYLOADS,
    PLAIN,
    Skeleton,
    read_page,
    too_long_or_broken,
)

pytestmark = pytest.mark.django_db(transaction=True)

Record = Callable[[str, object], None]
Objects = dict[str, str]
HTML = "text/html"
UNNAMED = ("schema", "docs", "reports:unnamed_lines", "api:saved-views-detail")
"""What shows nothing that somebody else has named; views are for the one who saved them."""


@dataclass(frozen=True, slots=True)
class Named:
    """Everything that carries one text, and its customers."""

    text: str
    objects: Objects
    customers: dict[Role, Person]


def give_names(side: Side, text: str, number: int) -> Named:
    """Make one of each whose every free text is ``text``."""
    reseller = side.reseller
    connection = make_connection(reseller, name=text)
    extras.mark_working(connection)
    organization = make_organization(
        reseller, name=text, number=f"n{number}", registration_number=text[:60]
    )
    tenant = make_tenant(connection, name=text, domain=text, registration_number=text[:60])
    unlinked = make_tenant(connection, name=text, domain=text, registration_number=text[:60])
    other = make_organization(reseller, name=text, number=f"o{number}")
    admin = side.person(Role.ADMIN)
    with acting(admin.actor):
        link = link_tenant(tenant, actor=admin.actor, organization=organization, why=text)
        with transaction.atomic():
            reopen_tenants([unlinked.pk], actor=admin.actor, why=text)
    with acting(extras.system(reseller.pk)), transaction.atomic():
        tenant.email, tenant.former_name, tenant.address = text, text, {"city": text}
        tenant.save(update_fields=["email", "former_name", "address"])
        link.account.name = link.account.city = text[:100]
        link.account.save(update_fields=["name", "city"])
        Connection.objects.filter(pk=connection.pk).update(last_failure=text, client_id=text[:64])
        job = extras.make_job(reseller, canary=text, subject_id=connection.pk, state="failed")
        run = extras.make_run(connection, job, tenant)
        signed_in = extras.make_consent(connection, admin, canary=text)
        suggestions = make_suggestions(unlinked, [organization, other], canary=text)
        tested = make_integration_test(connection, job, canary=text)
        Consent.objects.filter(connection_id=connection.pk).update(
            state=Consent.State.LOST, lost_because=text
        )
        file = make_file(reseller.pk, job, canary=text)
        provisioned = make_provisioned(
            (organization, other),
            (connection, side.connection),
            unlinked,
            job,
            canary=text,
            actor=extras.system(reseller.pk),
        )
        invoice, _ = extras.make_invoice(
            connection, job, [tenant, None], canary=text, number=text[:60]
        )
        FieldDefinition.objects.filter(reseller=reseller, key="spare").update(
            label=text[:100], help=text[:300], default=text[:500], group=text[:100]
        )
        note = FieldDefinition.objects.get(reseller=reseller, key="note")
        FieldValue.objects.create(
            reseller=reseller,
            definition=note,
            account=link.account,
            belongs_to=organization,
            text=text[:500],
        )
        condition = Condition.objects.get(tenant=unlinked)
        Condition.objects.filter(pk=condition.pk).update(detail=text)
        Webhook.objects.filter(reseller=reseller).update(last_failure=text[:300], created_by=text)
        passwords = make_password(
            connection, organization, canary=text, recipient="first@example.com"
        )
        FirstPassword.objects.filter(pk=passwords.password.pk).update(held_because=text[:300])
        Delivery.objects.create(
            reseller=reseller,
            channel=Delivery.Channel.MAIL,
            topic=KIND,
            about_id=passwords.password.pk,
            dedupe_key=f"letter:{number}",
            due_at=timezone.now(),
            state=Delivery.State.FAILED,
        )
        LetterTemplate.objects.filter(reseller=reseller).update(
            to=text, subject=text[:200], body=text, changed_by=text[:250]
        )
        Delivery.objects.filter(reseller=reseller).update(
            last_error=text[:300], subject=text[:300], recipient=text
        )
    people = {
        role: make_person(reseller, role, organization_id=organization.pk, name=text)
        for role in CUSTOMERS
    }
    objects = {
        **NAMED_ALIKE,
        **side.rows.ids(),  # what is not made here
        "organization": str(organization.pk),
        "account": str(link.account.pk),
        "tenant": str(tenant.pk),
        "microsoft": str(tenant.microsoft_id),
        "unlinked tenant": str(unlinked.pk),
        "link": str(link.pk),
        "connection": str(connection.pk),
        "job": str(job.pk),
        "run": str(run.pk),
        "consent_request": str(signed_in.pk),
        "file": str(file.pk),
        "integration_test": str(tested.pk),
        "suggestion": str(suggestions[0].pk),
        "dismissed suggestion": str(suggestions[1].pk),
        "fresh connection": str(connection.pk),
        "invoice": str(invoice.pk),
        "event": side.rows.ids()["event"],
        **side.rows.tellings.ids(),
        **provisioned.ids(),
        **passwords.ids(),
        "condition": str(condition.pk),
        "colleague": str(people[Role.CUSTOMER_VIEWER].membership.pk),
    }
    return Named(text, objects, people)


def one_of_the_staff(row: Row, turn: int) -> Role:
    """Return who of the staff opens a row when it is this one's turn; all do so in turn."""
    may = sorted(set(STAFF) & row.roles) or list(STAFF)
    return may[turn % len(may)]


def opened(
    callers: dict[Role, Caller],
    objects: Objects,
    rows: tuple[Row, ...],
    *,
    turn: int | None = None,
) -> Iterator[tuple[Row, Role, Answer]]:
    """Open rows on these objects as everybody who may, or as one of the staff, whose turn it is."""
    for role, caller in callers.items():
        for row in rows:
            # What asks Microsoft is asked by all each time: its failure shows on other pages.
            takes_turns = turn is not None and role in STAFF and not row.calls_out
            if takes_turns and role != one_of_the_staff(row, turn or 0):
                continue
            if role in row.roles and row.route not in UNNAMED:
                query = {} if row.is_api else {"size": "100"}
                yield row, role, caller.call(row, objects, query=query)


def callers_of(people: dict[Role, Person]) -> dict[Role, Caller]:
    return {role: Caller.of(person) for role, person in people.items()}


@pytest.fixture
def side() -> Side:
    return make_side("north")


@pytest.mark.timeout(900)
def test_d01_no_page_makes_code_of_a_name(side: Side, record_property: Record) -> None:
    """A page about a hostile name has the elements it has for a plain one; lists show them all."""
    plain = give_names(side, PLAIN, 0)
    hostile = [give_names(side, text, place) for place, text in enumerate(HOSTILE, start=1)]
    staff, seen, wrong, count = callers_of(side.staff), set(), [], 0
    details = tuple(row for row in READS if subject_of(row) not in ("", "event"))
    expected: dict[tuple[str, Role], Skeleton] = {}
    for turn, named in enumerate((plain, *hostile)):
        everybody = {**staff, **callers_of(named.customers)}
        whose = turn if turn and TIMES == 1 else None
        for row, role, answer in opened(everybody, named.objects, details, turn=whose):
            elements = expected.setdefault((str(row), role), _skeleton(answer))
            count += 1
            wrong += [f"{row} as {role}, {named.text}: {what}" for what in _faults(answer)]
            if _skeleton(answer) != elements:
                wrong.append(f"{row} as {role}: {named.text} changes the page's elements")
            if named.text in _shown(answer):
                seen.add(named.text)
    lists = tuple(row for row in READS if not subject_of(row))
    for role_callers in (staff, *(callers_of(named.customers) for named in hostile)):
        for row, role, answer in opened(role_callers, plain.objects, lists):
            count += 1
            wrong += [f"{row} as {role}: {what}" for what in _faults(answer)]
    record_property(
        "figure",
        f"D01: {len(PAYLOADS)} payloads in {count} answers, {len(wrong)} of them executable",
    )
    assert not wrong, "\n".join(wrong[:40])
    assert seen == {PLAIN, *HOSTILE}


def test_d01_no_export_holds_a_formula(side: Side, record_property: Record) -> None:
    exports = tuple(row for row in READS if row.route in EXPORTS)
    names = [give_names(side, text, place) for place, text in enumerate(HOSTILE, start=1)]
    admin = {Role.ADMIN: Caller.of(side.person(Role.ADMIN))}
    cells, wrong = 0, []
    for named in names:
        everybody = {**admin, **callers_of(named.customers)}
        for row, role, answer in opened(everybody, named.objects, exports):
            for line in csv.reader(answer.body.decode("utf-8-sig").splitlines()):
                cells += len(line)
                wrong += [f"{row} as {role}: {cell}" for cell in line if _is_formula(cell)]
    record_property("figure", f"D01: {cells - len(wrong)} of {cells} exported cells are no formula")
    assert cells
    assert not wrong, "\n".join(wrong[:40])


def test_d01_what_no_field_can_hold_is_refused_and_breaks_nothing(
    side: Side, record_property: Record
) -> None:
    person = side.person(Role.ADMIN)
    caller, objects = Caller.of(person), side.objects(person)
    tried, broken = 0, []
    for row in GUARDED:
        if Role.ADMIN not in row.roles or row.calls_out:
            continue
        for name, sent in row.sends.items():
            for text in too_long_or_broken() if isinstance(sent, str) else ():
                with undone():
                    answer = caller.call(row, objects, sends={**row.body(objects), name: text})
                tried += 1
                if answer.status >= 500:
                    broken.append(f"{row} {name}={text[:6]!r}: {answer.crash[:120]}")
    record_property("figure", f"D01: {tried - len(broken)} of {tried} impossible texts answered")
    assert not broken, "\n".join(broken)


def test_d01_a_name_of_a_hundred_thousand_letters_is_shown(side: Side) -> None:
    """A product's name has no limit in Microsoft's lines."""
    long = MARK * 34_000
    with acting(extras.system(side.reseller.pk)), transaction.atomic():
        job = extras.make_job(side.reseller, canary="long", subject_id=side.connection.pk)
        invoice, _ = extras.make_invoice(
            side.connection, job, [side.spare], canary=long, number="1"
        )
    person = side.person(Role.ADMIN)
    objects = {**side.objects(person), "invoice": str(invoice.pk)}
    caller = Caller.of(person)
    for row in READS:
        if row.route in UNNAMED:
            continue
        if row.route.startswith(("invoices:", "reports:", "api:invoices")):
            assert caller.call(row, objects).status == 200, str(row)


def _faults(answer: Answer) -> list[str]:
    if answer.status >= 400:
        return [f"{answer.status} {answer.crash[:120]}"]
    if not answer.headers.get("Content-Type", "").startswith(HTML):
        return []
    page = answer.body.decode()
    found = [*read_page(page).executable]
    return found + [f"evaluated to {text}" for text in EVALUATED if text in page]


def _skeleton(answer: Answer) -> Skeleton:
    is_page = answer.headers.get("Content-Type", "").startswith(HTML)
    return read_page(answer.body.decode()).skeleton if is_page else []


def _shown(answer: Answer) -> str:
    is_page = answer.headers.get("Content-Type", "").startswith(HTML)
    return "".join(read_page(answer.body.decode()).text) if is_page else ""


def _is_formula(cell: str) -> bool:
    return cell.lstrip(" ").startswith(FORMULA_STARTS) or (
        cell.startswith("-") and not _is_number(cell)
    )


def _is_number(cell: Any) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
