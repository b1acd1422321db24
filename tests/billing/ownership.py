"""Linking for billing tests, through the operation that linking is."""

from django.db import transaction

from organizations.directory.models import Organization
from organizations.linking.models import Link
from organizations.linking.operations import link_tenant, unlink_tenant
from portal.core.access import acting
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tests.factories.core import Person
from tests.factories.tenants import mark_discovered


def link(tenant: Tenant, organization: Organization, person: Person) -> Link:
    """Link a tenant whatever the state of its connection is."""
    with acting(person.actor), transaction.atomic():
        Connection.objects.filter(pk=tenant.connection_id).update(state=Connection.State.WORKING)
        # An import may have brought the tenant before any discovery did.
        mark_discovered(tenant.connection)
        return link_tenant(tenant, actor=person.actor, organization=organization)


def unlink(tenant: Tenant, person: Person) -> Link:
    with acting(person.actor), transaction.atomic():
        return unlink_tenant(tenant, actor=person.actor, reason="tests")
