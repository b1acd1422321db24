"""Who does what somebody of a sub-reseller asked for: that person, with the whole in sight."""

from dataclasses import replace
from uuid import uuid4

from portal.core.access import CAPABILITIES, Actor, Role, past_scope, standing_in
from portal.core.database.scope import RESELLER_ROLE, SUB_RESELLER_ROLE, current_scope
from portal.core.jobs.kinds import registered_kinds, rights_besides

STAFF = Actor(1, "Olga", CAPABILITIES[Role.OPERATOR], role=Role.OPERATOR, membership_id=uuid4())
WORKER = Actor(
    1,
    "Sam",
    CAPABILITIES[Role.SUB_RESELLER],
    role=Role.SUB_RESELLER,
    organization_id=uuid4(),
    membership_id=uuid4(),
)


def test_staff_stand_for_themselves() -> None:
    assert standing_in(STAFF, {"tenants.unlink"}) is STAFF
    with past_scope(STAFF, "members.manage") as actor:
        assert actor is STAFF


def test_a_stand_in_has_the_name_the_whole_scope_and_only_the_rights_named() -> None:
    stand_in = standing_in(WORKER, {"tenants.link"})
    assert (stand_in.label, stand_in.membership_id) == (WORKER.label, WORKER.membership_id)
    assert (WORKER.scope().role, stand_in.scope().role) == (SUB_RESELLER_ROLE, RESELLER_ROLE)
    assert stand_in.capabilities - WORKER.capabilities == {"tenants.link"}
    assert not stand_in.may("tenants.unlink")


def test_nothing_is_added_while_nothing_may_be_changed() -> None:
    held = replace(WORKER, capabilities=frozenset({"start.view"}), read_only="Held.")
    assert standing_in(held, {"tenants.link"}).capabilities == {"start.view"}


def test_the_scope_is_given_back() -> None:
    before = current_scope()
    with past_scope(WORKER) as actor:
        assert current_scope() == actor.scope()
    assert current_scope() == before


def test_only_provisioning_is_done_past_a_sub_resellers_scope() -> None:
    import organizations.tasks
    import portal.notify.tasks
    import tenants.tasks

    assert organizations.tasks and portal.notify.tasks and tenants.tasks
    found = {kind: rights_besides(kind) for kind in registered_kinds()}
    assert {kind: rights for kind, rights in found.items() if rights is not None} == {
        "organizations.provision": {"tenants.link"}
    }
