"""Country rules: read by a job, kept, replaced by the offline ones while they are not there."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.connections.models import Connection
from tenants.countries.models import CountryRuleSet
from tenants.countries.operations import FRESH_FOR, READ_RULES, request_old_rules, want_countries
from tenants.countries.queries import rules_for
from tenants.countries.rules import Rules, offline_rules
from tests.factories.core import make_reseller
from tests.tenants.simulated import PartnerCenterInProcess

pytestmark = pytest.mark.django_db(transaction=True)


def want(connection: Connection, *countries: str) -> int:
    actor = system_actor(connection.reseller_id, "tests")
    with acting(actor), transaction.atomic():
        return want_countries(countries, actor=actor, connection=connection)


def known(reseller: Reseller, country: str) -> Rules:
    actor = system_actor(reseller.pk, "tests")
    with acting(actor), transaction.atomic():
        return rules_for(country, actor=actor)


def work(reseller: Reseller) -> list[Job]:
    """Let a worker do what was asked for; return the jobs as they ended."""
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        ids = list(Job.objects.filter(kind=READ_RULES.name).values_list("pk", flat=True))
    for pk in ids:
        run_job(pk)
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        return list(Job.objects.filter(pk__in=ids))


def test_wanted_countries_are_read_once(
    reseller: Reseller, partner: PartnerCenterInProcess
) -> None:
    connection = partner.connect(reseller)
    assert not known(reseller, "in").from_microsoft
    assert want(connection, "IN", "gb", "nothing", "") == 2
    assert want(connection, "IN") == 0
    assert [job.state for job in work(reseller)] == [Job.State.DONE]
    rules = known(reseller, "IN")
    assert rules.from_microsoft
    assert rules.needs_registration_number
    assert rules.needs_phone
    assert rules.default_culture == "hi-IN"
    assert "MH" in rules.states
    assert known(reseller, "GB").postal_code_pattern.startswith("^")
    asked = [call for call in partner.calls if "countryvalidationrules" in call]
    assert sorted(asked) == [
        "GET /v1/countryvalidationrules/GB",
        "GET /v1/countryvalidationrules/IN",
    ]


def test_a_country_microsoft_does_not_know_stays_offline(
    reseller: Reseller, partner: PartnerCenterInProcess
) -> None:
    connection = partner.connect(reseller)
    want(connection, "GL", "NL")
    assert [job.state for job in work(reseller)] == [Job.State.DONE]
    assert not known(reseller, "GL").from_microsoft
    assert known(reseller, "NL").from_microsoft
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        row = CountryRuleSet.objects.get(country="GL")
    assert row.failure
    assert row.tried_at is not None


def test_old_rules_are_read_again_and_serve_until_then(
    reseller: Reseller, partner: PartnerCenterInProcess
) -> None:
    connection = partner.connect(reseller)
    want(connection, "NL")
    work(reseller)
    system = system_actor(reseller.pk, "tests")
    with acting(system):
        assert request_old_rules(actor=system) == 0
        old = timezone.now() - FRESH_FOR - timedelta(hours=1)
        with transaction.atomic():
            CountryRuleSet.objects.update(fetched_at=old, tried_at=old)
        assert request_old_rules(actor=system) == 1
    assert known(reseller, "NL").from_microsoft
    before = len(partner.calls)
    work(reseller)
    assert "GET /v1/countryvalidationrules/NL" in partner.calls[before:]


def test_rules_are_the_resellers_own(reseller: Reseller, partner: PartnerCenterInProcess) -> None:
    want(partner.connect(reseller), "NL")
    work(reseller)
    assert not known(make_reseller(name="South"), "NL").from_microsoft


def test_offline_tables_know_what_microsofts_pages_list() -> None:
    assert offline_rules("PL").needs_registration_number
    assert not offline_rules("PL").needs_phone
    assert offline_rules("US").needs_state
    assert "WA" in offline_rules("US").states
    assert offline_rules("MX").states == ()
    assert not offline_rules("XX").known
