"""Migrations from legacy to new commerce: checked, carried out at once, or scheduled.

A scheduled migration is carried out when its day has come and the migrations of its customer are
next looked at; nothing else could tell the difference.
"""

import threading
import uuid
from datetime import datetime, timedelta
from typing import Any

from partnercenter.simulator.charge_rows import record_charges
from partnercenter.simulator.coterm import may_end_on
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import pascal_keys, read_object, without_nulls
from partnercenter.simulator.migration import migrated, migration_errors, new_ids, plan_migration
from partnercenter.simulator.routes.subscriptions import addons, related_customer, subscription_of
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.subscription_terms import (
    Subscription,
    moment_text,
    months_of,
    read_moment,
)
from partnercenter.simulator.wire import Response

Paper = dict[str, Any]
_SCHEDULED = ("currentSubscriptionId", "quantity", "termDuration", "billingCycle")


def validate(call: Call) -> Response:
    """Answer whether a subscription can be migrated and to what, without doing it."""
    customer_id, subscription, body = _read(call)
    errors = migration_errors(call.site.world, subscription)
    answer: Paper = {"currentSubscriptionId": subscription["id"], "isEligible": not errors}
    if not errors:
        answer |= plan_migration(call.site.world, customer_id, subscription, body)
    return Response(body=answer | {"errors": errors})


def migrate(call: Call) -> Response:
    """Migrate a subscription and its add-ons; answer 200 with the migration as it stands.

    Raises Problem 400 with the first of the codes that the validation names.
    """
    customer_id, subscription, body = _read(call)
    paper = _carry_out(call, customer_id, subscription, body)
    return Response(body=_shown(paper, call.site.clock()))


def get_migration(call: Call) -> Response:
    """Answer one migration. Raises Problem 404/1000 for an unknown one."""
    customer_id = related_customer(call)
    return Response(body=_shown(_paper(call, "migration", customer_id), call.site.clock()))


def list_migrations(call: Call) -> Response:
    """Answer the migrations of a customer as a bare array."""
    customer_id = related_customer(call)
    _carry_out_due(call, customer_id)
    now = call.site.clock()
    papers = call.site.papers.of_customer("migration", customer_id)
    return Response(body=[_shown(paper, now) for paper in papers])


def list_events(call: Call) -> Response:
    """Answer what happened to the migrations of a customer; the keys are PascalCase."""
    customer_id = related_customer(call)
    now = call.site.clock()
    events = []
    for paper in call.site.papers.of_customer("migration", customer_id):
        shown = _shown(paper, now)
        for name, at in (("Started", "startedTime"), ("Completed", "completedTime")):
            if at in shown:
                events.append(
                    {
                        "id": shown["id"],
                        "name": f"Migration{name}",
                        "currentSubscriptionId": shown["currentSubscriptionId"],
                        "createdTime": shown[at],
                    }
                )
    return Response(body=pascal_keys(events))


def schedule(call: Call) -> Response:
    """Schedule a migration for its target date or the renewal; answer 200 with the schedule."""
    customer_id, subscription, body = _read(call)
    _refuse(call, subscription)
    now = moment_text(call.site.clock())
    paper = _scheduled(call, customer_id, subscription, body)
    paper |= {"id": str(uuid.uuid4()), "status": "Created"}
    paper |= {"createdTime": now, "lastModifiedTime": now}
    return _write_schedule(call, customer_id, paper)


def list_schedules(call: Call) -> Response:
    """Answer the scheduled migrations of a customer as a bare array."""
    customer_id = related_customer(call)
    _carry_out_due(call, customer_id)
    papers = call.site.papers.of_customer("migration_schedule", customer_id)
    return Response(body=[without_nulls(paper) for paper in papers])


def get_schedule(call: Call) -> Response:
    """Answer one schedule: an array that holds just it, as recorded."""
    customer_id = related_customer(call)
    _carry_out_due(call, customer_id)
    return Response(body=[_paper(call, "migration_schedule", customer_id)])


def put_schedule(call: Call) -> Response:
    """Replace what a schedule will do and when. Raises Problem 400/900226 once it is done."""
    customer_id = related_customer(call)
    paper = _open_schedule(call, customer_id)
    body = read_object(call.request.json())
    subscription = subscription_of(call, customer_id, str(paper["currentSubscriptionId"]))
    changed = paper | _scheduled(call, customer_id, subscription, paper | without_nulls(body))
    changed["lastModifiedTime"] = moment_text(call.site.clock())
    return _write_schedule(call, customer_id, changed)


def cancel_schedule(call: Call) -> Response:
    """Cancel a scheduled migration. Raises Problem 400/900226 once it is done."""
    customer_id = related_customer(call)
    changed = _open_schedule(call, customer_id) | {"status": "Cancelled"}
    changed["lastModifiedTime"] = moment_text(call.site.clock())
    return _write_schedule(call, customer_id, changed)


def _read(call: Call) -> tuple[str, Subscription, Paper]:
    customer_id = related_customer(call)
    body = without_nulls(read_object(call.request.json()))
    named = str(body.get("currentSubscriptionId") or "")
    if not named:
        raise Problem(400, 800002, "currentSubscriptionId is required.")
    return customer_id, subscription_of(call, customer_id, named), body


def _refuse(call: Call, subscription: Subscription) -> None:
    errors = migration_errors(call.site.world, subscription)
    if errors:
        raise Problem(400, errors[0]["code"], errors[0]["description"])


def _check_end(call: Call, customer_id: str, body: Paper) -> None:
    if "customTermEndDate" not in body:
        return
    end, start = read_moment(body["customTermEndDate"]), call.site.clock().date()
    months = months_of(body.get("termDuration") or "P1Y") or 12
    others = call.site.subscriptions.of_customer(customer_id)
    if end is None or not may_end_on(others, months=months, start=start, end=end.date()):
        raise Problem(400, 900291, "The term cannot be made to end on that date.")


def _carry_out(call: Call, customer_id: str, base: Subscription, body: Paper) -> Paper:
    _refuse(call, base)
    _check_end(call, customer_id, body)
    site, now = call.site, call.site.clock()
    at = now + timedelta(seconds=site.switches.migration_seconds)
    plan = plan_migration(site.world, customer_id, base, body)
    paper: Paper = {"id": str(uuid.uuid4()), "startedTime": moment_text(now)} | plan
    moving = [(base, plan)]
    for row in addons(call, customer_id, base):
        moving.append((row, plan_migration(site.world, customer_id, row, {})))
    identity = ""
    for row, one in moving:
        new_id, order_id = new_ids()
        uri = f"/customers/{customer_id}/subscriptions/{new_id}"
        new, ended, charges = migrated(
            one, row, identity=new_id, order_id=order_id, at=at, self_link=call.link(uri)
        )
        if identity:
            new["parentSubscriptionId"] = identity
        else:
            identity = new_id
            paper |= {"newCommerceSubscriptionId": new_id, "newCommerceOrderId": order_id}
        for kind, subscription in (("created", new), ("changed", ended)):
            call.record(
                f"subscription_{kind}",
                str(subscription["id"]),
                customer=customer_id,
                subscription=without_nulls(subscription),
                effective_at=moment_text(at),
            )
        record_charges(call, customer_id, charges)
    if len(moving) > 1:
        paper["addOnMigrations"] = [one for _, one in moving[1:]]
    paper["completedTime"] = moment_text(at)
    call.record("migration_written", paper["id"], customer=customer_id, paper=paper)
    return paper


def _shown(paper: Paper, now: datetime) -> Paper:
    """Return a migration as it stands: what it made shows when it is complete."""
    done = read_moment(paper["completedTime"])
    if done is not None and done <= now:
        return paper | {"status": "Completed"}
    hidden = ("completedTime", "newCommerceSubscriptionId", "newCommerceOrderId")
    return {key: value for key, value in paper.items() if key not in hidden} | {
        "status": "Processing"
    }


def _scheduled(call: Call, customer_id: str, subscription: Subscription, body: Paper) -> Paper:
    target = read_moment(body.get("targetDate"))
    if target is None and not body.get("migrateOnRenewal"):
        raise Problem(400, 800002, "targetDate or migrateOnRenewal is required.")
    plan = plan_migration(call.site.world, customer_id, subscription, body)
    # The product is looked up on the day, because availabilities change until then.
    del plan["catalogItemId"]
    when = {"targetDate": body["targetDate"]} if target else {"migrateOnRenewal": True}
    return plan | when


def _write_schedule(call: Call, customer_id: str, paper: Paper) -> Response:
    call.record("migration_schedule_written", paper["id"], customer=customer_id, paper=paper)
    return Response(body=paper)


def _open_schedule(call: Call, customer_id: str) -> Paper:
    _carry_out_due(call, customer_id)
    paper = _paper(call, "migration_schedule", customer_id)
    if paper.get("status") != "Created":
        raise Problem(400, 900226, "The scheduled migration can no longer be changed.")
    return paper


def _paper(call: Call, kind: str, customer_id: str) -> Paper:
    paper = call.site.papers.get(kind, customer_id, call.params["id"])
    if paper is None:
        raise Problem(404, 1000, "There is no such migration.")
    return paper


# Reads may find a schedule due, and reads are not serialised as writes are.
_DUE = threading.Lock()


def _carry_out_due(call: Call, customer_id: str) -> None:
    with _DUE:
        for paper in call.site.papers.of_customer("migration_schedule", customer_id):
            if paper.get("status") == "Created" and _is_due(call, paper):
                _carry_out_scheduled(call, customer_id, paper)


def _is_due(call: Call, paper: Paper) -> bool:
    # A renewal is the midnight after the last day.
    named = read_moment(paper.get("targetDate"))
    last = read_moment(paper.get("subscriptionEndDate"))
    due = named or (last + timedelta(days=1) if last else None)
    return due is not None and due <= call.site.clock()


def _carry_out_scheduled(call: Call, customer_id: str, paper: Paper) -> None:
    body = {name: paper[name] for name in (*_SCHEDULED, "purchaseFullTerm") if name in paper}
    outcome = {"status": "Completed"}
    try:
        subscription = subscription_of(call, customer_id, str(paper["currentSubscriptionId"]))
        made = _carry_out(call, customer_id, subscription, body)
        outcome |= {"newCommerceMigrationId": made["id"]}
    except Problem as problem:
        outcome = {"status": "Failed", "errorDescription": problem.description}
    call.record(
        "migration_schedule_written", paper["id"], customer=customer_id, paper=paper | outcome
    )


_BASE = "/customers/{customer}/migrations/newcommerce"
ROUTES = [
    Route("POST", f"{_BASE}/validate", validate),
    Route("POST", f"{_BASE}/schedules", schedule, idempotent=True),
    Route("GET", f"{_BASE}/schedules", list_schedules),
    Route("GET", f"{_BASE}/schedules/{{id}}", get_schedule),
    Route("PUT", f"{_BASE}/schedules/{{id}}", put_schedule),
    Route("POST", f"{_BASE}/schedules/{{id}}/cancel", cancel_schedule, idempotent=True),
    Route("GET", f"{_BASE}/events", list_events),
    Route("POST", _BASE, migrate, idempotent=True),
    Route("GET", _BASE, list_migrations),
    Route("GET", f"{_BASE}/{{id}}", get_migration),
]
