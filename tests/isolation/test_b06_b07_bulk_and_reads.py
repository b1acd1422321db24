"""B06 and B07: work on many rows at once, and everything that can be read, keep to the own rows."""

from uuid import UUID

import pytest

from organizations.linking.batch import Outcome, Pair, link_tenants
from portal.core.access import Role, acting
from tests.access.cast import OUTSIDERS, SUB_RESELLERS, canaries_forbidden_to
from tests.access.everything import READS
from tests.access.snapshots import differing, fingerprint
from tests.isolation.conftest import Cast, Figure, described

pytestmark = pytest.mark.django_db(transaction=True)

COMBOBOXES = {"directory:organization_options"}
UNKNOWN = UUID("4c1f6a90-0a8f-4a55-9b59-2f3b8f6f1e20")


def test_b06_a_batch_with_foreign_ids_touches_no_foreign_row(cast: Cast, figure: Figure) -> None:
    north, south, admin = cast.north, cast.south, cast.north.person(Role.ADMIN)
    own_organization, foreign_organization = north.two.organization.pk, south.two.organization.pk
    pairs = [
        Pair(south.spare.pk, own_organization),
        Pair(UNKNOWN, own_organization),
        Pair(south.spare.pk, foreign_organization),
        Pair(north.spare.pk, foreign_organization),
        Pair(north.spare.pk, UNKNOWN),
        Pair(north.spare.pk, own_organization),
    ]
    before = fingerprint([south.reseller.pk])
    with acting(admin.actor):
        results = list(link_tenants(pairs, actor=admin.actor))
    refused = [result for result in results if result.outcome == Outcome.REFUSED]
    figure(f"B06: {len(refused)} of 5 foreign or unknown pairs refused, the own one linked")
    assert [result.outcome for result in results] == [*([Outcome.REFUSED] * 5), Outcome.LINKED]
    assert results[0].detail == results[1].detail == results[2].detail
    assert results[3].detail == results[4].detail
    assert differing(before, fingerprint([south.reseller.pk])) == []


def test_b07_nothing_that_can_be_read_holds_anything_foreign(cast: Cast, figure: Figure) -> None:
    tried, exports, wrong, own_words = 0, 0, [], 0
    for row in READS:
        for role in sorted(row.roles):
            for query in ({}, {"q": "canary"}) if row.route in COMBOBOXES else ({},):
                answer = cast.callers[role].call(row, cast.own(role), query=query)
                tried += 1
                exports += answer.headers.get("Content-Type", "").startswith("text/csv")
                own_words += cast.north.canary in answer.text
                forbidden = canaries_forbidden_to(cast.north, cast.south, role)
                found = [word for word in (*forbidden, *cast.south.ids()) if word in answer.text]
                if found or answer.status >= 400:
                    wrong.append(f"{found} {described(row, role, answer)}")
    figure(
        f"B07: {tried - len(wrong)} of {tried} reads without anything foreign,"
        f" {exports} of them exports; {own_words} show own words"
    )
    assert not wrong, "\n".join(wrong)
    assert own_words > tried // 2


def test_b07_a_customer_reads_none_of_its_neighbours_ids(cast: Cast, figure: Figure) -> None:
    two, tried, wrong = cast.north.two, 0, []
    hidden = {
        str(two.organization.pk),
        str(two.account.pk),
        str(two.tenant.pk),
        str(two.tenant.microsoft_id),
        str(two.link.pk),
        str(two.seller.pk),
        str(cast.north.parent.pk),
    }
    connection = str(cast.north.connection.pk)  # which there are, sub-resellers see too
    for row in READS:
        for role in sorted(row.roles & set(OUTSIDERS)):
            answer = cast.callers[role].call(row, cast.own(role))
            tried += 1
            mine = hidden if role in SUB_RESELLERS else {*hidden, connection}
            if found := [value for value in mine if value in answer.text]:
                wrong.append(f"{found} {described(row, role, answer)}")
    figure(f"B07: {tried - len(wrong)} of {tried} reads of customers without a neighbour's id")
    assert not wrong, "\n".join(wrong)
