"""Creating many organizations at once, each with its primary account, as sets of rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from django.db import IntegrityError

from organizations.directory.details import AccountDetails, OrganizationDetails, check_account
from organizations.directory.models import Account, Organization
from organizations.directory.numbering import take_numbers
from organizations.directory.operations import ONE_PER_NUMBER, organization_facts
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput
from portal.core.identity.models import Reseller

STEP = 2_000


@dataclass(frozen=True, slots=True)
class NewOrganization:
    """Checked details, and what is known of the account beside them."""

    details: OrganizationDetails
    account: AccountDetails = field(default_factory=AccountDetails)


def create_organizations(
    new: Sequence[NewOrganization], *, actor: Actor, reason: str = ""
) -> list[Organization]:
    """Create organizations with the reseller's next numbers, in the order given.

    As in an import only the name is needed: an organization that lacks more is marked incomplete.
    Looking for duplicates is the caller's. Needs a transaction; locks the counter of numbers and
    the end of the audit chain, so take every other lock before.

    Raises:
        Conflict: ``busy``; or somebody gave one of the numbers away meanwhile.
    """
    actor.require("organizations.create")
    numbers = take_numbers(len(new), actor=actor)
    currency = Reseller.objects.values_list("currency", flat=True).get(pk=actor.reseller_id)
    rows = [
        Organization(reseller_id=actor.reseller_id, number=number, **asdict(one.details))
        for number, one in zip(numbers, new, strict=True)
    ]
    accounts = [
        Account(
            reseller_id=actor.reseller_id,
            organization=row,
            is_primary=True,
            **asdict(_account_of(row, one.account, currency=currency)),
        )
        for row, one in zip(rows, new, strict=True)
    ]
    try:
        Organization.objects.bulk_create(rows, batch_size=STEP)
    except IntegrityError as error:
        if ONE_PER_NUMBER not in str(error):
            raise
        raise Conflict(
            "Somebody gave one of the next numbers to another organization meanwhile. Try again.",
            code="number_taken",
        ) from error
    Account.objects.bulk_create(accounts, batch_size=STEP)
    audit.record_many(
        actor,
        "organizations.organization_created",
        [
            audit.Entry.of(row, after=organization_facts(row), organization_id=row.pk)
            for row in rows
        ],
        reason=reason,
    )
    return rows


def _account_of(row: Organization, known: AccountDetails, *, currency: str) -> AccountDetails:
    """Return the account: what is known beside the organization, the rest taken from it.

    What is known comes from strangers; if it does not stand the check, the organization's is used.
    """
    inherited = AccountDetails(
        name=row.name,
        email=row.notification_email,
        phone=row.contact_phone,
        country=row.country,
        currency=currency,
    )
    given = {name: value for name, value in asdict(known).items() if value}
    try:
        return check_account(replace(inherited, **given))
    except InvalidInput:
        return inherited
