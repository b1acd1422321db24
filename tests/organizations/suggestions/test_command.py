"""``suggest_links``: the run in front of somebody, and what it prints."""

import csv
import io
import json
from unittest import mock

import pytest
from django.core.management import CommandError, call_command

from organizations.suggestions import suggesting
from organizations.suggestions.operations import dismiss_suggestion
from portal.core.errors import Unavailable
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.linking.scene import Scene, at_work, make_scene
from tests.organizations.suggestions.calls import stored

pytestmark = pytest.mark.django_db(transaction=True)


def printed(scene: Scene, *flags: str) -> tuple[str, str]:
    """Return what the command writes to both outputs."""
    out, err = io.StringIO(), io.StringIO()
    call_command("suggest_links", "--reseller", scene.reseller.slug, *flags, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.usefixtures("every_organization")
def test_csv_has_the_promised_columns_best_first_for_unlinked_tenants_alone(north: Scene) -> None:
    south = make_scene("South")
    make_organization(south.reseller, name="North Bakery", primary_domain=north.tenant.domain)
    make_organization(north.reseller)
    linked = make_tenant(north.connection, domain=north.tenant.domain)
    north.link(linked)
    out, err = printed(north)
    assert out.splitlines()[0] == "tenant_id,organization_number,score,level,reasons"
    rows = list(csv.DictReader(io.StringIO(out)))
    kept = [row for row in stored(north) if not row.tenant.is_linked]
    assert [
        (row["tenant_id"], row["organization_number"], float(row["score"]), row["level"])
        for row in rows
    ] == [
        (
            str(row.tenant.microsoft_id),
            row.organization.number,
            float(row.score),
            row.level,
        )
        for row in kept
    ]
    assert len(rows) == 2
    assert [float(row["score"]) for row in rows] == sorted(
        (float(row["score"]) for row in rows), reverse=True
    )
    assert rows[0]["reasons"] == "; ".join(kept[0].reason_texts)
    assert "1 tenant compared, 2 suggestions written, 0 removed" in err


def test_json_says_the_same_and_a_second_run_writes_nothing(north: Scene) -> None:
    first, _ = printed(north, "--format", "json")
    second, told = printed(north, "--format", "json")
    assert first == second
    assert "0 suggestions written, 0 removed" in told
    (row,) = json.loads(first)
    (kept,) = stored(north)
    assert row == {
        "tenant_id": str(north.tenant.microsoft_id),
        "organization_number": north.organization.number,
        "score": float(kept.score),
        "level": kept.level,
        "reasons": kept.reason_texts,
    }


def test_dismissed_ones_are_not_printed_and_nothing_is_an_empty_list(north: Scene) -> None:
    printed(north)
    with at_work(north.operator.actor) as actor:
        dismiss_suggestion(stored(north)[0], actor=actor)
    assert printed(north)[0].splitlines() == ["tenant_id,organization_number,score,level,reasons"]
    assert json.loads(printed(north, "--format", "json")[0]) == []


def test_an_unknown_reseller_is_an_error_that_names_the_known_ones(north: Scene) -> None:
    with pytest.raises(CommandError, match=north.reseller.slug):
        call_command("suggest_links", "--reseller", "nobody")


def test_a_run_that_fails_is_an_error_and_prints_nothing(north: Scene) -> None:
    broken = Unavailable("The organizations could not be read.", transient=False)
    out = io.StringIO()
    with (
        mock.patch.object(suggesting, "_tenants_after", autospec=True, side_effect=broken),
        pytest.raises(CommandError, match="could not be read"),
    ):
        call_command("suggest_links", "--reseller", north.reseller.slug, stdout=out)
    assert out.getvalue() == ""
