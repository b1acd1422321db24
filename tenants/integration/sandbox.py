"""The step that writes: a customer is made in a sandbox and deleted again.

A customer made in a production account can never be deleted. So the step is guarded twice: a person
has to declare the account a sandbox for this one run, and the account has to behave like one:
it has no more customers than a sandbox may hold, and it does not refuse deleting as such, which is
asked with an id that belongs to nobody (Partner Center, sandbox: limits, and "Delete a customer
from the integration sandbox", which production refuses with 403).

The MS-RequestId and the domain are stored before the customer is sent, so that whatever happens
afterwards, the same run or a later one finds what was made and deletes it.
"""

from dataclasses import replace
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction

from partnercenter.client import PartnerCenter
from partnercenter.errors import CustomerNotFound, PartnerCenterError, PermissionRefused
from partnercenter.schemas.new_customers import NewCustomer
from partnercenter.schemas.profiles import Address
from tenants.integration.models import IntegrationStep
from tenants.integration.queries import left_behind
from tenants.integration.steps import Bench, Later, Seen, Skipped, Wrong

SANDBOX_CUSTOMERS: Final = 75
"""Customers a sandbox may hold (Partner Center, sandbox limits)."""
DELETE_TRIES: Final = 5
DELETE_AGAIN: Final = 30.0
NAME: Final = "Tenantry integration test"
EMAIL: Final = "integration-test@example.com"
DOMAIN_END: Final = ".onmicrosoft.com"
ADDRESS: Final = Address(
    country="US",
    state="WA",
    city="Redmond",
    address_line1="1 Microsoft Way",
    postal_code="98052",
    first_name="Integration",
    last_name="Test",
    phone_number="4255550101",
)
"""For a sandbox without a customer whose country could be followed."""


def create_and_delete(bench: Bench) -> Seen:
    """Make a customer and delete it, also one that an earlier run left behind.

    Raises:
        Skipped: nobody declared the account a sandbox.
        Wrong: it was declared one and does not behave like one; nothing was made.
        Later: the customer is made and could not be deleted yet.
    """
    if not bench.test.is_sandbox or bench.running.job.membership_id is None:
        raise Skipped(
            "Writing is tested in a sandbox only.",
            advice="Tick “This is a sandbox” when you run the test for a sandbox account. It makes"
            " a customer there and deletes it.",
        )
    if bench.step.request_id is None:
        _refuse_production(bench)
        cleaned = _clean_earlier(bench)
        domain = f"tenantry{uuid4().hex[:16]}{DOMAIN_END}"
        bench.keep(request_id=uuid4(), domain=domain, cleaned=False, cleaned_before=cleaned)
    if not bench.kept.get("customer"):
        _create(bench)
    _delete(bench)
    seen: dict[str, int | str] = {
        "Customer made and deleted": bench.kept["customer"],
        "Domain": bench.kept["domain"],
    }
    if bench.kept["cleaned_before"]:
        seen["Left by earlier tests, deleted"] = bench.kept["cleaned_before"]
    return seen


def _refuse_production(bench: Bench) -> None:
    count = bench.kept_by("customers")["count"]
    if count > SANDBOX_CUSTOMERS:
        raise Wrong(
            f"This account is no sandbox: it has {count:,} customers, and a sandbox holds at most"
            f" {SANDBOX_CUSTOMERS}. Nothing was made.",
            code="not_a_sandbox",
            advice="Run the test without “This is a sandbox”.",
        )
    try:
        bench.center.customers.delete(str(uuid4()))
    except CustomerNotFound:
        return
    except PermissionRefused as error:
        # The refusal was wished for: the health panel must not show customers as refused for it.
        bench.center.check_access()
        raise Wrong(
            "This account is no sandbox: Partner Center refuses to delete customers in it. Nothing"
            " was made.",
            code="not_a_sandbox",
            advice="Run the test without “This is a sandbox”, or test the connection of your"
            " sandbox.",
            seen={"Microsoft's code": error.code or "none"},
        ) from None


def _create(bench: Bench) -> None:
    """Make the customer, or find the one that an interrupted try of this run made."""
    request_id: UUID | None = bench.step.request_id
    assert request_id is not None
    domain = bench.kept["domain"]
    try:
        created = bench.center.customers.create(
            _new_customer(bench, domain), request_id=str(request_id)
        )
    except PartnerCenterError as error:
        made = _find(bench.center, domain)
        if made is None:
            # What may have been made without an answer is looked for again by the next run.
            bench.keep(cleaned=not (error.outcome_unknown or error.transient))
            raise
        bench.keep(customer=made)
        return
    bench.keep(customer=created.customer.id)


def _delete(bench: Bench) -> None:
    tries = bench.kept.get("tries", 0) + 1
    try:
        bench.center.customers.delete(bench.kept["customer"], request_id=str(uuid4()))
    except CustomerNotFound:
        pass  # An earlier try had its effect.
    except PartnerCenterError as error:
        if not error.transient or tries >= DELETE_TRIES:
            raise
        bench.keep(tries=tries)
        raise Later(DELETE_AGAIN, waiting_for="the customer to be deleted") from error
    bench.keep(cleaned=True)


def _clean_earlier(bench: Bench) -> int:
    """Delete what earlier runs left behind; return how many customers that were."""
    with transaction.atomic():
        left = left_behind(bench.connection)
    deleted = 0
    for step in left:
        if step.pk == bench.step.pk:
            continue
        customer = step.kept.get("customer") or _find(bench.center, step.kept["domain"])
        if customer is not None:
            try:
                bench.center.customers.delete(customer)
                deleted += 1
            except CustomerNotFound:
                pass
        _note_cleaned(bench, step)
    return deleted


def _note_cleaned(bench: Bench, step: IntegrationStep) -> None:
    step.kept = {**step.kept, "cleaned": True}
    with bench.running.step():
        step.save(update_fields=["kept"])


def _find(center: PartnerCenter, domain: str) -> str | None:
    """Return the customer that has a domain, None when there is none or nobody can tell."""
    try:
        found = [
            customer.id
            for customer in center.customers.search("Domain", domain)
            if customer.domain.lower() == domain
        ]
    except PartnerCenterError:
        return None
    return found[0] if len(found) == 1 else None


def _new_customer(bench: Bench, domain: str) -> NewCustomer:
    """Return a customer in the country of one the sandbox has, whose rules its address follows."""
    customers = bench.kept_by("customers")["customers"]
    known = bench.center.customers.get(customers[0]) if customers else None
    profile = known.billing_profile if known else None
    if known is None or profile is None or profile.address is None:
        culture, language, address, number = "en-US", "en", ADDRESS, ""
    else:
        culture, language = profile.culture or "en-US", profile.language or "en"
        address, number = _of_nobody(profile.address), known.registration_number
    return NewCustomer(
        domain=domain,
        company_name=NAME,
        email=EMAIL,
        culture=culture,
        language=language,
        address=address,
        registration_number=number,
        first_name="Integration",
        last_name="Test",
    )


def _of_nobody(address: Address) -> Address:
    """Return an address without the person who was named on it."""
    return replace(address, first_name="Integration", middle_name="", last_name="Test")
