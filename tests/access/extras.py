"""Rows of the cast that no factory makes: jobs, runs, invoices, events and links that ended.

They are written as the operations would leave them, each table at least once, so that a table
without a row in the cast is noticed by the tests that read the catalogue.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from billing.closing import operations as closing
from billing.invoices.models import Invoice, InvoiceLine, InvoiceTenantTotal
from organizations.directory.models import Organization
from organizations.directory.numbering import take_numbers
from organizations.fields.models import FieldDefinition
from organizations.files.models import UploadedFile
from organizations.linking.models import Link
from organizations.linking.operations import link_tenant, unlink_tenant
from organizations.suggestions.models import LinkSuggestion
from portal.core import audit
from portal.core.access import Actor, Role, acting, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.encryption import seal
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tenants.connections.models import (
    AccessToken,
    Connection,
    Consent,
    ConsentRequest,
    FamilyHealth,
    PartnerClaim,
)
from tenants.discovery.models import DiscoveryRun, SightedTenant, Tenant
from tenants.indirect.models import IndirectReseller
from tenants.integration.models import IntegrationTest
from tests.access.agreed import make_confirmation
from tests.access.bulk import BulkRows, make_bulk_links
from tests.access.fields import make_fields
from tests.access.leaving import make_leaving
from tests.access.notices import make_notices
from tests.access.passwords import Passwords, make_passwords, make_wording
from tests.access.provisioned import Provisioned, make_provisioned
from tests.access.runs import make_integration_test
from tests.access.suggested import make_suggestions
from tests.access.synchronized import make_synchronizable
from tests.access.tellings import Tellings, make_tellings
from tests.access.uploads import make_file
from tests.factories.core import Person
from tests.factories.tenants import make_connection

MONTH, CLOSED = date(2026, 6, 1), date(2026, 5, 1)
BILLED = Decimal("120.50")


class HasTenant(Protocol):
    """What is needed of a customer here."""

    @property
    def canary(self) -> str: ...
    @property
    def seller(self) -> Organization: ...
    @property
    def organization(self) -> Organization: ...
    @property
    def tenant(self) -> Tenant: ...


@dataclass(frozen=True, slots=True)
class Extras:
    """The rows, by the names the matrix uses."""

    job: Job
    run: DiscoveryRun
    invoice: Invoice
    line: InvoiceLine
    event: AuditEvent
    ended_link: Link
    consent_request: ConsentRequest
    integration_test: IntegrationTest
    suggestions: tuple[LinkSuggestion, LinkSuggestion]
    fresh_connection: Connection
    bulk_links: BulkRows
    file: UploadedFile
    definition: FieldDefinition
    ignored_tenant: Tenant
    tellings: Tellings
    passwords: Passwords
    provisioned: Provisioned
    indirect_reseller: IndirectReseller
    second_passwords: Passwords
    second_provisioned: Provisioned

    def ids(self) -> dict[str, str]:
        return {
            "job": str(self.job.pk),
            "run": str(self.run.pk),
            "invoice": str(self.invoice.pk),
            "event": str(self.event.pk),
            "consent_request": str(self.consent_request.pk),
            "file": str(self.file.pk),
            "definition": str(self.definition.pk),
            "integration_test": str(self.integration_test.pk),
            "bulk": str(self.bulk_links.draft.pk),
            "done bulk": str(self.bulk_links.done.pk),
            "suggestion": str(self.suggestions[0].pk),
            "dismissed suggestion": str(self.suggestions[1].pk),
            # One without tenants: which account the other leads to can no longer be changed.
            "fresh connection": str(self.fresh_connection.pk),
            "ignored tenant": str(self.ignored_tenant.pk),
            "indirect_reseller": str(self.indirect_reseller.pk),
            **self.tellings.ids(),
            **self.passwords.ids(),
            **self.provisioned.ids(),
        }

    def ids_of_second(self) -> dict[str, str]:
        """Return what of it the second customer has too."""
        return {**self.second_passwords.ids(), **self.second_provisioned.ids()}


def system(reseller_id: int) -> Actor:
    """Return who makes the rows that nobody in particular made."""
    return system_actor(reseller_id, "tests")


def mark_working(connection: Connection) -> None:
    """Let a connection have worked once, so that its tenants can be linked."""
    with acting(system(connection.reseller_id)), transaction.atomic():
        connection.state = Connection.State.WORKING
        connection.last_success_at = timezone.now()
        connection.save(update_fields=["state", "last_success_at"])


def make_extras(
    reseller: Reseller,
    connection: Connection,
    *,
    canary: str,
    staff: Mapping[Role, Person],
    spare: Tenant,
    customers: Iterable[HasTenant],
) -> Extras:
    """Make one of each for a reseller; every text begins with ``canary``."""
    customers = tuple(customers)
    operator = staff[Role.OPERATOR]
    with acting(operator.actor):
        link_tenant(spare, actor=operator.actor, organization=customers[0].organization)
        ended = unlink_tenant(spare, actor=operator.actor, reason=f"{canary} reason")
    with acting(system(reseller.pk)) as actor, transaction.atomic():
        take_numbers(1, actor=actor)
        job = make_job(reseller, canary=canary, subject_id=connection.pk, state=Job.State.FAILED)
        held = make_job(
            reseller, canary=canary, subject_id=connection.pk, state=Job.State.NEEDS_PERSON
        )
        run = make_run(connection, held, spare)
        consent_request = make_consent(connection, staff[Role.ADMIN], canary=canary)
        integration_test = make_integration_test(connection, job, canary=canary)
        make_notices(connection, canary=canary)
        definition = make_fields(
            actor,
            [customer.organization for customer in customers],
            canary=canary,
            connection=connection,
            owner=operator.membership,
        )
        make_confirmation(customers[0].tenant, job, actor=actor, canary=canary)
        indirect = make_synchronizable(connection, actor=actor, canary=canary)
        file = make_file(reseller.pk, job, canary=canary)
        tellings = make_tellings(spare, canary=canary, owner=operator.membership)
        passwords = [
            make_passwords(connection, customer.organization, canary=customer.canary)
            for customer in customers
        ]
        make_wording(connection, canary=canary)
        tenants = (spare, *(customer.tenant for customer in customers))
        invoice, line = make_invoice(connection, job, (*tenants, None), canary=canary)
        audit.record(
            staff[Role.ADMIN].actor,
            "tenants.connection_changed",
            connection,
            before={"name": f"{canary} old"},
            after={"name": f"{canary} new"},
            reason=f"{canary} reason",
        )
        organizations = [customer.organization for customer in customers]
        suggestions = make_suggestions(spare, organizations, canary=canary)
        event = AuditEvent.objects.visible_to(actor).order_by("sequence").last()
        first = customers[0]
        bulk_links = make_bulk_links(first.organization, first.tenant, spare, job, canary=canary)
    fresh = make_connection(
        reseller,
        name=f"{canary.removesuffix('-staff')}-trade fresh connection",
        client_id=f"{canary}-staff",
    )
    with acting(system(reseller.pk)) as actor, transaction.atomic():
        provisioned = [
            make_provisioned(
                (customer.organization, customer.seller),
                (connection, fresh),
                customer.tenant,
                job,
                canary=customer.canary,
                actor=actor,
            )
            for customer in customers
        ]
    ignored = make_leaving(connection, operator, canary=canary)
    return Extras(
        job,
        run,
        invoice,
        line,
        event,
        ended,
        consent_request,
        integration_test,
        suggestions,
        fresh,
        bulk_links,
        file,
        definition,
        ignored,
        tellings,
        passwords[0],
        provisioned[0],
        indirect,
        passwords[1],
        provisioned[1],
    )


def close_month(connection: Connection, person: Person, *, canary: str) -> None:
    """Add a month whose books are closed; its only line names no tenant."""
    with acting(person.actor) as actor, transaction.atomic():
        job = make_job(connection.reseller, canary=canary, subject_id=connection.pk)
        make_invoice(connection, job, (None,), canary=canary, month=CLOSED)
        closing.close_month(CLOSED, actor=actor, accept_unassigned=True, reason=f"{canary} reason")


def make_job(
    reseller: Reseller, *, canary: str, subject_id: UUID, state: str = Job.State.DONE
) -> Job:
    """Add a job that has ended (inside a transaction of the reseller)."""
    return Job.objects.create(
        reseller_id=reseller.pk,
        kind="tenants.discover",
        queue="sync",
        title=f"{canary} job",
        subject_id=subject_id,
        payload={"note": canary},
        result={"note": canary},
        state=state,
        note=f"{canary} note",
        error=f"{canary} error" if state != Job.State.DONE else "",
        asked_by=f"{canary} person",
        started_at=timezone.now(),
        finished_at=timezone.now(),
    )


def make_run(connection: Connection, job: Job, tenant: Tenant) -> DiscoveryRun:
    run = DiscoveryRun.objects.create(
        reseller_id=connection.reseller_id,
        connection=connection,
        job=job,
        known=2,
        held=1,
    )
    SightedTenant.objects.create(
        reseller_id=connection.reseller_id, run=run, microsoft_id=tenant.microsoft_id
    )
    return run


def make_consent(connection: Connection, person: Person, *, canary: str) -> ConsentRequest:
    """Add a sign-in that was granted, what came of it, and the health of one family."""
    own: dict[str, Any] = {"reseller_id": connection.reseller_id}
    now = timezone.now()
    consent = Consent(
        **own,
        connection=connection,
        microsoft_tenant=uuid4(),
        user_name=f"{canary}-staff@example.com",
        mfa_seen=True,
        scopes=[f"{canary}-staff scope"],
        obtained_at=now,
        renewed_at=now,
        started_by=f"{canary}-staff person",
    )
    consent.refresh_sealed = seal(f"{canary}-staff refresh token", consent.refresh_seal())
    consent.save(force_insert=True)
    token = AccessToken(**own, consent=consent, audience="https://api.test", good_until=now)
    token.token_sealed = seal(f"{canary}-staff access token", token.seal())
    token.save(force_insert=True)
    FamilyHealth.objects.create(
        **own,
        connection=connection,
        family="customers",
        state=FamilyHealth.State.AMBER,
        reason=f"{canary}-staff reason",
    )
    PartnerClaim.objects.create(
        **own, connection=connection, partner_tenant=connection.partner_tenant
    )
    request = ConsentRequest(
        **own,
        connection=connection,
        membership_id=person.membership.pk,
        started_by=f"{canary}-staff person",
        nonce="n",
        redirect_uri="https://portal.test/",
        created_at=now,
        taken_at=now,
        outcome=ConsentRequest.Outcome.GRANTED,
        user_name=f"{canary}-staff@example.com",
        mfa_seen=True,
    )
    request.verifier_sealed = seal("verifier", request.verifier_seal())
    request.save(force_insert=True)
    return request


def make_invoice(
    connection: Connection,
    job: Job,
    tenants: Iterable[Tenant | None],
    *,
    canary: str,
    number: str = "",
    month: date = MONTH,
) -> tuple[Invoice, InvoiceLine]:
    """Add a published invoice with one line for each tenant; return it with its first line.

    None is a line that names no tenant.
    """
    tenants = tuple(tenants)
    common: dict[str, Any] = {"reseller_id": connection.reseller_id, "currency": "EUR"}
    money: dict[str, Any] = {"subtotal": BILLED, "tax": 0, "total": BILLED}
    total = BILLED * len(tenants)
    invoice = Invoice.objects.create(
        **common,
        connection=connection,
        job=job,
        number=number or f"{canary}-{uuid4().hex[:8]}",
        month=month,
        total=total,
        lines=len(tenants),
        subtotal=total,
        lines_total=total,
        charge_types={f"{canary} charge": len(tenants)},
        digest="0" * 32,
        raw={"id": canary},
    )
    named = [
        {
            "microsoft_id": row.microsoft_id if row else None,
            "customer_name": row.name if row else f"{canary} nobody",
            "customer_domain": row.domain if row else "",
        }
        for row in tenants
    ]
    lines = InvoiceLine.objects.bulk_create(
        InvoiceLine(
            **common,
            **money,
            **who,
            invoice=invoice,
            number=position,
            subscription=f"{canary} subscription",
            product=f"{canary} product",
            sku=f"{canary} sku",
            charge_type=f"{canary} charge",
            provider="office",
            quantity=1,
            unit_price=BILLED,
            raw={"note": canary},
        )
        for position, who in enumerate(named, start=1)
    )
    InvoiceTenantTotal.objects.bulk_create(
        InvoiceTenantTotal(**common, **money, **who, invoice=invoice, lines=1) for who in named
    )
    Invoice.objects.filter(pk=invoice.pk).update(
        state=Invoice.State.PUBLISHED, published_at=timezone.now()
    )
    invoice.refresh_from_db()
    return invoice, lines[0]
