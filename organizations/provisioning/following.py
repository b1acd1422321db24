"""The steps after a tenant was made. Each can be taken up again where it was."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from organizations.linking.models import Link
from organizations.linking.operations import link_tenant
from organizations.provisioning import credentials
from organizations.provisioning.drafting import billing_changes
from organizations.provisioning.journal import Ended, Work
from organizations.provisioning.models import ProvisioningRequest, ProvisioningStep
from partnercenter.errors import AgreementExists, CustomerNotFound, NotFound, PreconditionFailed
from partnercenter.schemas.agreements import AgreementContact
from partnercenter.schemas.customers import CustomerSummary
from partnercenter.schemas.users import User
from portal.core.database.clock import database_time
from portal.core.errors import Conflict, NotReady
from portal.core.failpoints import failpoint
from portal.core.jobs.running import NotYet
from tenants.discovery.operations import store_customer

NEW_TENANT_TAKES: Final = timedelta(minutes=30)
"""So long the directory of a new tenant may be unknown to Microsoft's other services."""
LOOK_AGAIN: Final = 30.0
DEFAULT_ADMIN: Final = "admin"
LINKED_ELSEWHERE: Final = (
    "Somebody linked the new tenant to another account. Look at the tenant, move or unlink it, then"
    " resume."
)


def own_id(request: ProvisioningRequest, step: str, number: int = 0) -> UUID:
    """Return the MS-RequestId of a step's write: the same one whenever it is sent again."""
    return uuid5(NAMESPACE_URL, f"provisioning:{request.pk}:{step}:{number}")


def password(work: Work, step: ProvisioningStep) -> Ended:
    """See to it that there is a first password: the one that came, or a new one we set.

    A new one is committed before it is set. Killed in between, the next one takes its place at
    Microsoft and here, so what is kept last is what was set last.

    Raises:
        NotReady: nobody signed in with whose rights users could be changed.
        NotYet: the new tenant's directory is not there yet.
    """
    if work.request.has_password and step.request_id is None:
        return Ended("It came with Microsoft's answer.")
    center = work.as_user
    try:
        user = _administrator(work, list(center.users.list(work.microsoft_id)))
    except CustomerNotFound:
        _wait_for_directory(step)
        raise
    made = credentials.make_password()
    step.request_id = own_id(work.request, "password", step.attempts)
    name = user.principal_name.partition("@")[0]
    with work.written() as row:
        row.user_name = name
        credentials.keep(row, made, actor=work.actor)
        row.save(update_fields=["user_name", "has_password"])
        step.save(update_fields=["request_id"])
    failpoint("provisioning.password.before_call")
    center.users.reset_password(
        work.microsoft_id, user.id, made, change=True, request_id=str(step.request_id)
    )
    failpoint("provisioning.password.answered")
    return Ended("It was lost with the answer, so a new one was set.")


def profile(work: Work, step: ProvisioningStep) -> Ended:
    """Adjust the billing profile where it says otherwise than what was sent."""
    profiles = work.center.profiles
    current = profiles.customer_billing(work.microsoft_id)
    changes = billing_changes(current, work.request.draft)
    if not changes:
        return Ended("It says what was sent.", skipped=True)
    failpoint("provisioning.profile.before_call")
    try:
        profiles.change_customer_billing(work.microsoft_id, current, changes)
    except PreconditionFailed:
        # Somebody changed it in the same moment: it is read anew, and only the rest is written.
        raise NotYet(seconds=1.0) from None
    failpoint("provisioning.profile.answered")
    return Ended(f"Changed: {', '.join(sorted(changes))}.")


def agreement(work: Work, step: ProvisioningStep) -> Ended:
    """Confirm to Microsoft that the customer agreed, as somebody said who and when.

    Nobody's word is made up: without it nothing is confirmed, and nothing can be bought until it
    is.
    """
    said = work.request.agreement
    if not said:
        return Ended(
            "Nobody said who agreed. It has to be confirmed before the first order.", skipped=True
        )
    agreements = work.as_user.agreements
    templates = agreements.templates()
    if not templates:
        raise NotReady("Microsoft offers no customer agreement to confirm.", code="no_agreement")
    newest = max(templates, key=lambda one: one.version_rank)
    contact = AgreementContact(
        first_name=said["first_name"],
        last_name=said["last_name"],
        email=said["email"],
        phone_number=said["phone_number"],
    )
    agreed = datetime.combine(date.fromisoformat(said["agreed_on"]), time(), UTC)
    work.intend(step, own_id(work.request, "agreement"))
    failpoint("provisioning.agreement.before_call")
    try:
        agreements.confirm(
            work.microsoft_id, newest.id, contact, agreed=agreed, request_id=str(step.request_id)
        )
    except AgreementExists:
        return Ended("It was confirmed before.")
    except NotFound:
        _wait_for_directory(step)
        raise
    failpoint("provisioning.agreement.answered")
    return Ended(f"{contact.first_name} {contact.last_name} agreed on {said['agreed_on']}.")


def tenant(work: Work, step: ProvisioningStep) -> Ended:
    """Store the tenant as a discovery would find it."""
    draft = work.request.draft
    customer = CustomerSummary(
        work.microsoft_id, draft["company_name"], work.request.domain, "reseller", {}
    )

    def write(row: ProvisioningRequest) -> None:
        row.tenant = store_customer(customer, connection=work.connection, actor=work.actor)
        row.save(update_fields=["tenant"])

    return Ended(write=write)


def link(work: Work, step: ProvisioningStep) -> Ended:
    """Link the tenant to the account. Raises: Conflict when somebody linked it elsewhere."""

    def write(row: ProvisioningRequest) -> None:
        if row.tenant is None:
            raise LookupError("There is no tenant to link.")
        try:
            row.link = link_tenant(
                row.tenant,
                actor=work.actor,
                account=row.account,
                how=Link.How.PROVISIONED,
                why=f"Provisioned as {row.domain}",
            )
        except Conflict as conflict:
            if conflict.code != "linked_elsewhere":
                raise
            # To whom is the staff's to know, and the journal has other readers too.
            raise Conflict(LINKED_ELSEWHERE, code=conflict.code) from None
        row.save(update_fields=["link"])

    return Ended(write=write)


def notify(work: Work, step: ProvisioningStep) -> Ended:
    """Send the welcome letter; its delivery has a log of its own."""
    if not work.request.has_password:
        raise NotReady(
            "There is no first password to send. Resume once somebody is signed in to Microsoft for"
            " this connection, or set one in Partner Center.",
            code="no_password",
        )

    def write(row: ProvisioningRequest) -> None:
        credentials.send(row, actor=work.actor)

    return Ended("Handed to the delivery of letters.", write=write)


def _administrator(work: Work, users: list[User]) -> User:
    """Return the administrator that was made with the tenant. Raises: NotReady without one."""
    by_name = {user.principal_name.lower(): user for user in users}
    for name in (work.request.user_name, work.request.username, DEFAULT_ADMIN):
        found = by_name.get(f"{name}@{work.request.domain}".lower())
        if found is not None:
            return found
    raise NotReady(
        f"The administrator of {work.request.domain} is not among its users. Set a password in"
        " Partner Center.",
        code="administrator_missing",
    )


def _wait_for_directory(step: ProvisioningStep) -> None:
    """Look again later while the tenant is new. Raises: NotYet."""
    if step.started_at and database_time() < step.started_at + NEW_TENANT_TAKES:
        raise NotYet(seconds=LOOK_AGAIN) from None
