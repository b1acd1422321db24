"""Imported by the workers that tests start: registers the tests' kinds of work."""

import os

from celery import current_app
from kombu.transport.redis import Channel

from organizations.provisioning import following
from portal.core.jobs.kinds import register
from tests.work import UNKNOWN, register_all, work

register_all()
if os.environ.get("TENANTRY_RELEASE") == "next":
    register(UNKNOWN, work)
if seconds := os.environ.get("TENANTRY_VISIBILITY"):
    current_app.conf.broker_transport_options["visibility_timeout"] = int(seconds)
if os.environ.get("TENANTRY_PROFILE"):
    # Microsoft kept another billing address than was sent, so that it is changed each time.
    changed = {"email": "billing@bakery.example"}
    setattr(following, "billing_changes", lambda *_: changed)  # noqa: B010
if os.environ.get("TENANTRY_DEAF"):
    # As when the line to the broker is dead and nobody has noticed: nothing is ever asked for.
    setattr(Channel, "_brpop_start", lambda channel, timeout=None: None)  # noqa: B010
