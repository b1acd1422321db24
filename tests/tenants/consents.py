"""What tests of consents do again and again: sign in at the simulator as a person would."""

from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from django.db import transaction

from portal.core.access import Actor, acting, system_actor
from tenants.connections.consent_states import read_state
from tenants.connections.consenting import CameBack, begin_consent, finish_consent
from tenants.connections.models import Connection, Consent, ConsentRequest, FamilyHealth

HOST = "testserver"


class Microsoft(Protocol):
    """A simulator, in this process or in another."""

    def session(self) -> requests.Session:
        """Open a session that reaches it."""


def query_of(address: str) -> dict[str, str]:
    """Return the parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def signed_in(partner: Microsoft, address: str, **more: str) -> dict[str, str]:
    """Accept at Microsoft's page; return what it puts into the address it leads back to."""
    parts = urlsplit(address)
    query = {name: value for name, value in query_of(address).items() if name != "prompt"} | more
    answer = partner.session().get(
        f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode(query)}", allow_redirects=False
    )
    assert answer.status_code == 302, answer.text
    return query_of(answer.headers["Location"])


def consent(
    partner: Microsoft, connection: Connection, actor: Actor, **more: str
) -> ConsentRequest:
    """Begin and finish a sign-in as ``actor``; ``more`` goes to Microsoft's page."""
    begun = begin_consent(connection, actor=actor, host=HOST)
    came = signed_in(partner, begun.address, **more)
    back = CameBack(came.get("code", ""), came.get("error", ""), came.get("error_description", ""))
    return finish_consent(read_state(came["state"]), back, actor=actor)


def stored_consent(connection: Connection) -> Consent | None:
    """Return the consent as it is stored now."""
    with acting(system_actor(connection.reseller_id, "tests")), transaction.atomic():
        rows = Consent.objects.select_related("connection")
        found: Consent | None = rows.filter(connection_id=connection.pk).first()
    return found


def change_consent(connection: Connection, **values: Any) -> None:
    """Write into the stored consent, as time or a database would."""
    with acting(system_actor(connection.reseller_id, "tests")), transaction.atomic():
        assert Consent.objects.filter(connection_id=connection.pk).update(**values) == 1


def families(connection: Connection) -> dict[str, FamilyHealth]:
    """Return the health rows of a connection by family."""
    with acting(system_actor(connection.reseller_id, "tests")), transaction.atomic():
        return {row.family: row for row in FamilyHealth.objects.filter(connection=connection)}
