"""Imported by the workers that tests start: registers the tests' kinds of work."""

import os

from celery import current_app

from portal.core.jobs.kinds import register
from tests.work import UNKNOWN, register_all, work

register_all()
if os.environ.get("TENANTRY_RELEASE") == "next":
    register(UNKNOWN, work)
if seconds := os.environ.get("TENANTRY_VISIBILITY"):
    current_app.conf.broker_transport_options["visibility_timeout"] = int(seconds)
