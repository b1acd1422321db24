"""Connecting a Partner Center account, changing it, and proving that it works.

The secret goes in sealed and never comes out again but inside a client. Its version rises with
every new one, so that an old value put back into the database does not open.
"""

from datetime import date
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables

from portal.core import audit
from portal.core.access import Actor
from portal.core.encryption import seal
from portal.core.errors import InvalidInput, NotFound, PortalError
from tenants.connections.claims import release_partner
from tenants.connections.fields import cleaned
from tenants.connections.health import write_due
from tenants.connections.models import AccessToken, Connection, Consent
from tenants.connections.proofs import first_failure
from tenants.connections.queries import connection_with_secret

SHOWN = ("name", "program", "cloud", "partner_tenant", "client_id")
CREDENTIALS = frozenset({"cloud", "partner_tenant", "client_id", "secret"})
_TAKEN = {
    "tenants_connection_name": ("name", "Another connection has this name."),
    "tenants_connection_partner": (
        "partner_tenant",
        "This partner tenant is connected already.",
    ),
}


@sensitive_variables("secret", "values")
def connect(
    *,
    actor: Actor,
    name: str,
    cloud: str,
    partner_tenant: str,
    client_id: str,
    secret: str,
    program: str = Connection.Program.DIRECT_BILL,
    secret_expires_on: date | None = None,
    uses_reseller_address: bool = True,
) -> Connection:
    """Add a connection; nothing is called, `test_connection` proves it.

    Raises:
        InvalidInput: a value cannot be used, or the name or partner tenant is taken.
    """
    actor.require("connections.manage")
    values = cleaned(
        {
            "name": name,
            "program": program,
            "cloud": cloud,
            "partner_tenant": partner_tenant,
            "client_id": client_id,
            "secret": secret,
        }
    )
    row = Connection(reseller_id=actor.reseller_id, **{key: values[key] for key in SHOWN})
    row.secret_expires_on = secret_expires_on
    row.uses_reseller_address = uses_reseller_address
    row.secret_sealed = seal(values["secret"], row.secret_seal())
    with transaction.atomic():
        _save(row, force_insert=True)
        audit.record(actor, "tenants.connection_created", row, after=_told(row))
    return row


KEEP: date = date.min
"""Says that the date on which the secret ends stays as it is."""


@sensitive_variables("changes", "values")
def change_connection(
    connection: Connection,
    *,
    actor: Actor,
    secret_expires_on: date | None = KEEP,
    uses_reseller_address: bool | None = None,
    **changes: str,
) -> Connection:
    """Change what is given of name, program, cloud, partner_tenant, client_id and secret.

    An empty secret keeps the stored one. New credentials have to be tested again, and another
    application or account needs a consent of its own: the former one's tokens are deleted. Once
    tenants were discovered the account stays the account: another one is another connection, or
    every tenant would seem to have left. ``uses_reseller_address`` stays as it is when None.

    Raises:
        InvalidInput: a value cannot be used, or the account of a discovered connection is changed.
    """
    actor.require("connections.manage")
    unknown = set(changes) - {*SHOWN, "secret"}
    if unknown:
        raise LookupError(f"A connection has no {', '.join(sorted(unknown))}.")
    values = cleaned(
        {name: value for name, value in changes.items() if name != "secret" or value.strip()}
    )
    with transaction.atomic():
        row = _locked(connection, actor=actor)
        before = _told(row)
        changed = {name for name, value in values.items() if before.get(name) != value}
        _refuse_other_account(row, changed)
        for name in changed - {"secret"}:
            setattr(row, name, values[name])
        if "secret" in changed:
            row.secret_version += 1
            row.secret_sealed = seal(values["secret"], row.secret_seal())
        if changed & CREDENTIALS:
            row.state = Connection.State.NEW
        if changed & {"cloud", "partner_tenant", "client_id"}:
            forget_consent(row)
        if secret_expires_on is not KEEP and secret_expires_on != row.secret_expires_on:
            row.secret_expires_on, row.secret_warned_days = secret_expires_on, None
            changed.add("secret_expires_on")
        if uses_reseller_address not in (None, row.uses_reseller_address):
            row.uses_reseller_address = bool(uses_reseller_address)
            changed.add("uses_reseller_address")
        if changed:
            _save(row)
            after = _told(row) | ({"secret": "replaced"} if "secret" in changed else {})
            audit.record(
                actor,
                "tenants.connection_changed",
                row,
                before={name: before[name] for name in changed - {"secret"}},
                after={name: after[name] for name in changed},
            )
    return row


def test_connection(connection: Connection, *, actor: Actor) -> Connection:
    """Sign in, ask for customers, and write down how that went; the row returned tells.

    One cheap call of each other family is made too, for the health panel.

    Calls Partner Center, so no transaction may be open.
    """
    actor.require("connections.manage")
    with transaction.atomic():
        row = connection_with_secret(connection, actor=actor)
    failure = first_failure(row)
    with transaction.atomic():
        if failure is None:
            note_success(row)
        else:
            note_failure(row, failure)
        row.refresh_from_db()
        audit.record(
            actor,
            "tenants.connection_tested",
            row,
            after={"state": row.state, "code": failure.code if failure else ""},
        )
    return row


def note_success(connection: Connection) -> bool:
    """Write down that a call with these credentials worked; returns False if they changed since."""
    return _note(connection, state=Connection.State.WORKING, last_success_at=Now())


def note_failure(connection: Connection, failure: PortalError) -> bool:
    """Write down why a call with these credentials failed; False if they changed since."""
    return _note(
        connection,
        state=Connection.State.FAILING,
        last_failure_at=Now(),
        last_failure_code=failure.code[:60],
        last_failure=failure.detail,
    )


def _note(connection: Connection, **fields: Any) -> bool:
    """Update the row unless it was given other credentials while the call was under way.

    What the calls before said of each family of the API is written too, where that is due, after
    the caller's transaction.
    """
    transaction.on_commit(partial(write_due, connection.reseller_id, connection.pk))
    with transaction.atomic():
        rows = Connection.objects.filter(
            pk=connection.pk,
            secret_version=connection.secret_version,
            cloud=connection.cloud,
            partner_tenant=connection.partner_tenant,
            client_id=connection.client_id,
        )
        return rows.update(**fields) == 1


def _locked(connection: Connection, *, actor: Actor) -> Connection:
    rows = Connection.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    row: Connection | None = rows.filter(pk=connection.pk).first()
    if row is None:
        raise NotFound
    return row


def _refuse_other_account(row: Connection, changed: set[str]) -> None:
    fixed = changed & {"cloud", "partner_tenant"}
    if row.discovered_at is None or not fixed:
        return
    text = "Tenants were discovered through this account. Add another account as a new connection."
    raise InvalidInput(text, fields={name: [text] for name in sorted(fixed)})


def _save(row: Connection, **options: Any) -> None:
    """Save a row; what is taken already becomes a sentence beside its field."""
    try:
        with transaction.atomic():
            row.save(**options)
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if constraint not in _TAKEN:
            raise
        name, text = _TAKEN[constraint]
        taken = InvalidInput(text, code="taken", fields={name: [text]})
    else:
        return
    # Outside the handler: the database's own text repeats the row.
    raise taken


def forget_consent(row: Connection) -> None:
    """Delete the consent of a connection that is to lead elsewhere, and what it claimed."""
    consents = Consent.objects.filter(reseller_id=row.reseller_id, connection_id=row.pk)
    AccessToken.objects.filter(consent__in=consents).delete()
    consents.delete()
    release_partner(row)


def _told(row: Connection) -> dict[str, str]:
    """Return what may be told of a connection: everything but its secret."""
    told = {name: str(getattr(row, name) or "") for name in (*SHOWN, "secret_expires_on")}
    return told | {"uses_reseller_address": "yes" if row.uses_reseller_address else "no"}
