"""Changing the key that seals secrets, while the portal runs.

Both keys are in the ring meanwhile, so every secret opens at every moment, whichever seals it. Each
batch commits by itself and what is done is told by the values themselves: a rotation that was
killed is begun again and goes on. A secret keeps its version, because it is the same secret.

Access tokens and the halves of sign-ins under way live for minutes and are left to end.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from portal.core import audit
from portal.core.access import Actor, acting, system_actor
from portal.core.encryption import SealBroken, opening_key_ids, seal, sealing_key_id, unseal
from portal.core.identity.models import Reseller
from portal.core.identity.queries import every_reseller
from tenants.connections.queries import SEALED, Sealed, sealed_per_key

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Batch:
    """How many secrets were sealed anew, and the names of connections whose secret did not open."""

    resealed: int
    unopened: tuple[str, ...]
    last: UUID


def reseal(*, batch: int) -> Iterator[Batch]:
    """Seal every secret of every reseller with the first key, yielding after each commit.

    Suspended resellers are included: they may come back after the old key has gone. A secret that
    no key opens is left as it is.
    """
    for reseller in every_reseller():
        with acting(system_actor(reseller.pk, "key rotation")) as actor:
            for kind in SEALED:
                last: UUID | None = NOBODY
                while last is not None:
                    done = _reseal_batch(reseller, kind, actor=actor, after=last, size=batch)
                    last = done.last if done else None
                    if done:
                        yield done


def secrets_per_key() -> Counter[str]:
    """Return how many secrets of all resellers each key seals; 0 for a key that seals none."""
    counts = Counter(dict.fromkeys(opening_key_ids(), 0))
    for reseller in every_reseller():
        with acting(system_actor(reseller.pk, "key rotation")) as actor, transaction.atomic():
            counts.update(sealed_per_key(actor))
    return counts


def unopened_secrets() -> list[str]:
    """Try every stored secret; return the connections, with their reseller, where none opens."""
    found = []
    for reseller in every_reseller():
        with acting(system_actor(reseller.pk, "key rotation")) as actor, transaction.atomic():
            for kind in SEALED:
                rows = kind.rows(actor).order_by("pk").iterator()
                found += [
                    f"{reseller.slug}: {kind.name_of(row)}" for row in rows if not _opens(kind, row)
                ]
    return found


@sensitive_variables("secret")
def _reseal_batch(
    reseller: Reseller, kind: Sealed, *, actor: Actor, after: UUID, size: int
) -> Batch | None:
    """Lock, open and seal up to ``size`` secrets; None if no other key seals anything behind."""
    with transaction.atomic():
        rows = list(
            kind.rows(actor)
            .exclude(**{f"{kind.column}__startswith": f"{sealing_key_id()}$"})
            .filter(pk__gt=after)
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)[:size]
        )
        unopened, resealed = [], []
        for row in rows:
            where = kind.seal_of(row)
            try:
                secret = unseal(getattr(row, kind.column), where)
            except SealBroken:
                unopened.append(f"{reseller.slug}: {kind.name_of(row)}")
            else:
                setattr(row, kind.column, seal(secret, where))
                resealed.append(row)
        if resealed:
            kind.model.objects.bulk_update(resealed, [kind.column])
            told = {"secrets": len(resealed), "key": sealing_key_id()}
            audit.record(actor, "tenants.secrets_resealed", reseller, after=told)
    return Batch(len(resealed), tuple(unopened), rows[-1].pk) if rows else None


def _opens(kind: Sealed, row: Any) -> bool:
    try:
        unseal(getattr(row, kind.column), kind.seal_of(row))
    except SealBroken:
        return False
    return True
