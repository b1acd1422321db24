"""Asking for Microsoft's country rules, and reading them without keeping anybody waiting.

Who needs a country's rules says so; a job reads them. Until then, and where Microsoft cannot be
asked, the tables that come with the portal serve.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from structlog import get_logger

from partnercenter.errors import CountryUnknown, PartnerCenterError
from portal.core.access import Actor
from portal.core.errors import Conflict, NotFound
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.operations import enqueue
from portal.core.jobs.running import RunningJob
from tenants.connections.clients import partner_center_for
from tenants.connections.failures import OF_THE_CONNECTION, as_portal_error, sentence_of
from tenants.connections.models import Connection
from tenants.connections.queries import connection_with_secret
from tenants.countries.models import CountryRuleSet
from tenants.countries.rules import of_microsoft

READ_RULES = JobKind("tenants.read_country_rules", "sync", max_attempts=5)
FRESH_FOR: Final = timedelta(days=7)
TRY_AGAIN: Final = timedelta(hours=12)
"""After Microsoft had no rules of a country, so that one it does not know is no daily bother."""
_CODE = re.compile(r"[A-Z]{2}")
log = get_logger(__name__)


def want_countries(countries: Iterable[str], *, actor: Actor, connection: Connection) -> int:
    """See to it that the rules of countries are read soon; returns how many are to be read.

    Call in a transaction. Countries known already, and what is no code, cost one query.
    """
    codes = {code.upper() for code in countries if _CODE.fullmatch(code.upper())}
    known = set(
        CountryRuleSet.objects.visible_to(actor)
        .filter(country__in=codes)
        .values_list("country", flat=True)
    )
    CountryRuleSet.objects.bulk_create(
        [
            CountryRuleSet(reseller_id=actor.reseller_id, connection=connection, country=code)
            for code in sorted(codes - known)
        ],
        ignore_conflicts=True,
    )
    if codes - known:
        request_rules(connection, actor=actor)
    return len(codes - known)


def request_rules(connection: Connection, *, actor: Actor) -> None:
    """Ask for what is due of a connection to be read; one that is under way reads it too."""
    with suppress(Conflict), transaction.atomic():
        enqueue(
            READ_RULES,
            actor=actor,
            title=f"Read Microsoft's country rules through {connection.name}",
            subject_id=connection.pk,
            dedupe_key=str(connection.pk),
        )


def request_old_rules(*, actor: Actor) -> int:
    """Ask for every rule of a reseller that is due; returns for how many connections."""
    with transaction.atomic():
        rows = CountryRuleSet.objects.visible_to(actor).filter(_due())
        wanted = Connection.objects.visible_to(actor).filter(pk__in=rows.values("connection_id"))
        found = list(wanted.defer("secret_sealed").order_by("pk"))
        for connection in found:
            request_rules(connection, actor=actor)
    return len(found)


def read_rules(running: RunningJob) -> None:
    """Carry out the reading of what is due of a connection, one country after the other.

    Raises:
        PortalError: the connection as a whole failed.
    """
    actor = running.actor
    with transaction.atomic():
        connection = Connection.objects.visible_to(actor).filter(pk=running.subject_id).first()
        rows = CountryRuleSet.objects.visible_to(actor).filter(connection_id=running.subject_id)
        due = list(rows.filter(_due()).values_list("country", flat=True).order_by("country"))
    if connection is None:
        raise NotFound("The connection is gone.")
    center = partner_center_for(connection_in_scope(connection, actor=actor))
    for done, country in enumerate(due, start=1):
        try:
            rules = of_microsoft(center.addresses.country_rules(country))
        except PartnerCenterError as error:
            if isinstance(error, OF_THE_CONNECTION):
                raise as_portal_error(error) from None
            said = sentence_of(error)
            log.info("country_rules_refused", country=country, reason=type(error).__name__)
            with running.step(done=done, total=len(due)):
                rows.filter(country=country).update(tried_at=timezone.now(), failure=said)
                if isinstance(error, CountryUnknown):
                    continue
        else:
            now = timezone.now()
            with running.step(done=done, total=len(due)):
                rows.filter(country=country).update(
                    rules=rules.as_json(), fetched_at=now, tried_at=now, failure=""
                )


def connection_in_scope(connection: Connection, *, actor: Actor) -> Connection:
    """Return the connection with its sealed secret, in a transaction of its own."""
    with transaction.atomic():
        return connection_with_secret(connection, actor=actor)


def _due() -> Q:
    now = timezone.now()
    old = Q(fetched_at=None) | Q(fetched_at__lt=now - FRESH_FOR)
    return old & (Q(tried_at=None) | Q(tried_at__lt=now - TRY_AGAIN) | Q(tried_at=F("fetched_at")))
