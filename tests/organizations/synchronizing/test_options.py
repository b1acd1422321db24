"""Saving sync options: as custom fields, once per connection, with a username of one's own."""

import io
import threading

import pytest
from django.db import IntegrityError
from django.db import connection as database

from organizations.directory.importing import import_organizations
from organizations.directory.organization_file import layout_for
from organizations.fields.models import FieldDefinition, FieldValue
from organizations.fields.operations import change_field
from organizations.fields.queries import keys_of_connection
from organizations.synchronizing.options import SyncOptions
from portal.core.access import system_actor
from portal.core.audit.models import AuditEvent
from portal.core.errors import InvalidInput, NotAllowed, NotFound, NotReady
from portal.core.jobs.models import Job
from portal.web.sheets.reading import Table
from tenants.connections.models import Connection
from tenants.countries.models import CountryRuleSet
from tests.factories.organizations import make_organization
from tests.organizations.synchronizing.scene import OPTIONS, Scene, at_work, make_scene
from tests.tenants.simulated import PartnerCenterInProcess

pytestmark = pytest.mark.django_db(transaction=True)


def definitions(scene: Scene, connection: Connection | None = None) -> list[FieldDefinition]:
    with at_work(system_actor(scene.reseller.pk, "tests")):
        rows = FieldDefinition.objects.filter(connection=connection or scene.connection)
        return list(rows.order_by("position"))


def test_acc_01_03_the_options_are_custom_fields_of_the_account_in_their_folder(
    north: Scene,
) -> None:
    north.fetch()
    rows = definitions(north)
    assert [(row.entity, row.label) for row in rows] == [
        ("account", "Username"),
        ("account", "Domain prefix"),
    ]
    assert {row.group for row in rows} == {"Microsoft Cloud Services"}
    assert {row.seen_by for row in rows} == {"everybody"}
    assert ".com" in rows[1].help


def test_getting_them_again_changes_nothing_that_was_edited(north: Scene) -> None:
    north.fetch()
    with at_work(north.admin.actor) as actor:
        change_field(definitions(north)[0], actor=actor, changes={"label": "Admin name"})
    north.fetch()
    assert sorted(row.label for row in definitions(north)) == ["Admin name", "Domain prefix"]


def test_acc_04_each_connection_has_a_set_of_its_own(
    north: Scene, partner: PartnerCenterInProcess
) -> None:
    other = partner.connect(
        north.reseller,
        name="Indirect",
        partner_tenant="other.example.com",
        program=Connection.Program.COUNTRY_TENANT,
    )
    north.fetch()
    north.fetch(other)
    assert [row.vendor_key for row in definitions(north, other)] == [
        "username", "domain_prefix", "reseller_mpn_id",
    ]  # fmt: skip
    north.save()
    assert north.save(SyncOptions("admin", "elsewhere"), connection=other).username == "admin"
    assert north.saved() == OPTIONS


def test_getting_them_asks_for_the_rules_of_the_countries_accounts_are_in(north: Scene) -> None:
    north.fetch()
    with at_work(system_actor(north.reseller.pk, "tests")):
        assert list(CountryRuleSet.objects.values_list("country", flat=True)) == ["NL"]
        assert Job.objects.filter(kind="tenants.read_country_rules").count() == 1


def test_only_administrators_get_them(north: Scene) -> None:
    from organizations.synchronizing.operations import get_services_definitions

    with at_work(north.operator.actor) as actor, pytest.raises(NotAllowed):
        get_services_definitions(north.connection, actor=actor)


def test_options_are_saved_audited_and_the_same_again_is_nothing(north: Scene) -> None:
    north.fetch()
    assert north.save(SyncOptions(" Admin ", "CONTOSO")) == OPTIONS
    assert north.saved() == OPTIONS
    with at_work(system_actor(north.reseller.pk, "tests")):
        before = AuditEvent.objects.count()
    north.save()
    with at_work(system_actor(north.reseller.pk, "tests")):
        assert AuditEvent.objects.count() == before
        texts = FieldValue.objects.filter(account=north.account).values_list("text", flat=True)
        assert sorted(texts) == ["admin", "contoso"]


def test_before_the_definitions_nothing_can_be_saved(north: Scene) -> None:
    with pytest.raises(NotReady) as refused:
        north.save()
    assert refused.value.code == "definitions_missing"


def test_prv_05_a_username_is_unique_for_a_connection(north: Scene) -> None:
    north.fetch()
    north.save()
    other = north.account_of(make_organization(north.reseller, name="Fabrikam"))
    with pytest.raises(InvalidInput) as refused:
        north.save(SyncOptions("ADMIN", "fabrikam"), account=other)
    assert list(refused.value.fields) == ["username"]
    assert "Contoso" in refused.value.fields["username"][0]
    north.save(SyncOptions("fabrikam", "fabrikam"), account=other)


def test_prv_05_no_way_round_by_the_accounts_own_fields(north: Scene) -> None:
    north.fetch()
    north.save()
    other = north.account_of(make_organization(north.reseller, name="Fabrikam", number="F-1"))
    with at_work(north.operator.actor) as actor:
        key = keys_of_connection("account", north.connection, actor=actor)["username"]
    answer = north.operator.api().patch(
        f"/api/v1/accounts/{other.pk}/custom-fields/",
        {"custom_fields": {key: "Admin"}},
        content_type="application/json",
    )
    assert answer.status_code == 400
    assert "Another account has this already" in answer.json()["fields"][f"custom_fields.{key}"][0]
    page = north.operator.client().post(
        f"/custom-fields/accounts/{other.pk}/", {f"field-{key}": "ADMIN"}
    )
    assert page.status_code == 422
    assert "Another account has this already" in page.content.decode()
    lines = f"number,name,account_field:{key}\nF-1,Fabrikam,admin\n".encode()
    with at_work(north.operator.actor) as actor:
        table = Table(lambda: io.BytesIO(lines), layout_for(actor))
        with pytest.raises(InvalidInput, match=f"the same value in account_field:{key}"):
            import_organizations(table.rows, actor=actor, tell=lambda _: None, update=True)
    assert north.saved(other).username == ""


def test_prv_05_the_database_is_the_judge(north: Scene) -> None:
    north.fetch()
    north.save()
    other = north.account_of(make_organization(north.reseller, name="Fabrikam"))
    with (
        pytest.raises(IntegrityError, match="organizations_fieldvalue_distinct"),
        at_work(north.operator.actor) as actor,
    ):
        mine = FieldValue.objects.get(definition__vendor_key="username", account=north.account)
        FieldValue.objects.create(
            reseller_id=actor.reseller_id,
            definition_id=mine.definition_id,
            account=other,
            text="ADMIN",
        )
    north.save(SyncOptions("", ""), account=other)


def test_prv_05_two_at_once_get_it_once(north: Scene) -> None:
    north.fetch()
    accounts = [
        north.account_of(make_organization(north.reseller, name=f"Racer {number}"))
        for number in range(4)
    ]
    outcomes: list[str] = []

    def race(number: int) -> None:
        try:
            north.save(SyncOptions("admin", f"racer{number}"), account=accounts[number])
            outcomes.append("saved")
        except InvalidInput as error:
            outcomes.append(",".join(error.fields))
        finally:
            database.close()

    threads = [threading.Thread(target=race, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["saved", "username", "username", "username"]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (SyncOptions("ad min", "contoso"), "username"),
        (SyncOptions("admin", "con-toso"), "domain_prefix"),
        (SyncOptions("admin", "contoso", "5000001"), "reseller_mpn_id"),
    ],
)
def test_what_cannot_be_used_is_refused_beside_its_field(
    north: Scene, options: SyncOptions, field: str
) -> None:
    north.fetch()
    with pytest.raises(InvalidInput) as refused:
        north.save(options)
    assert list(refused.value.fields) == [field]
    assert north.saved() == SyncOptions()


def test_empty_options_can_be_filled_in_later(north: Scene) -> None:
    north.fetch()
    north.save(SyncOptions("admin", ""))
    assert north.saved() == SyncOptions("admin", "")


def test_ind_05_only_verified_resellers_can_be_saved(north: Scene) -> None:
    north.switch(program=Connection.Program.INDIRECT_PROVIDER)
    north.fetch()
    north.lists_reseller("5000001")
    north.lists_reseller("5000002", state="inactive")
    north.save(SyncOptions("admin", "contoso", "5000001"))
    assert north.saved().reseller_mpn_id == "5000001"
    with pytest.raises(InvalidInput) as refused:
        north.save(SyncOptions("admin", "contoso", "5000002"))
    assert "not active" in refused.value.fields["reseller_mpn_id"][0]


def test_auditors_and_other_resellers_save_nothing(
    north: Scene, partner: PartnerCenterInProcess
) -> None:
    from organizations.synchronizing.options import save_options

    north.fetch()
    with at_work(north.auditor.actor) as actor, pytest.raises(NotAllowed):
        save_options(north.account, actor=actor, connection=north.connection, options=OPTIONS)
    partner.tenant_id = "south.example.com"
    south = make_scene(partner, "South")
    with at_work(south.operator.actor) as actor, pytest.raises(NotFound):
        save_options(north.account, actor=actor, connection=north.connection, options=OPTIONS)
    with at_work(south.operator.actor) as actor, pytest.raises(NotFound):
        save_options(south.account, actor=actor, connection=north.connection, options=OPTIONS)
