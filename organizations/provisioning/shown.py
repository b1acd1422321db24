"""A request in words: how far it is, why it stopped, and what somebody can do next."""

from collections.abc import Iterable
from dataclasses import dataclass

from organizations.linking.models import Link
from organizations.provisioning.models import ProvisioningRequest, ProvisioningStep
from organizations.provisioning.plan import title_of
from organizations.provisioning.queries import (
    holder_of,
    is_stuck,
    question_of,
    state_of,
    steps_of,
)
from organizations.readiness.places import field_address
from organizations.readiness.sending import address_to_send
from portal.core.access import Actor

State, StepState = ProvisioningRequest.State, ProvisioningStep.State
Outcome = ProvisioningRequest.Outcome
TONES: dict[str, str] = {
    State.WAITING: "idle",
    State.RUNNING: "work",
    State.ASKING: "warn",
    State.FAILED: "bad",
    State.PERSON: "warn",
    State.DONE: "good",
    State.CANCELLED: "idle",
}
STEP_TONES: dict[str, str] = {
    StepState.WAITING: "idle",
    StepState.RUNNING: "work",
    StepState.DONE: "good",
    StepState.SKIPPED: "idle",
    StepState.FAILED: "bad",
    StepState.UNKNOWN: "warn",
}
LABELS = {
    "domain": "Domain prefix",
    "username": "Username",
    "reseller_mpn_id": "Reseller (MPN ID)",
    "registration_number": "Registration number",
    "phone": "Phone",
    "email": "Corporate e-mail",
    "postal_code": "Postal code",
    "state": "State",
    "country": "Country",
    "address": "Billing address",
    "company_name": "Company name",
}
AGREEMENT, LEFT_OPEN = "agreement", "Left open"
"""The one step that is passed over and still has to be done: before the first order."""
FIELDS = {"domain": "domain_prefix", "address": "address_line1", "company_name": "name"}
"""What a field is called in the forms, where that is another name than in a refusal."""


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A line of the journal."""

    step: ProvisioningStep
    title: str
    tone: str
    state: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A field Microsoft did not accept. ``url`` leads to it, for those who may change it."""

    label: str
    said: str
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of a request shows, and what its actor may do.

    ``correlation_id``: that of every step, where they share one, else "". ``holder``: the link of
    the account that has the tenant, for those who may see it. ``is_known``: which tenant it is may
    be said.
    """

    tone: str
    state: str
    steps: tuple[ShownStep, ...]
    is_moving: bool
    errors: tuple[Refused, ...]
    correlation_id: str
    question: str
    holder: Link | None
    may_confirm: bool
    may_retry: bool
    may_resume: bool
    may_cancel: bool

    is_known: bool = True

    @property
    def done(self) -> int:
        return sum(line.step.has_ended for line in self.steps)


def tone_of(request: ProvisioningRequest) -> str:
    """Return the tone of a request's state (0 queries)."""
    return TONES[State.PERSON] if is_stuck(request) else TONES[request.state]


def describe(request: ProvisioningRequest, *, actor: Actor) -> Shown:
    """Return a request as its page shows it (1 query, 3 for a tenant that exists).

    What was refused leads to its field (up to 4 queries more).
    """
    may, stuck = actor.may("tenants.provision"), is_stuck(request)
    asking = request.state == State.ASKING
    # Of a tenant that is not theirs, people of a sub-reseller see neither name nor holder.
    holder = holder_of(request, actor=actor) if asking and request.tenant else None
    moves = holder is not None and holder.account_id != request.account_id
    steps = tuple(_step(step, request) for step in steps_of(request, actor=actor))
    may_take = request.tenant is not None and (actor.may("tenants.unlink") or not moves)
    return Shown(
        tone=tone_of(request),
        state=state_of(request),
        steps=steps,
        is_moving=request.is_moving and not stuck,
        errors=_refused(request, actor=actor),
        correlation_id=_shared(line.step.correlation_id for line in steps),
        question=question_of(request, actor=actor) if asking else "",
        holder=holder if moves else None,
        may_confirm=asking and may and may_take,
        may_retry=may and request.state == State.FAILED,
        may_resume=may and (request.state == State.PERSON or stuck),
        may_cancel=may and request.may_cancel,
        is_known=request.tenant is not None or _is_new(request),
    )


def _step(step: ProvisioningStep, request: ProvisioningRequest) -> ShownStep:
    tone, state = STEP_TONES[step.state], step.get_state_display()
    if step.name == AGREEMENT and step.state == StepState.SKIPPED and _is_new(request):
        tone, state = "warn", LEFT_OPEN
    return ShownStep(step, title_of(step.name), tone, state)


def _is_new(request: ProvisioningRequest) -> bool:
    return request.outcome != Outcome.EXISTING


def _refused(request: ProvisioningRequest, *, actor: Actor) -> tuple[Refused, ...]:
    if not request.errors:
        return ()
    account, connection = request.account, request.connection
    sent = address_to_send(account, actor=actor, connection=connection)

    def url(name: str) -> str:
        field = FIELDS.get(name, name)
        return field_address(field, account=account, connection=connection, sent=sent, actor=actor)

    return tuple(
        Refused(LABELS.get(name, name), " ".join(said), url(name))
        for name, said in request.errors.items()
    )


def _shared(ids: Iterable[str]) -> str:
    """Return the id that all who have one have."""
    found = {one for one in ids if one}
    return found.pop() if len(found) == 1 else ""
