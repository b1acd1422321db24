"""All that speaks for and against one organization owning one tenant."""

from collections.abc import Iterable

from organizations.suggestions.matching.addresses import Domain
from organizations.suggestions.matching.alike import (
    Evidence,
    compare_labels,
    compare_names,
)
from organizations.suggestions.matching.index import Index
from organizations.suggestions.matching.profiles import (
    SHORTEST_LOCAL,
    OrganizationProfile,
    TenantProfile,
    organization_addresses,
    tenant_addresses,
)

FEW_SHARERS = 4
"""A domain that more organizations share is a group's or a provider's: no evidence."""
SHORTEST_NUMBER = 8
NAMED = frozenset(
    ["name_same", "name_order", "name_spacing", "name_slip", "name_slips", "name_cut"]
)


def weigh(tenant: TenantProfile, organization: OrganizationProfile, index: Index) -> list[Evidence]:
    """Return the pieces of evidence between the two and how much there is of each."""
    found: list[Evidence] = [("candidate", 1)]
    if organization.key in tenant.former:
        found.append(("former_link", 1))
    found += _compare_numbers(tenant, organization)
    if tenant.country and organization.country:
        same = tenant.country == organization.country
        found.append(("country_same" if same else "country_other", 1))
    named = compare_names(tenant.name, organization.name, index.rarity)
    found += named
    addressed = _compare_domains(tenant, organization, index)
    addressed += _compare_mail(tenant, organization, index)
    addressed += _compare_spellings(tenant, organization, index)
    found += addressed
    kinds = {name for name, _ in found}
    if "name_other" in kinds and not kinds & _SPELLED:
        # The address of a provider or a group is on file: the name is what should decide.
        if kinds & _ADDRESSED:
            found.append(("address_alone", 1))
    elif kinds & NAMED and not kinds & (_SPELLED | _ADDRESSED | {"number_same"}):
        found.append(("name_alone", 1))
    if not kinds & _SAME_NAME and _each_sure(tenant, organization):
        found.append(("sure_slip_other" if kinds & NAMED else "sure_other", 1))
    return found


_DOUBTS = {
    "branch_other",
    "number_other",
    "number_differs",
    "country_other",
    "sure_other",
    "sure_slip_other",
}
_SAYS_NOTHING = {
    "candidate",
    "country_same",
    "name_other",
    "name_missing",
    "label_starts",
    "owner_starts",
    "prefix_starts",
    "domain_starts",
    "mail_starts",
}
_SAME_NAME = {"name_same", "name_order", "name_spacing", "name_initials"}
_ADDRESSED = {"domain_same", "domain_shared", "mail_same", "mail_shared"}
_SPELLED = {
    "label_same",
    "label_near",
    "label_cut",
    "label_initials",
    "owner_same",
    "owner_near",
    "owner_cut",
    "prefix_same",
    "prefix_near",
    "prefix_cut",
    "local_same",
}


def is_doubtful(evidence: Iterable[Evidence]) -> bool:
    """Tell whether something a person should judge stands against a match, however well it fits.

    A word or a number by which sister companies differ, another country or registration number, a
    spelling that is each one's own: only the same registration number outweighs them.
    """
    kinds = {name for name, _ in evidence}
    return bool(kinds & _DOUBTS) and "number_same" not in kinds


def is_worth_a_look(evidence: list[Evidence]) -> bool:
    """Tell whether anything speaks for the organization but the country it is in."""
    return any(
        name not in _SAYS_NOTHING and not name.endswith(("_other", "_differs", "_alone"))
        for name, _ in evidence
    )


def _compare_numbers(tenant: TenantProfile, organization: OrganizationProfile) -> list[Evidence]:
    ours, theirs = organization.number, tenant.number
    if not ours or not theirs:
        return []
    if ours == theirs:
        return [("number_same", 1)]
    short, long = sorted((ours, theirs), key=len)
    if len(short) >= SHORTEST_NUMBER and (long.startswith(short) or long.endswith(short)):
        # A tax number is often the company's number with something before or after it.
        return [("number_within", 1)]
    if len(short) == len(long) and sum(a != b for a, b in zip(ours, theirs, strict=True)) <= 2:
        return [("number_near", 1)]
    return [("number_differs", 1)]


def _compare_domains(
    tenant: TenantProfile, organization: OrganizationProfile, index: Index
) -> list[Evidence]:
    ours = [
        domain
        for domain in (organization.domain, organization.mail and organization.mail.domain)
        if domain and (domain is organization.domain or _is_own(domain, index))
    ]
    if not ours:
        return []
    if tenant.domain is None:
        how = compare_labels(tenant.prefixes, [domain.label for domain in ours])
        return [(f"prefix_{how}", 1)] if how else []
    if tenant.domain in ours:
        few = index.sharers(tenant.domain.name) == 1
        return [("domain_same" if few else "domain_shared", 1)]
    how = compare_labels((tenant.domain.label,), [domain.label for domain in ours])
    return [(f"domain_label_{how}" if how == "same" else f"domain_{how}", 1)]


def _compare_mail(
    tenant: TenantProfile, organization: OrganizationProfile, index: Index
) -> list[Evidence]:
    mail = tenant.mail
    if mail is None or mail.domain is None or mail.domain == tenant.domain:
        return []
    ours = {
        domain.name: domain
        for domain in (organization.domain, organization.mail and organization.mail.domain)
        if domain
    }
    if not ours:
        return []
    if mail.domain.name in ours:
        sharers = index.sharers(mail.domain.name)
        if sharers == 1:
            return [("mail_same", 1)]
        return [("mail_shared", 1)] if sharers <= FEW_SHARERS else []
    how = compare_labels((mail.domain.label,), [domain.label for domain in ours.values()])
    return [(f"mail_{'label' if how == 'same' else how}", 1)]


def _compare_spellings(
    tenant: TenantProfile, organization: OrganizationProfile, index: Index
) -> list[Evidence]:
    """Compare addresses with names: the tenant's with the organization's name and the reverse."""
    found: list[Evidence] = []
    theirs, ours = tenant.name, organization.name
    how = compare_labels(tenant.labels, ours.labels, ours.initials)
    if how == "other" and not set(tenant.prefixes).isdisjoint(theirs.initials):
        # An abbreviation of the tenant's own name objects to nobody's.
        how = ""
    if how:
        found.append((f"label_{how}", 1))
    owned = organization.domain
    mail = organization.mail
    if owned is None and mail and mail.domain and _is_own(mail.domain, index):
        owned = mail.domain
    if owned:
        how = compare_labels((owned.label,), theirs.labels, theirs.initials)
        if how:
            found.append((f"owner_{how}", 1))
    if mail and len(mail.local) >= SHORTEST_LOCAL:
        how = compare_labels((mail.local,), (*theirs.labels, *tenant.labels))
        if how in ("same", "near", "cut"):
            found.append(("local_same", 1))
    if tenant.mail and tenant.mail.domain and tenant.mail.domain != tenant.domain:
        how = compare_labels((tenant.mail.domain.label,), ours.labels)
        if how in ("same", "near", "cut"):
            found.append(("mail_name", 1))
    return found


def _each_sure(tenant: TenantProfile, organization: OrganizationProfile) -> bool:
    """Tell whether each writes its own name in its addresses too, and not as the other does.

    Then "Corvel" and "Corvex" differ in earnest; a slip of the pen is in one place only.
    """
    theirs, ours = set(tenant_addresses(tenant)), set(organization_addresses(organization))
    named, owned = set(tenant.name.labels), set(organization.name.labels)
    return bool(theirs & named and ours & owned) and (theirs | named).isdisjoint(ours | owned)


def _is_own(domain: Domain, index: Index) -> bool:
    return index.sharers(domain.name) <= FEW_SHARERS
