"""Which of many new organizations look like one that is there already, in one statement."""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from organizations.directory.details import OrganizationDetails
from organizations.directory.models import Organization
from organizations.directory.queries import Resemblance
from portal.core.access import Actor

# Three look-ups by index, each for the whole list; an OR in one join would read every organization.
RESEMBLING: Final = """
    WITH given AS MATERIALIZED (
        SELECT place, domain, lower(name) AS name_key,
               lower(regexp_replace(registration, '[^[:alnum:]]', '', 'g')) AS registration_key
        FROM unnest(%(names)s::text[], %(domains)s::text[], %(registrations)s::text[])
            WITH ORDINALITY AS listed (name, domain, registration, place)
    )
    SELECT DISTINCT ON (place) place, id, name, number, reason FROM (
        SELECT place, o.id, o.name, o.number, 'same primary domain' AS reason, 1 AS rank
        FROM given JOIN organizations_organization o
            ON o.reseller_id = %(reseller)s AND o.primary_domain = given.domain
        WHERE given.domain <> ''
        UNION ALL
        SELECT place, o.id, o.name, o.number, 'same registration number', 2
        FROM given JOIN organizations_organization o
            ON o.reseller_id = %(reseller)s AND o.registration_key = given.registration_key
        WHERE given.registration_key <> '' AND o.registration_key <> ''
        UNION ALL
        SELECT place, o.id, o.name, o.number, 'same name', 3
        FROM given JOIN organizations_organization o
            ON o.reseller_id = %(reseller)s AND o.name_key = given.name_key
    ) found
    ORDER BY place, rank, name, id
"""


def resemblances(
    candidates: Sequence[OrganizationDetails], *, actor: Actor
) -> dict[int, Resemblance]:
    """Return, by its place in the list, what each candidate resembles most (1 statement).

    The rules are those of `queries.similar_organizations`; who resembles nothing is left out.
    """
    if not candidates:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            RESEMBLING,
            {
                "reseller": actor.reseller_id,
                "names": [candidate.name for candidate in candidates],
                "domains": [candidate.primary_domain for candidate in candidates],
                "registrations": [candidate.registration_number for candidate in candidates],
            },
        )
        return {
            place - 1: Resemblance(Organization(id=key, name=name, number=number), reason)
            for place, key, name, number, reason in cursor
        }
