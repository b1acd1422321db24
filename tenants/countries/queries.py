"""Reading country rules; nothing is called and nothing written."""

from collections.abc import Iterable

from portal.core.access import Actor
from tenants.countries.models import CountryRuleSet
from tenants.countries.rules import Rules, from_json, offline_rules


def rules_for(country: str, *, actor: Actor) -> Rules:
    """Return the rules of a country: Microsoft's as last read, else the offline ones (1 query)."""
    return rules_of([country], actor=actor)[country.upper()]


def rules_of(countries: Iterable[str], *, actor: Actor) -> dict[str, Rules]:
    """Return the rules of each country by its code (1 query, 0 for none)."""
    codes = {code.upper() for code in countries}
    found = CountryRuleSet.objects.visible_to(actor).only("country", "rules", "fetched_at")
    rows = found.filter(country__in=codes, fetched_at__isnull=False) if codes else ()
    read = {row.country: from_json(row.rules, fetched_at=row.fetched_at) for row in rows}
    return {code: read.get(code) or offline_rules(code) for code in codes}
