"""Readiness of one account for one connection, put together from what is stored.

Nothing is called here: country rules and indirect resellers are those last read, so a page that
shows readiness is as fast as any. Microsoft may still refuse; then its own words are shown.
"""

from dataclasses import dataclass

from organizations.directory.models import Account
from organizations.linking.queries import visible_tenants
from organizations.readiness import checks
from organizations.readiness.items import Readiness, ReadinessItem
from organizations.readiness.naming import full_domain, prefix_of
from organizations.readiness.partner import check_reseller, partner_domains_of, taken_username
from organizations.readiness.places import field_address
from organizations.readiness.sending import (
    SentAddress,
    address_to_send,
    company_name_to_send,
    registration_number_to_send,
)
from organizations.synchronizing.options import SyncOptions, username_holder
from portal.core.access import Actor
from tenants.connections.models import Connection

__all__ = ["Readiness", "ReadinessItem", "SentAddress", "address_to_send", "check_readiness"]


@dataclass(frozen=True, slots=True)
class _Case:
    """What is looked at. ``is_existing``: the domain is an existing tenant's; none is created."""

    account: Account
    actor: Actor
    connection: Connection
    options: SyncOptions
    sent: SentAddress
    partner_domains: frozenset[str]
    is_existing: bool


def check_readiness(
    account: Account, *, actor: Actor, connection: Connection, options: SyncOptions
) -> Readiness:
    """Say what Microsoft would refuse of a customer made of this account, beside each field.

    A state, a registration number and a reseller are looked at where they are asked for. Where the
    domain is that of an existing tenant, nothing is created, so only the options count (LNK-24).
    At most 8 queries.
    """
    case = _Case(
        account,
        actor,
        connection,
        options,
        address_to_send(account, actor=actor, connection=connection),
        partner_domains_of(connection, actor=actor),
        concerns_existing(options.domain_prefix, actor=actor, connection=connection),
    )
    wanted = (_phone, _email, _address, _postal_code, _state, _number, _name)
    found = [] if case.is_existing else [make(case) for make in wanted]
    found += [make(case) for make in (_username, _domain)]
    if connection.shows_reseller_mpn and not case.is_existing:
        found.append(_reseller(case))
    items = tuple(item for item in found if item is not None)
    return Readiness(items, case.sent, case.is_existing)


def concerns_existing(domain_prefix: str, *, actor: Actor, connection: Connection) -> bool:
    """Tell whether a domain can only be an existing tenant's: an alias, or one that is known.

    A whole domain that is not under the cloud's own is never created, only taken over (1 query
    otherwise).
    """
    domain = full_domain(domain_prefix, cloud=connection.cloud)
    if not domain:
        return False
    if not prefix_of(domain, cloud=connection.cloud):
        return True
    rows = visible_tenants(actor).filter(connection_id=connection.pk, domain=domain)
    return bool(rows.exists())


def may_stand_for_itself(account: Account) -> bool:
    """Tell whether no indirect reseller has to be named: the account is of no sub-reseller's."""
    return account.organization.parent_id is None


def _phone(case: _Case) -> ReadinessItem:
    own = case.account if case.account.phone else case.sent.account
    reason = checks.check_phone(own.phone, case.sent.rules)
    return _item(case, "phone", "Phone", reason, "phone")


def _email(case: _Case) -> ReadinessItem:
    reason = checks.check_email(case.account.email, case.partner_domains)
    return _item(case, "email", "Corporate e-mail", reason, "email")


def _address(case: _Case) -> ReadinessItem:
    one = case.sent.address
    reason = checks.check_address(one.address_line1, one.address_line2, one.city, case.sent.rules)
    field = "address_line1" if not one.address_line1.strip() else "city"
    field = "country" if not one.country else field
    return _sent_item(case, "address", "Billing address", reason, field)


def _postal_code(case: _Case) -> ReadinessItem | None:
    code, rules = case.sent.address.postal_code, case.sent.rules
    if not (rules.needs_postal_code or code.strip()):
        return None
    reason = checks.check_postal_code(code, rules)
    return _sent_item(case, "postal_code", "Postal code", reason, "postal_code")


def _state(case: _Case) -> ReadinessItem | None:
    if not case.sent.rules.needs_state:
        return None
    reason = checks.check_state(case.sent.address.state, case.sent.rules)
    return _sent_item(case, "state", "State", reason, "state")


def _number(case: _Case) -> ReadinessItem | None:
    number = registration_number_to_send(case.account, case.sent.rules)
    if not (number or case.sent.rules.needs_registration_number):
        return None
    reason = checks.check_registration_number(number, case.sent.rules)
    return _item(case, "registration_number", "Registration number", reason)


def _name(case: _Case) -> ReadinessItem:
    reason = checks.check_company_name(company_name_to_send(case.account))
    return _item(case, "company_name", "Company name", reason, "name")


def _username(case: _Case) -> ReadinessItem:
    name = case.options.username
    reason = checks.check_username(name)
    if not reason:
        other = username_holder(
            name, actor=case.actor, connection=case.connection, account=case.account
        )
        reason = taken_username(name, other, actor=case.actor) if other else ""
    return _item(case, "username", "Username", reason)


def _domain(case: _Case) -> ReadinessItem:
    reason = checks.check_domain_prefix(case.options.domain_prefix, case.partner_domains)
    return _item(case, "domain_prefix", "Domain prefix", reason)


def _reseller(case: _Case) -> ReadinessItem:
    reason = check_reseller(
        case.options.reseller_mpn_id,
        actor=case.actor,
        connection=case.connection,
        is_needed=case.actor.is_sub_reseller or not may_stand_for_itself(case.account),
    )
    return _item(case, "reseller", "Reseller (MPN ID)", reason, field="reseller_mpn_id")


def _item(case: _Case, code: str, label: str, reason: str, field: str = "") -> ReadinessItem:
    name = field or code
    url = field_address(
        name, account=case.account, connection=case.connection, sent=case.sent, actor=case.actor
    )
    return ReadinessItem(code=code, label=label, ok=not reason, reason=reason, field=name, url=url)


def _sent_item(case: _Case, code: str, label: str, reason: str, field: str) -> ReadinessItem:
    """An item of the address: it leads to whose address is sent, and says so."""
    if reason and not case.sent.is_own:
        reason = f"{reason} This is the address of the reseller {case.sent.whose}."
    return _item(case, code, label, reason, field)
