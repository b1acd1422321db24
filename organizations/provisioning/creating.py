"""The step that creates the customer, and what is done when nobody knows whether it did.

The MS-RequestId and all that is sent are committed before the call. A lost answer is looked for by
the domain, which is unique at Microsoft: what has it is ours only if it says of itself what we
sent and was not there before. The request id is repeated, but never relied on: how long Microsoft
remembers it is not documented. So nothing is sent again before twice the time a call may take is
over by the database's clock, and then under the same id; somebody else's tenant is never taken for
ours.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings

from organizations.provisioning import credentials
from organizations.provisioning.drafting import is_ours, new_customer
from organizations.provisioning.journal import Asked, Ended, Halted, State, Work
from organizations.provisioning.looking import (
    customer_with,
    in_full,
    look,
    refuse_nobodys,
    refuse_unreachable,
)
from organizations.provisioning.models import ProvisioningRequest, ProvisioningStep
from organizations.provisioning.refusing import fields_of, words_of
from partnercenter.errors import (
    CountryUnknown,
    DomainTaken,
    PartnerCenterError,
    RequestRefused,
)
from partnercenter.schemas.customers import Customer
from partnercenter.schemas.new_customers import CreatedCustomer
from portal.core import audit
from portal.core.database.clock import database_time
from portal.core.failpoints import failpoint
from portal.core.jobs.running import NotYet
from tenants.connections.failures import code_of
from tenants.discovery.details import store_partner
from tenants.discovery.models import Tenant
from tenants.discovery.operations import store_customer

LOOK_AGAIN: Final = 15.0
"""Seconds between two looks for what a lost answer may have made."""
REPEATS: Final = 6
LOOKS: Final = 60
"""After so many begun steps a person is asked."""
PATIENCE: Final = 3
"""So many times the settling time a customer of ours may take to show in the list."""
SINCE: Final = "first_sent_at"
"""In the draft: when its round was sent for the first time."""
Outcome = ProvisioningRequest.Outcome


def check(work: Work, step: ProvisioningStep) -> Ended:
    """Look whose the domain is, before anything is sent.

    Raises:
        Asked: a tenant that the partner can see has it.
        Halted: somebody else has it, or nobody has and it is no prefix.
    """
    found = look(work)
    failpoint("provisioning.looked")
    _refuse_taken(work, found.customer, is_taken=found.is_taken)
    return Ended("The domain is free.")


def create(work: Work, step: ProvisioningStep) -> Ended:
    """Create the customer, or find the one that an earlier try of this request made."""
    row = work.request
    if row.outcome == Outcome.SENT:
        return _settle(work, step)
    if row.round > 1:
        # What was free in an earlier round can be somebody's by now.
        found = look(work)
        _refuse_taken(work, found.customer, is_taken=found.is_taken)
    draft = _with_culture(work)
    step.request_id = row.request_id
    with work.written() as row:
        now = database_time()
        row.draft, row.outcome, row.sent_at = draft | {SINCE: now.isoformat()}, Outcome.SENT, now
        row.save(update_fields=["draft", "outcome", "sent_at"])
        step.save(update_fields=["request_id"])
    return _send(work, step, is_first=True)


def _refuse_taken(work: Work, customer: Any, *, is_taken: bool) -> None:
    if customer is not None:
        raise _asked(work, customer)
    if is_taken:
        raise refuse_unreachable(work)
    if refusal := refuse_nobodys(work):
        raise refusal


def _send(work: Work, step: ProvisioningStep, *, is_first: bool) -> Ended:
    failpoint("provisioning.create.before_call")
    try:
        created = _call(work)
    except PartnerCenterError as error:
        failpoint("provisioning.create.refused")
        return _not_created(work, step, error, is_first=is_first)
    failpoint("provisioning.create.answered")
    return _made(work, created, Outcome.CREATED)


def _call(work: Work) -> CreatedCustomer:
    row = work.request
    return work.once.customers.create(new_customer(row.draft), request_id=str(row.request_id))


def _not_created(
    work: Work, step: ProvisioningStep, error: PartnerCenterError, *, is_first: bool
) -> Ended:
    """Decide what an error means: refused for good, nothing sent, or nobody knows."""
    if isinstance(error, DomainTaken):
        return _taken(work, step, error, is_first=is_first)
    if isinstance(error, RequestRefused) and not error.transient:
        raise Halted(
            State.FAILED,
            code=code_of(error),
            words=words_of(error),
            fields=fields_of(error),
            correlation=error.correlation_id,
            outcome=Outcome.REFUSED,
        )
    if not error.outcome_unknown and not isinstance(error, RequestRefused):
        if is_first:
            with work.written() as row:
                row.outcome, row.sent_at = Outcome.NOTHING, None
                row.save(update_fields=["outcome", "sent_at"])
        if error.retry_after:
            raise NotYet(seconds=error.retry_after)
        raise error
    work.note(step, words_of(error), correlation=error.correlation_id)
    return _settle(work, step)


def _taken(work: Work, step: ProvisioningStep, error: DomainTaken, *, is_first: bool) -> Ended:
    """Tell a domain that somebody took before us from one that our own lost try has taken."""
    found = customer_with(work, work.request.domain)
    if found is not None:
        customer = in_full(work, found)
        if not is_first and _is_ours(work, customer):
            return _adopt(work, step, customer)
        _nothing_of_ours(work)
        raise _asked(work, found)
    if is_first or _is_too_late(work):
        raise Halted(
            State.FAILED,
            code=code_of(error),
            words=words_of(error),
            fields=fields_of(error),
            correlation=error.correlation_id,
            outcome=Outcome.REFUSED,
        )
    raise _look_later(step)


def _settle(work: Work, step: ProvisioningStep) -> Ended:
    """Find out what became of a create whose answer was lost; send it again only then."""
    found = customer_with(work, work.request.domain)
    failpoint("provisioning.create.looked")
    if found is not None:
        customer = in_full(work, found)
        if _is_ours(work, customer):
            return _adopt(work, step, customer)
        # Our own could not have the same domain, so it was never made.
        _nothing_of_ours(work)
        raise _asked(work, found)
    if not _waited(work):
        raise _look_later(step)
    with work.written() as row:
        row.sent_at = database_time()
        row.save(update_fields=["sent_at"])
    return _send(work, step, is_first=False)


def _adopt(work: Work, step: ProvisioningStep, customer: Customer) -> Ended:
    """Take what our lost call made, and ask for its answer once more: it may say the password.

    The domain is taken now, so that this call cannot make a second one.
    """
    failpoint("provisioning.create.before_repeat")
    try:
        repeated = _call(work)
    except PartnerCenterError as error:
        if error.transient and step.attempts < REPEATS:
            # The first password is worth a few more tries.
            raise _look_later(step) from None
        return _made(work, None, Outcome.ADOPTED, customer=customer)
    if repeated.customer.id != customer.id:
        raise Halted(
            State.PERSON,
            code="two_tenants",
            words=f"Microsoft answers with the tenant {repeated.customer.id}, and lists"
            f" {customer.id} under the same domain. Look at both in Partner Center.",
            unknown=True,
        )
    return _made(work, repeated, Outcome.ADOPTED)


def _made(
    work: Work, created: CreatedCustomer | None, outcome: str, *, customer: Customer | None = None
) -> Ended:
    """Return what is written at once: the tenant, and its first password if it came."""

    def write(row: ProvisioningRequest) -> None:
        made = created.customer if created else customer
        if made is None:
            raise LookupError("Nothing was made.")
        row.outcome, row.microsoft_id = outcome, made.id
        row.user_name = (created.user_name if created else "") or row.username
        if created is not None and created.password:
            credentials.keep(row, created.password, actor=work.actor)
        row.save()
        audit.record(
            work.actor,
            "organizations.provisioning_created",
            row,
            after={
                "tenant": made.id,
                "domain": row.domain,
                "outcome": str(outcome),
                "request_id": str(row.request_id),
            },
            organization_id=row.account.organization_id,
        )

    if created is not None:
        return Ended("Microsoft created it." if outcome == Outcome.CREATED else FOUND, write=write)
    return Ended(f"{FOUND} Its password was lost with the answer.", write=write)


FOUND: Final = "The answer was lost; the tenant was found by its domain and what it says."


def _is_ours(work: Work, customer: Customer) -> bool:
    """Tell whether a tenant is what this request sent: what it says, and that it is new."""
    began = work.steps["create"].started_at
    rows = Tenant.objects.visible_to(work.actor).filter(microsoft_id=customer.id)
    with work.running.step():
        known_before = rows.filter(first_seen_at__lt=began).exists() if began else True
    return not known_before and is_ours(customer, work.request.draft)


def _nothing_of_ours(work: Work) -> None:
    with work.written() as row:
        row.outcome, row.sent_at = Outcome.REFUSED, None
        row.save(update_fields=["outcome", "sent_at"])


def _asked(work: Work, customer: Any) -> Asked | Halted:
    """Return the question about a tenant that exists; the refusal where it is not the asker's."""
    tenant = _stored(work, customer)
    if not work.asker.is_staff and not work.may_take(tenant):
        return refuse_unreachable(work)
    return Asked(tenant)


def _stored(work: Work, customer: Any) -> Tenant:
    """Store a customer of the list; through whom it was sold is looked up where that counts."""
    full = None if work.asker.is_staff else in_full(work, customer)
    with work.written():
        tenant = store_customer(customer, connection=work.connection, actor=work.actor)
        if full is not None:
            tenant = store_partner(tenant, full, actor=work.actor)
        return tenant


def _waited(work: Work) -> bool:
    """Tell whether what was sent last can no longer have its effect."""
    sent = work.request.sent_at
    settling = timedelta(seconds=settings.PROVISIONING_SETTLE_SECONDS)
    return sent is None or database_time() >= sent + settling


def _is_too_late(work: Work) -> bool:
    """Tell whether a customer of ours would show in the list by now."""
    since = datetime.fromisoformat(work.request.draft[SINCE])
    return database_time() >= since + timedelta(
        seconds=settings.PROVISIONING_SETTLE_SECONDS * PATIENCE
    )


def _look_later(step: ProvisioningStep) -> Exception:
    if step.attempts % LOOKS == 0:
        return Halted(
            State.PERSON,
            code="in_doubt",
            words="Microsoft did not say what became of the create, and the customer does not show"
            " in its list. Look in Partner Center, then resume: it is looked for again.",
            unknown=True,
        )
    return NotYet(seconds=min(LOOK_AGAIN, max(1.0, settings.PROVISIONING_SETTLE_SECONDS / 4)))


def _with_culture(work: Work) -> dict[str, Any]:
    """Return the draft with the language Microsoft serves its country in (1 call)."""
    draft = dict(work.request.draft)
    if not draft["culture"]:
        country = draft["address"]["country"]
        try:
            rules = work.center.addresses.country_rules(country)
        except CountryUnknown as error:
            words = f"Microsoft knows no country {country}."
            raise Halted(
                State.FAILED,
                code=code_of(error),
                words=words,
                fields={"country": [words]},
                correlation=error.correlation_id,
            ) from None
        culture = rules.default_culture or next(iter(rules.cultures), "en-US")
        spoken = culture.partition("-")[0].lower()
        languages = [language.lower() for language in rules.languages]
        known = spoken in languages or not languages
        draft["culture"], draft["language"] = culture, spoken if known else languages[0]
    return draft
