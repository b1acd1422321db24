"""Evidence in words, as people read it beside a suggestion."""

from collections.abc import Iterable

from organizations.suggestions.matching.alike import Evidence
from organizations.suggestions.matching.facts import Reason
from organizations.suggestions.matching.profiles import OrganizationProfile, TenantProfile

_PLAIN = {
    "former_link": "linked to it before",
    "number_same": "same registration number",
    "number_within": "registration number fits",
    "number_near": "registration number differs by a digit or two",
    "number_differs": "other registration number",
    "name_order": "name in other word order: {name}",
    "name_same": "same name: {name}",
    "name_spacing": "same name, spaced otherwise: {name}",
    "name_slip": "name alike but for a typing slip: {name}",
    "name_slips": "name alike but for typing slips: {name}",
    "name_cut": "name alike, shortened: {name}",
    "name_initials": "initials of the name: {name}",
    "name_part": "name alike in part: {name}",
    "domain_same": "same domain {domain}",
    "domain_shared": "same domain {domain}, which other organizations have too",
    "domain_label_same": "domain alike but for its ending: {owner_domain}",
    "domain_near": "domain alike but for a typing slip: {owner_domain}",
    "domain_cut": "domain is the beginning of {owner_domain}",
    "domain_starts": "other domain with the same beginning: {owner_domain}",
    "domain_other": "other domain: {domain}, not {owner_domain}",
    "mail_same": "mail at its domain {mail}",
    "mail_shared": "mail at its domain {mail}, which other organizations have too",
    "mail_label": "mail domain alike but for its ending: {mail}",
    "mail_near": "mail domain alike but for a typing slip: {mail}",
    "mail_other": "mail at another domain: {mail}",
    "mail_starts": "mail at another domain: {mail}",
    "mail_name": "mail domain {mail} fits the name",
    "prefix_same": "initial domain {prefix} fits its domain {owner_domain}",
    "prefix_near": "initial domain {prefix} nearly fits its domain {owner_domain}",
    "prefix_cut": "initial domain {prefix} is the beginning of {owner_domain}",
    "label_same": "{own} fits the name",
    "label_near": "{own} nearly fits the name",
    "label_cut": "{own} is the beginning of the name",
    "label_initials": "{own} is the initials of the name",
    "owner_same": "its domain {owner_domain} fits the tenant's name",
    "owner_near": "its domain {owner_domain} nearly fits the tenant's name",
    "local_same": "its address {owner_mail} fits the tenant",
    "country_same": "same country {country}",
    "country_other": "other country: {country}, not {owner_country}",
    "branch_other": "the names differ by a word that tells sister companies apart",
    "number_other": "the names differ by a number",
    "sure_other": "each writes its own name in its addresses",
    "sure_slip_other": "each spells its own name this way in its addresses",
    "name_other": "another name: {name}",
    "address_alone": "nothing but the address fits",
}
"""Every piece of evidence worth telling; the order is that in which reasons are given."""
_IMPLIED = {
    "label_same": ("domain_same", "domain_shared", "prefix_same"),
    "label_near": ("domain_same", "domain_shared", "prefix_same", "prefix_near"),
    "label_cut": ("domain_same", "domain_shared", "prefix_same", "prefix_cut"),
    "owner_same": ("domain_same", "domain_shared", "prefix_same"),
    "owner_near": ("domain_same", "domain_shared", "prefix_same"),
    "mail_name": ("mail_same", "mail_shared"),
    "mail_starts": ("domain_same",),
    "name_part": ("branch_other", "number_other"),
}
"""Evidence that says nothing new beside other evidence."""


def explain(
    tenant: TenantProfile,
    organization: OrganizationProfile,
    evidence: Iterable[Evidence],
    *,
    rival: OrganizationProfile | None,
) -> tuple[Reason, ...]:
    """Return the reasons in words; ``rival`` is an organization that fits about as well."""
    kinds = {name for name, _ in evidence}
    facts = _facts(tenant, organization)
    reasons = [
        Reason(code, text.format_map(facts))
        for code, text in _PLAIN.items()
        if code in kinds and not kinds.intersection(_IMPLIED.get(code, ()))
    ]
    if rival:
        reasons.append(Reason("rival", f"{rival.written or 'another organization'} fits as well"))
    return tuple(reasons)


def _facts(tenant: TenantProfile, organization: OrganizationProfile) -> dict[str, str]:
    domain = tenant.domain.name if tenant.domain else ""
    prefix = tenant.prefixes[0] if tenant.prefixes else ""
    mail = organization.mail
    owner = organization.domain or (mail.domain if mail else None)
    return {
        "name": organization.written,
        "domain": domain,
        "prefix": prefix,
        "own": f"domain {domain}" if domain else f"initial domain {prefix}",
        "mail": tenant.mail.domain.name if tenant.mail and tenant.mail.domain else "",
        "owner_domain": owner.name if owner else "",
        "owner_mail": mail.address if mail else "",
        "country": tenant.country,
        "owner_country": organization.country,
    }
