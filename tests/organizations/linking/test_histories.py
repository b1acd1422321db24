"""Whatever is done to links, in whatever order: the rules that hold after every step.

A tenant has one live link at most; its periods never overlap and leave no open month out between
them; what a closed month's report says never changes; and every invoice is assigned, unassigned
and adjusted to its total. The reports are billing's own.

Whoever adds an operation that changes links adds a rule to `Histories`; the invariants need not
know of it. A bulk link is previewed, run and undone in steps of their own, so that anything may
happen in between; its worker is the test.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from billing.closing.operations import close_month, reopen_month
from billing.reconciliation.queries import reconcile
from billing.reports.queries import organizations_of, unassigned_of
from organizations.bulk.models import BulkItem, BulkLink
from organizations.bulk.operations import preview_rows, run_bulk, undo_bulk
from organizations.bulk.plans import FileRow
from organizations.bulk.running import carry_out
from organizations.bulk.undoing import take_back
from organizations.directory.models import Organization
from organizations.ignoring.models import IgnoredTenant
from organizations.ignoring.operations import ignore_tenant, unignore_tenant
from organizations.linking.batch import Pair, link_tenants
from organizations.linking.models import Link
from organizations.linking.operations import link_tenant, move_tenant, undo_link, unlink_tenant
from organizations.merging.operations import merge_organizations
from portal.core.access import Role, acting
from portal.core.books import closed_until
from portal.core.errors import PortalError
from portal.core.jobs import operations as job_operations
from portal.core.jobs.models import Job
from portal.core.jobs.running import RunningJob
from tenants.discovery.models import Tenant
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import Person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.linking.scene import make_scene
from tests.repetitions import TIMES

pytestmark = pytest.mark.django_db

MONTHS = [date(2026, month, 1) for month in (8, 9, 10)]
DAYS = [None, *MONTHS, date(2026, 9, 15), date(2026, 11, 1), date(2026, 12, 1)]
HISTORIES = 20 * TIMES
STEPS = 20
TENANTS, ORGANIZATIONS = 2, 3

whose = st.integers(0, TENANTS - 1)
where = st.integers(0, ORGANIZATIONS - 1)
days = st.sampled_from(DAYS)
mostly = st.sampled_from([True, True, False])


@dataclass(frozen=True, slots=True)
class World:
    """What every history begins with."""

    admin: Person
    tenants: list[Tenant]
    organizations: list[Organization]


@pytest.fixture(autouse=True)
def _nobody_rung(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_operations, "ring", lambda *_: True)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-21T12:00:00Z", tick=True):
        yield


@pytest.fixture
def world() -> World:
    north = make_scene()
    tenants = [north.tenant, *(make_tenant(north.connection) for _ in range(TENANTS - 1))]
    organizations = [
        north.organization,
        *(make_organization(north.reseller) for _ in range(ORGANIZATIONS - 1)),
    ]
    for at, month in enumerate(MONTHS):
        charges = [
            Charge(tenant.microsoft_id, Decimal(10 ** (at + 1) * (number + 1)))
            for number, tenant in enumerate(tenants)
        ]
        make_invoice(north.connection, [*charges, Charge(None, Decimal("0.01"))], month=month)
    return World(north.person(Role.ADMIN), tenants, organizations)


class Histories(RuleBasedStateMachine):
    """Steps of people at one reseller; what is refused has to be refused in words."""

    world: World
    done: dict[str, int]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.closed: dict[date, Any] = {}
        self.merged = False
        self.draft: BulkLink | None = None
        self.ran: list[BulkLink] = []

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    def attempt(self, name: str, work: Callable[[Any], Any]) -> Any:
        """Do one step as the administrator; a refusal leaves everything as it was."""
        actor = self.world.admin.actor
        try:
            with acting(actor), transaction.atomic():
                result = work(actor)
        except PortalError as refusal:
            assert refusal.detail
            self.done["refused"] = self.done.get("refused", 0) + 1
            return None
        self.done[name] = self.done.get(name, 0) + 1
        return result

    @initialize(organization=where)
    def begin(self, organization: int) -> None:
        self.link_all(organization)

    # --- steps ---

    @rule(tenant=whose, organization=where)
    def link(self, tenant: int, organization: int) -> None:
        target = self.world.organizations[organization]
        link = self.attempt(
            "linked",
            lambda actor: link_tenant(self.world.tenants[tenant], actor=actor, organization=target),
        )
        assert link is None or link.organization_id == target.pk

    @rule(organization=where)
    def link_all(self, organization: int) -> None:
        target = self.world.organizations[organization].pk
        pairs = [Pair(tenant.pk, target) for tenant in self.world.tenants]
        self.attempt("linked in bulk", lambda actor: list(link_tenants(pairs, actor=actor)))

    @rule(tenant=whose, organization=where, day=days)
    def move(self, tenant: int, organization: int, day: date | None) -> None:
        target = self.world.organizations[organization]
        link = self.attempt(
            "moved",
            lambda actor: move_tenant(
                self.world.tenants[tenant], actor=actor, organization=target, starts_on=day
            ),
        )
        assert link is None or (link.is_live and link.organization_id == target.pk)

    @rule(tenant=whose, day=days)
    def unlink(self, tenant: int, day: date | None) -> None:
        link = self.attempt(
            "unlinked",
            lambda actor: unlink_tenant(
                self.world.tenants[tenant], actor=actor, reason="a step", ends_on=day
            ),
        )
        assert link is None or not link.is_live

    @rule(tenant=whose, back=st.sampled_from([0, 0, 0, 1]))
    def undo(self, tenant: int, back: int) -> None:
        links = self.links(self.world.tenants[tenant])
        if back >= len(links):
            return
        link = links[-1 - back]
        former = link.replaces
        undone = self.attempt("undone", lambda actor: undo_link(link, actor=actor))
        if undone is not None and link.is_live:
            live = [it for it in self.links(self.world.tenants[tenant]) if it.is_live]
            assert [it.account_id for it in live] == ([former.account_id] if former else [])

    @rule(tenant=whose, back=st.booleans())
    def ignore(self, tenant: int, back: bool) -> None:
        row = self.world.tenants[tenant]
        if back:
            self.attempt("brought back", lambda actor: unignore_tenant(row, actor=actor))
            return
        self.attempt(
            "ignored", lambda actor: ignore_tenant(row, actor=actor, kind="test", reason="a step")
        )

    @precondition(lambda self: self.draft is None)
    @rule(organization=where, moves=mostly, at_once=mostly)
    def preview_bulk(self, organization: int, moves: bool, at_once: bool) -> None:
        target = self.world.organizations[organization].pk
        rows = [
            FileRow(line, tenant.pk, target)
            for line, tenant in enumerate(self.world.tenants, start=2)
        ]
        self.draft = self.attempt(
            "previewed",
            lambda actor: preview_rows(rows, actor=actor, source="a step", allow_moves=moves),
        )
        if at_once and self.draft is not None:
            self.run_draft()

    @precondition(lambda self: self.draft)
    @rule()
    def run_bulk(self) -> None:
        self.run_draft()

    def run_draft(self) -> None:
        draft, self.draft = self.draft, None
        assert draft
        asked = self.attempt("run in bulk", lambda actor: run_bulk(draft, actor=actor))
        if asked is not None:
            done = self.work_off(asked, asked.job, carry_out)
            assert done.state == BulkLink.State.DONE
            assert (done.left, done.failed) == (0, 0)
            self.ran.append(done)

    @precondition(lambda self: self.ran)
    @rule()
    def undo_bulk(self) -> None:
        bulk = self.ran.pop()
        asked = self.attempt(
            "undone in bulk", lambda actor: undo_bulk(bulk, actor=actor, reason="a step")
        )
        if asked is not None:
            undone = self.work_off(asked, asked.undo_job, take_back)
            assert undone.state == BulkLink.State.UNDONE
            with acting(self.world.admin.actor):
                gone = BulkItem.objects.filter(bulk=undone, outcome=BulkItem.Outcome.UNDONE)
                assert not gone.exclude(link__undone=True).exists()

    # One merger leaves two organizations to link and move between.
    @precondition(lambda self: not self.merged)
    @rule(source=where, into=where)
    def merge(self, source: int, into: int) -> None:
        going, staying = self.world.organizations[source], self.world.organizations[into]
        merged = self.attempt(
            "merged",
            lambda actor: merge_organizations(going, actor=actor, into=staying, reason="a step"),
        )
        assert merged is None or merged.pk == staying.pk
        self.merged = merged is not None

    @precondition(lambda self: len(self.closed) < len(MONTHS))
    @rule()
    def close(self) -> None:
        month = MONTHS[len(self.closed)]
        closing = self.attempt(
            "closed",
            lambda actor: close_month(month, actor=actor, accept_unassigned=True, reason="a step"),
        )
        assert closing
        self.closed[month] = self.report(month)

    @precondition(lambda self: self.closed)
    @rule()
    def reopen(self) -> None:
        month = max(self.closed)
        assert self.attempt(
            "reopened", lambda actor: reopen_month(month, actor=actor, reason="a step")
        )
        del self.closed[month]

    # --- what holds ---

    @invariant()
    def links_keep_their_rules(self) -> None:
        with acting(self.world.admin.actor):
            closed = closed_until(self.world.admin.actor) or date.min
            linked = set(Tenant.objects.filter(is_linked=True).values_list("pk", flat=True))
        for tenant in self.world.tenants:
            links = self.links(tenant)
            assert sum(link.is_live for link in links) == (tenant.pk in linked)
            periods = [link.period for link in links if link.has_effect]
            periods.sort(key=lambda period: period.lower or date.min)
            reached = date.min
            for period in periods:
                begins = period.lower or date.min
                assert begins >= reached, "overlap"
                assert begins == reached or begins <= closed, "gap"
                reached = period.upper or date.max

    @invariant()
    def nothing_living_is_ignored_or_buried(self) -> None:
        with acting(self.world.admin.actor):
            ignored = IgnoredTenant.objects.filter(ended_at=None)
            left_out = set(ignored.values_list("tenant_id", flat=True))
            live = Link.objects.filter(ends_at=None).select_related("organization", "account")
            assert not {link.tenant_id for link in live} & left_out
            assert set(Tenant.objects.filter(is_ignored=True).values_list("pk", flat=True)) == (
                left_out
            )
            for link in live:
                assert not link.organization.is_merged
                assert link.account.organization_id == link.organization_id

    @invariant()
    def books_keep_theirs(self) -> None:
        reports = {month: self.report(month) for month in MONTHS}
        for month, report in self.closed.items():
            assert reports[month] == report
        with acting(self.world.admin.actor):
            parts = reconcile(self.world.admin.actor)
        assert len(parts) == len(MONTHS)
        for part in parts:
            assert part.invoice_total == part.assigned + part.unassigned + part.adjustments
            owned, nobodys = reports[part.month]
            assert part.assigned == sum(total for *_, total in owned)
            assert part.unassigned == sum(total for _, total in nobodys)

    # --- looking ---

    def work_off(self, bulk: BulkLink, job: Job, work: Callable[[RunningJob], None]) -> BulkLink:
        """Be the worker that has taken a job; return the bulk link as it stands then."""
        actor = self.world.admin.actor
        with acting(actor):
            # A history is one transaction, whose time stands still; the job was made later.
            Job.objects.filter(pk=job.pk).update(due_at=TransactionNow())
            taken = job_operations.claim(job.pk)
            assert taken is not None
            work(RunningJob(taken, actor))
            assert job_operations.finish(taken, state=Job.State.DONE)
            return BulkLink.objects.get(pk=bulk.pk)

    def links(self, tenant: Tenant) -> list[Link]:
        with acting(self.world.admin.actor):
            rows = Link.objects.filter(tenant=tenant).select_related("replaces", "tenant")
            return list(rows.order_by("begins_at", "ends_at"))

    def report(self, month: date) -> tuple[list[Any], list[Any]]:
        """Return whose the month is as billing reports it: organizations, and Unassigned."""
        actor = self.world.admin.actor
        with acting(actor):
            owned = organizations_of(actor, month).lines
            nobodys = unassigned_of(actor, month).lines
        return (
            [(line.organization_id, line.tenants, line.total) for line in owned],
            [(line.microsoft_id, line.total) for line in nobodys],
        )


def test_no_history_of_links_breaks_the_books(
    world: World, record_property: Callable[[str, object], None]
) -> None:
    done: dict[str, int] = {}
    machine = type("TheHistories", (Histories,), {"world": world, "done": done})
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=HISTORIES, stateful_step_count=STEPS, deadline=None),
    )
    steps = ", ".join(f"{count} {name}" for name, count in sorted(done.items()))
    record_property(
        "figure",
        f"UNL-01, UNL-02, UNL-03, UNL-06: {HISTORIES} histories ({steps}): two live links 0,"
        " gaps 0, overlaps 0, changed closed months 0",
    )
    # Which steps come how often is chance; most kinds have to have happened for this to say much.
    kinds = {"linked", "moved", "unlinked", "undone", "closed", "reopened"}
    kinds |= {"linked in bulk", "ignored", "brought back", "merged"}
    kinds |= {"previewed", "run in bulk", "undone in bulk"}
    assert len(kinds & set(done)) >= len(kinds) - 3, done
