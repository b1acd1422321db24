"""A process that links tenants and is killed in the middle: run with a JSON list of lines on stdin.

Each line is ``[reseller, organization, tenant, moment]`` and is done by a child of its own, which
ends itself with SIGKILL at the moment. Prints how each child ended.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402  (after the set-up)

from organizations.directory.models import Organization  # noqa: E402
from organizations.linking.operations import link_tenant  # noqa: E402
from portal.core.access import acting, system_actor  # noqa: E402
from portal.core.audit import operations as audit  # noqa: E402
from tenants.discovery.models import Tenant  # noqa: E402


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed(real: Callable[..., Any], *, before: bool) -> Callable[..., Any]:
    """Return a function that ends the process instead of, or right after, doing its work."""

    def instead(*args: Any, **options: Any) -> Any:
        if before:
            die()
        real(*args, **options)
        die()

    return instead


def arm(moment: str) -> None:
    """Have the process end at a moment of the first link it makes."""
    when, _, what = moment.partition(" ")
    if what == "the audit row":
        audit._insert = killed(audit._insert, before=when == "before")
    else:
        wrapper: Any = connection
        wrapper._commit = killed(wrapper._commit, before=when == "before")


def link(reseller_id: int, organization_id: str, tenant_id: str, moment: str) -> None:
    with acting(system_actor(reseller_id, "tests")) as actor:
        with transaction.atomic():
            organization = Organization.objects.get(pk=organization_id)
            tenant = Tenant.objects.get(pk=tenant_id)
        arm(moment)
        link_tenant(tenant, actor=actor, organization=organization)


def main() -> None:
    ended = []
    for line in json.load(sys.stdin):
        child = os.fork()
        if child == 0:
            link(*line)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        ended.append(os.waitstatus_to_exitcode(status))
    sys.stdout.write(json.dumps(ended))


if __name__ == "__main__":
    main()
