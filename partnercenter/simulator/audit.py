"""The audit trail of the partner, derived from the ledger each time it is asked for.

Every effect that changed something at "Microsoft" is one record; only what is the simulator's own
business (tokens, the clock, deliveries, charges that follow from a change) is none. Source: "Get a
record of Partner Center activity" and the resource page "Auditing".
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from partnercenter.simulator.audit_details import details_of
from partnercenter.simulator.fields import pascal_keys
from partnercenter.simulator.ledger import Effect
from partnercenter.simulator.stores.customers import CustomerStore
from partnercenter.simulator.worlds import World

_NOT_AUDITED = frozenset(
    {
        "answer_remembered",
        "charged",
        "clock_advanced",
        "consent_given",
        "event_fired",
        "export_requested",
        "export_seen_running",
        "invoice_ready",
        "refresh_tokens_revoked",
        "token_issued",
        "validation_requested",
        "webhook_attempted",
    }
)
_SECRET = frozenset({"credentials", "usercredentials", "password", "passwordprofile", "secret"})
_FIRST_DAY = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Operation:
    """What an effect is called in the trail, and the type of resource it concerns.

    Most effects name their customer; of some the customer is the subject.
    """

    name: str
    resource: str
    of_subject: bool = False


_OPERATIONS: Mapping[str, _Operation] = {
    "account_status_set": _Operation("update_customer_account_status", "customer", True),
    "agreement_attested": _Operation("create_agreement", "agreement", True),
    "agreement_signed_directly": _Operation("sign_agreement", "agreement", True),
    "billing_profile_written": _Operation("update_customer_billing_profile", "customer", True),
    "customer_created": _Operation("add_customer", "customer", True),
    "customer_deleted": _Operation("delete_customer", "customer", True),
    "customer_renamed": _Operation(
        "update_customer_partner_contract_company_name", "customer", True
    ),
    "licences_changed": _Operation("update_customer_user_licenses", "license"),
    "partner_profile_written": _Operation("update_partner_profile", "partner_profile"),
    "qualification_requested": _Operation("update_customer_qualification", "customer", True),
    "relationship_accepted": _Operation(
        "reseller_relationship_accepted_by_customer", "customer", True
    ),
    "relationship_removed": _Operation("remove_partner_customer_relationship", "customer", True),
    "user_created": _Operation("create_customer_user", "customer_user"),
    "user_changed": _Operation("update_customer_user", "customer_user"),
    "user_deleted": _Operation("delete_customer_user", "customer_user"),
    "user_password_reset": _Operation("reset_customer_user_password", "customer_user"),
    "user_restored": _Operation("restore_customer_user", "customer_user"),
}
_VERBS = {
    "accepted": "accept",
    "added": "add",
    "assigned": "assign",
    "cancelled": "cancel",
    "changed": "update",
    "created": "create",
    "deleted": "delete",
    "ordered": "checkout",
    "registered": "register",
    "removed": "remove",
    "restored": "restore",
    "updated": "update",
    "written": "update",
}
_CREATING = ("created", "added", "accepted", "registered")
_ABOUT_CUSTOMERS = ("customer", "relationship", "billing_profile")


@dataclass(frozen=True, slots=True)
class Change:
    """An effect, and where the state before it is found: an earlier effect, or the world.

    Only looked up for records that are shown, since the world's resources are on disk.
    """

    effect: Effect
    about: str
    earlier: Effect | None
    billing: Mapping[str, Any] | None

    def before(self, world: World) -> Any:
        """Return what the resource was; None when it was not, or is not known."""
        noun, _, verb = self.effect.kind.rpartition("_")
        found = _after(self.earlier) if self.earlier else None
        if found is None and verb not in _CREATING:
            found = _in_world(world, self.about, self.effect.subject)
        if self.billing is not None:
            found = (found or {}) | {"billingProfile": self.billing}
        return (found or {}).get("billingProfile") if noun == "billing_profile" else found


def is_audited(effect: Effect) -> bool:
    """Tell whether an effect is in the trail."""
    return effect.kind not in _NOT_AUDITED


def changes_of(effects: Iterable[Effect]) -> Iterator[Change]:
    """Yield the audited effects in their order."""
    earlier: dict[tuple[str, str], Effect] = {}
    billing: dict[tuple[str, str], Mapping[str, Any]] = {}
    for effect in effects:
        if not is_audited(effect):
            continue
        noun = effect.kind.rpartition("_")[0]
        about = "customer" if noun in _ABOUT_CUSTOMERS else noun
        key = (about, effect.subject.lower())
        yield Change(effect, about, earlier.get(key), billing.get(key))
        if noun == "billing_profile":
            billing[key] = effect.data["profile"]
        else:
            earlier[key] = effect
            billing.pop(key, None)


def audit_record(change: Change, *, world: World, customers: CustomerStore) -> dict[str, Any]:
    """Return the AuditRecord of a change."""
    effect, operation = change.effect, _operation(change.effect.kind)
    partner_id, before = world.partner.tenant_id, change.before(world)
    customer_id = _customer_of(effect)
    record = {
        "id": audit_id(effect, partner_id),
        "partnerId": partner_id,
        "customerId": customer_id or None,
        "customerName": customers.name_of(customer_id) if customer_id else None,
        "userPrincipalName": effect.actor_user or None,
        "applicationId": effect.actor_application or None,
        "sessionId": effect.request_id or None,
        "resourceType": operation.resource,
        "resourceOldValue": _as_text(before) if before is not None else None,
        "resourceNewValue": _as_text(_after(effect)),
        "operationType": operation.name,
        "originalCorrelationId": effect.correlation_id or None,
        "operationDate": f"{_time(effect):%Y-%m-%dT%H:%M:%S.%f}0Z",
        "operationStatus": "succeeded",
        "customizedData": details_of(effect, operation.resource, _after(effect)),
        "attributes": {"objectType": "AuditRecord"},
    }
    return {key: value for key, value in record.items() if value is not None}


def audit_id(effect: Effect, partner_id: str) -> str:
    """Return the id of an effect's record: partner, customer, operation and time in ticks.

    The effect's number is added to the ticks, so that effects of one moment keep apart.
    """
    operation = _operation(effect.kind).name.replace("_", "")
    ticks = str(_ticks(_time(effect)) + effect.sequence)
    parts = (partner_id, _customer_of(effect), operation, ticks)
    return "_".join(part for part in parts if part)


def _ticks(moment: datetime) -> int:
    passed = moment - _FIRST_DAY
    return (passed.days * 86_400 + passed.seconds) * 10_000_000 + passed.microseconds * 10


def _operation(kind: str) -> _Operation:
    """Return the operation of a kind; kinds not listed are read as `noun_verb`."""
    known = _OPERATIONS.get(kind)
    if known is not None:
        return known
    noun, _, verb = kind.rpartition("_")
    if noun and verb in _VERBS:
        return _Operation(f"{_VERBS[verb]}_{noun}", noun)
    return _Operation(kind, noun or kind)


def _customer_of(effect: Effect) -> str:
    named = effect.data.get("customer")
    if isinstance(named, str):
        return named
    return effect.subject if _operation(effect.kind).of_subject else ""


def _after(effect: Effect) -> Any:
    """Return the resource an effect leaves behind, as far as the effect says."""
    if effect.kind == "relationship_removed":
        return {"id": effect.subject, "relationshipToPartner": "none"}
    told = {
        key: value
        for key, value in effect.data.items()
        if key.lower() not in _SECRET and not (key == "customer" and isinstance(value, str))
    }
    # The resource itself goes under its noun, or is all there is; else the parts of the change.
    whole = told.get(effect.kind.rpartition("_")[0])
    if whole is None and len(told) == 1:
        whole = next(iter(told.values()))
    return whole if isinstance(whole, dict) else {"id": effect.subject} | told


def _in_world(world: World, noun: str, subject: str) -> Any:
    collection = {"customer": "customers", "subscription": "subscriptions"}.get(noun)
    return world.collection(collection).get(subject) if collection else None


def _as_text(value: Any) -> str:
    return json.dumps(pascal_keys(_without_secrets(value)), ensure_ascii=False)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_secrets(inner)
            for key, inner in value.items()
            if re.sub(r"[^a-z]", "", key.lower()) not in _SECRET
        }
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return value


def _time(effect: Effect) -> datetime:
    return datetime.fromisoformat(effect.time).astimezone(UTC)
