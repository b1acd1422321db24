"""L14: a change and its audit row are one: killed anywhere between, there are both or neither."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter

import pytest
from django.db import transaction

from organizations.linking.models import Link
from organizations.linking.operations import link_tenant
from portal.core.access import acting, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.audit.operations import first_broken_event
from tenants.discovery.models import Tenant
from tests.database import PROJECT
from tests.factories.core import make_reseller
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenants
from tests.secrets.conftest import Figure

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

MOMENTS = ("before the audit row", "after the audit row", "before the commit", "after the commit")
TIMES = 10


def test_l14_change_and_audit_row_are_both_there_or_neither(figure: Figure) -> None:
    reseller = make_reseller()
    organization = make_organization(reseller)
    tenants = make_tenants(make_connection(reseller), len(MOMENTS) * TIMES)
    moments = dict(zip([tenant.pk for tenant in tenants], MOMENTS * TIMES, strict=True))
    lines = [(reseller.pk, str(organization.pk), str(pk), moment) for pk, moment in moments.items()]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.secrets.killed_links"],
        cwd=PROJECT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
        input=json.dumps(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [-signal.SIGKILL] * len(lines)

    with acting(system_actor(reseller.pk, "tests")) as actor:
        with transaction.atomic():
            linked = set(Link.objects.values_list("tenant_id", flat=True))
            marked = set(Tenant.objects.filter(is_linked=True).values_list("pk", flat=True))
            events = AuditEvent.objects.filter(action="organizations.tenant_linked")
            told = Counter(events.values_list("subject_id", flat=True))
            assert first_broken_event(actor) is None
        unaudited = [pk for pk in linked | marked if str(pk) not in told]
        unchanged = [pk for pk in told if pk not in {str(pk) for pk in linked & marked}]
        figure(
            f"L14: killed {TIMES} times at each of {len(MOMENTS)} moments: {len(unaudited)} changes"
            f" without audit row, {len(unchanged)} rows without change"
        )
        assert (unaudited, unchanged) == ([], [])
        assert linked == {pk for pk, moment in moments.items() if moment == "after the commit"}
        assert set(told.values()) == {1}
        # Nothing stays locked, and the chain goes on where it was.
        assert link_tenant(tenants[0], actor=actor, organization=organization).is_live
        with transaction.atomic():
            assert first_broken_event(actor) is None
