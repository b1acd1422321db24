"""Who was sold through a sub-reseller is suggested to its organizations first (IND-06)."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organizations.directory.models import Organization
from organizations.suggestions.matching import Level, Match
from organizations.suggestions.preferring import Partners
from tenants.discovery.models import Tenant
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.linking.scene import Scene, at_work
from tests.organizations.suggestions.calls import run_suggestions, stored, system

MPN = "4847383"
SUB, ELSEWHERE = uuid4(), uuid4()
INSIDE, OUTSIDE = uuid4(), uuid4()
PARTNERS = Partners({MPN: frozenset({SUB})}, {INSIDE: SUB, OUTSIDE: ELSEWHERE})


def match(organization: UUID, score: float, level: Level = Level.LIKELY) -> Match:
    return Match(uuid4(), organization, score, level, ())


def test_a_slightly_better_match_outside_comes_second() -> None:
    found = PARTNERS.prefer(
        MPN, [match(OUTSIDE, 0.9, Level.CERTAIN), match(INSIDE, 0.6, Level.LIKELY)], 5
    )
    assert [row.organization for row in found] == [INSIDE, OUTSIDE]
    assert [row.level for row in found] == [Level.LIKELY, Level.LIKELY]
    assert [row.reasons[-1].code for row in found] == ["partner_same", "partner_other"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([INSIDE, OUTSIDE, uuid4()]),
            st.floats(0, 1),
            st.sampled_from(list(Level)),
        )
    ),
    st.integers(1, 5),
)
def test_nothing_outside_is_certain_and_nothing_scores_more_than_before(
    given_: list[tuple[UUID, float, Level]], limit: int
) -> None:
    matches = [match(*one) for one in given_]
    found = PARTNERS.prefer(MPN, matches, limit)
    assert len(found) == min(limit, len(matches))
    assert [row.score for row in found] == sorted((row.score for row in found), reverse=True)
    before = {row.tenant: row.score for row in matches}
    for row in found:
        assert row.score <= before[row.tenant]
        assert row.organization == INSIDE or row.level != Level.CERTAIN


@given(st.sampled_from(["", "1", "999"]), st.integers(1, 5))
def test_without_a_known_partner_nothing_changes(partner: str, limit: int) -> None:
    matches = [match(OUTSIDE, 0.9, Level.CERTAIN), match(INSIDE, 0.6)]
    assert PARTNERS.prefer(partner, matches, limit) == matches[:limit]
    assert PARTNERS.wanted(partner, limit) == limit


@pytest.mark.django_db(transaction=True)
def test_a_run_suggests_the_sub_resellers_customer_before_its_namesake(north: Scene) -> None:
    seller = make_organization(north.reseller, kind=Organization.Kind.SUB_RESELLER)
    with at_work(system(north.reseller)):
        Organization.objects.filter(pk=seller.pk).update(mpn_id=MPN)
    name = "Harbour Lights Consulting"
    inside = make_organization(north.reseller, name=name, parent=seller)
    make_organization(north.reseller, name=name)
    tenant = make_tenant(north.connection, name=name)
    with at_work(system(north.reseller)):
        Tenant.objects.filter(pk=tenant.pk).update(associated_partner=MPN)
    run_suggestions(north)
    rows = sorted(
        (row for row in stored(north) if row.tenant_id == tenant.pk), key=lambda row: row.rank
    )
    assert [row.organization_id == inside.pk for row in rows] == [True, False]
    assert rows[0].score > rows[1].score
    assert "sold through its sub-reseller" in rows[0].reason_texts
