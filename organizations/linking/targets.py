"""Which account is meant where somebody names an organization or an account."""

from typing import cast

from organizations.directory.holding import hold_organizations
from organizations.directory.models import Account, Organization
from organizations.directory.queries import get_organization
from portal.core.access import Actor
from portal.core.errors import InvalidInput, NotReady


def account_of(
    organization: Organization | None, account: Account | None, *, actor: Actor
) -> Account:
    """Return the account with its organization, or the primary one of the organization (2 queries).

    The organization cannot be merged away until the transaction ends.

    Raises:
        InvalidInput: neither is given, or they do not belong together.
        Conflict: ``organization_merged``; it was merged into another.
        NotReady: the organization has no account.
    """
    rows = Account.objects.visible_to(actor).select_related("organization")
    if account is None:
        if organization is None:
            raise InvalidInput(
                "Choose an organization.", fields={"organization": ["Choose an organization."]}
            )
        hold_organizations([organization.pk], actor=actor)
        found = rows.filter(organization=organization, is_primary=True).first()
        if found is None:
            get_organization(actor, organization.pk)
            raise NotReady(
                f"{organization} has no account yet; add one on its page, then link.",
                code="account_missing",
            )
        return cast(Account, found)
    hold_organizations([account.organization_id], actor=actor)
    if organization is not None and account.organization_id != organization.pk:
        raise InvalidInput(
            f"The account {account} does not belong to {organization}.",
            fields={"account": ["Choose an account of this organization."]},
        )
    return cast(Account, rows.get_visible(actor, pk=account.pk))
