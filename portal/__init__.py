"""Wiring of the portal: settings, routes, the task queue, and the floors apps stand on."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
