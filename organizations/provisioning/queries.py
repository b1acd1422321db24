"""Reading requests and their journals."""

from typing import cast
from uuid import UUID

from django.conf import settings

from organizations.directory.models import Account
from organizations.linking.models import Link
from organizations.linking.queries import live_links
from organizations.provisioning.models import OPEN, ProvisioningRequest, ProvisioningStep
from portal.core.access import Actor
from portal.core.jobs.models import Job
from portal.core.rows import ScopedQuerySet
from tenants.connections.models import Connection
from tenants.connections.queries import unread_columns

NOT_ASKED = "Not synchronized"
ELSEWHERE = (
    "An Account with the same Customer Code already exists in {instance}. Please confirm that you"
    " want to synchronize this account with the same Customer."
)
FREE = (
    "A Customer with the same Customer Code already exists in Microsoft Partner Cloud Services"
    " {instance}. Please confirm that you want to synchronize this account with the existing"
    " Customer"
)
"""Word for word as people know them (DESIGN section 5); the second ends without a full stop."""


def requests(actor: Actor) -> "ScopedQuerySet[ProvisioningRequest]":
    """Return the requests the actor may see, each with its account, connection and job.

    For people of a sub-reseller ``tenant`` is None where the tenant is not theirs to see.
    """
    rows: ScopedQuerySet[ProvisioningRequest] = ProvisioningRequest.objects.visible_to(actor)
    wide = rows.select_related("account__organization", "connection", "job", "tenant")
    return wide.defer(*unread_columns(actor, of="connection"))


def get_request(actor: Actor, request_id: UUID) -> ProvisioningRequest:
    """Return one request, or raise `NotFound` alike for foreign and unknown ones."""
    return requests(actor).get_visible(actor, pk=request_id)


def steps_of(request: ProvisioningRequest, *, actor: Actor) -> list[ProvisioningStep]:
    """Return the journal of a request in the order of its steps (1 query)."""
    rows = ProvisioningStep.objects.visible_to(actor).filter(provisioning=request)
    return cast(list[ProvisioningStep], list(rows.order_by("position")))


def latest_request(
    account: Account, *, actor: Actor, connection: Connection | None = None
) -> ProvisioningRequest | None:
    """Return the newest request of an account, of one connection where it is given (1 query)."""
    rows = requests(actor).filter(account=account)
    if connection is not None:
        rows = rows.filter(connection=connection)
    return rows.order_by("-created_at", "-id").first()


def open_request(
    account: Account, *, actor: Actor, connection: Connection
) -> ProvisioningRequest | None:
    """Return the one request of an account and connection that has not ended (1 query)."""
    rows = requests(actor).filter(account=account, connection=connection, state__in=OPEN)
    return rows.first()


def status_of(account: Account, *, actor: Actor) -> str:
    """Say in a word or two how far an account's synchronization is (1 or 2 queries)."""
    latest = latest_request(account, actor=actor)
    if latest is not None and latest.state != latest.State.CANCELLED:
        return state_of(latest)
    linked = live_links(actor).filter(account=account).exists()
    return "Synchronized" if linked else NOT_ASKED


def state_of(request: ProvisioningRequest) -> str:
    """Return the state in words; a request whose worker gave up needs a person (0 queries)."""
    if request.state == request.State.DONE:
        return "Synchronized"
    if is_stuck(request):
        return str(request.State.PERSON.label)
    return str(request.get_state_display())


def is_stuck(request: ProvisioningRequest) -> bool:
    """Tell whether a request waits for a worker that will never come (0 queries)."""
    job: Job | None = request.job
    return request.is_moving and (job is None or not job.is_open)


def holder_of(request: ProvisioningRequest, *, actor: Actor) -> Link | None:
    """Return the live link of the tenant a request found, as far as the actor may see it."""
    if request.tenant_id is None:
        return None
    rows = live_links(actor).select_related("organization", "account")
    return rows.filter(tenant=request.tenant_id).first()


def question_of(request: ProvisioningRequest, *, actor: Actor) -> str:
    """Return what is asked of a person about a tenant that exists, in the words people know.

    The first where the tenant belongs to another account, whether the actor may see that or not.
    """
    taken = request.seen_link is not None or holder_of(request, actor=actor) is not None
    if taken:
        return ELSEWHERE.format(instance=settings.PROVISIONING_INSTANCE)
    return FREE.format(instance=settings.PROVISIONING_CLOUD_INSTANCE)
