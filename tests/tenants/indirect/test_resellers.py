"""The indirect resellers of a provider: listed, and each with whether it signed (IND-05)."""

import json

import pytest
from django.db import transaction

from partnercenter.simulator import Simulator
from partnercenter.simulator.worlds import open_world
from portal.core.access import Role, acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.connections.models import Connection
from tenants.indirect.models import IndirectReseller
from tenants.indirect.operations import READ_RESELLERS, request_all_resellers, request_resellers
from tenants.indirect.queries import indirect_resellers
from tests.factories.core import make_person
from tests.tenants.consents import consent
from tests.tenants.simulated import PartnerCenterInProcess, customer

pytestmark = pytest.mark.django_db(transaction=True)


def listed(number: int, **more: object) -> dict[str, object]:
    return {
        "id": f"d0000000-0000-4000-8000-{number:012x}",
        "name": f"Reseller {number}",
        "relationshipType": "IsIndirectCloudSolutionProviderOf",
        "state": "Active",
        "mpnId": f"{5_000_000 + number}",
        "location": "NL",
    } | more


def serve(partner: PartnerCenterInProcess, *rows: dict[str, object]) -> None:
    """Make the partner an indirect provider with these resellers."""
    partner.lists([customer(1)])
    folder = partner.folder / "indirect"
    folder.mkdir(exist_ok=True)
    latest = sorted(partner.folder.glob("world-*"), key=lambda one: one.stat().st_mtime)[-1]
    about = json.loads((latest / "partner.json").read_text()) | {"program": "indirectProvider"}
    (folder / "partner.json").write_text(json.dumps(about))
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "indirect_resellers.jsonl").write_text(lines)
    world = open_world(str(folder), cache=folder / f"cache-{len(rows)}")
    partner.simulator = Simulator(world, state_folder=partner.folder / "state")


def provider(partner: PartnerCenterInProcess, reseller: Reseller) -> Connection:
    """Return an indirect connection somebody signed in for."""
    connection = partner.connect(reseller, program=Connection.Program.INDIRECT_PROVIDER)
    admin = make_person(reseller, Role.ADMIN).actor
    with acting(admin):
        consent(partner, connection, admin)
    return connection


def read(connection: Connection) -> tuple[Job, list[IndirectReseller]]:
    """Read the list as the system does."""
    actor = system_actor(connection.reseller_id, "tests")
    with acting(actor), transaction.atomic():
        assert request_resellers(connection, actor=actor)
        job = Job.objects.filter(kind=READ_RESELLERS.name).order_by("-created_at").first()
    run_job(job.pk)
    with acting(actor), transaction.atomic():
        job.refresh_from_db()
        return job, list(indirect_resellers(connection, actor=actor))


def test_ind_05_each_says_whether_it_can_be_chosen_and_why_not(
    reseller: Reseller, partner: PartnerCenterInProcess
) -> None:
    serve(
        partner,
        listed(1),
        listed(2, mpaSigned=False),
        listed(3, state="Inactive"),
    )
    job, rows = read(provider(partner, reseller))
    assert job.state == Job.State.DONE, job.error
    assert [(row.name, row.mpn_id, row.is_verified) for row in rows] == [
        ("Reseller 1", "5000001", True),
        ("Reseller 2", "5000002", False),
        ("Reseller 3", "5000003", False),
    ]
    assert "not signed" in rows[1].why_not
    assert "inactive" in rows[2].why_not


def test_who_is_no_longer_listed_goes(reseller: Reseller, partner: PartnerCenterInProcess) -> None:
    serve(partner, listed(1), listed(2))
    connection = provider(partner, reseller)
    assert len(read(connection)[1]) == 2
    serve(partner, listed(2, name="Renamed"))
    assert [row.name for row in read(connection)[1]] == ["Renamed"]


def test_without_a_sign_in_the_list_stays_as_it_was(
    reseller: Reseller, partner: PartnerCenterInProcess
) -> None:
    serve(partner, listed(1))
    connection = partner.connect(reseller, program=Connection.Program.INDIRECT_PROVIDER)
    job, rows = read(connection)
    assert job.state != Job.State.DONE
    assert rows == []


def test_ind_04_a_direct_connection_has_no_list(
    reseller: Reseller, partner: PartnerCenterInProcess
) -> None:
    connection = partner.connect(reseller)
    actor = system_actor(reseller.pk, "tests")
    with acting(actor), transaction.atomic():
        assert not request_resellers(connection, actor=actor)
        assert request_all_resellers(actor=actor) == 0
