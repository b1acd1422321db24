"""Where the pages of organizations are, and the way to them."""

from django.urls import reverse

from organizations.directory.models import Account, Organization


def organization_address(organization: Organization) -> str:
    """Return the address of an organization's page."""
    return reverse("directory:organization_detail", args=[organization.pk])


def account_address(account: Account) -> str:
    """Return the address of an account's page."""
    return reverse("directory:account_detail", args=[account.pk])


def crumbs_to(*above: Organization) -> list[tuple[str, str]]:
    """Return label and address of the list, and of each organization above a page."""
    whole = ("Organizations", reverse("directory:organization_list"))
    return [whole, *((row.name, organization_address(row)) for row in above)]
