"""``manage.py discover_tenants``."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper

from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.management.foreground import bar_of
from tests.tenants.simulated import PartnerCenterInProcess, customers
from tests.tenants.steps import ask, tenants


class Terminal(StringIO):
    """Standard output that somebody looks at."""

    def isatty(self) -> bool:
        return True


def run(reseller: Reseller, *arguments: str, out: StringIO | None = None) -> str:
    stream = out or StringIO()
    call_command("discover_tenants", "--reseller", reseller.slug, *arguments, stdout=stream)
    return stream.getvalue()


def test_every_connection_is_discovered_and_summed_up(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(7), page_size=3)
    connection = partner.connect(reseller, name="Harbour")
    assert run(reseller) == (
        "Harbour: 7 found, 7 new, 0 changed, 0 listed again, 0 no longer listed\n"
    )
    assert len(tenants(connection)) == 7


def test_terminal_shows_a_bar_and_nothing_of_it_stays(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(2))
    partner.connect(reseller, name="Harbour")
    shown = run(reseller, out=Terminal())
    assert shown.endswith(
        "\r\033[KHarbour: 2 found, 2 new, 0 changed, 0 listed again, 0 no longer listed\n"
    )


def test_bar_says_how_full_how_many_and_what() -> None:
    job = Job(done=30, total=60, note="Page 3")
    assert bar_of(job).startswith(f"[{'#' * 12}{' ' * 12}]         30 Page 3")
    assert bar_of(Job(done=30)).startswith(f"[{' ' * 24}]         30")


def test_failure_of_any_connection_fails_the_command(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(1))
    domain = "harbourcloud.onmicrosoft.com"
    partner.connect(reseller, name="Wrong", secret="wrong", partner_tenant=domain)
    partner.connect(reseller, name="Right")
    out = StringIO()
    with pytest.raises(CommandError, match=r"Wrong: .*Make a new one"):
        run(reseller, out=out)
    assert "Right: 1 found" in out.getvalue()
    assert run(reseller, "--connection", "Right").startswith("Right: 1 found")


def test_unreachable_partner_center_fails_at_once(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.fail({"action": "drop"})
    partner.connect(reseller)
    with pytest.raises(CommandError, match="cannot be reached"):
        run(reseller)


def test_held_discovery_fails_with_the_numbers(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(10))
    partner.connect(reseller)
    run(reseller)
    partner.lists([])
    with pytest.raises(CommandError, match="10 of the 10 active tenants"):
        run(reseller)


def test_discovery_under_way_is_said(partner: PartnerCenterInProcess, reseller: Reseller) -> None:
    ask(partner.connect(reseller, name="Harbour"))
    with pytest.raises(CommandError, match="Harbour is being discovered already"):
        run(reseller)


def test_what_does_not_exist_is_named(partner: PartnerCenterInProcess, reseller: Reseller) -> None:
    with pytest.raises(CommandError, match=r"no reseller “nobody”\. Known"):
        call_command("discover_tenants", "--reseller", "nobody")
    with pytest.raises(CommandError, match="has no connection yet"):
        run(reseller)
    partner.connect(reseller)
    with pytest.raises(CommandError, match="no connection called “Elsewhere”"):
        run(reseller, "--connection", "Elsewhere")


def test_output_wrapper_of_django_passes_the_terminal_on() -> None:
    assert OutputWrapper(Terminal()).isatty()
