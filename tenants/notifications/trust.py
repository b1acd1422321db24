"""Whose events count for a connection: that is decided by its cloud, from the settings."""

from urllib.parse import urlsplit

from django.conf import settings

from partnercenter.event_subjects import HOSTS
from partnercenter.webhook_signatures import Trust
from tenants.connections.clouds import endpoints_of


def trust_of(cloud: str) -> Trust:
    """Return where a cloud's certificates lie and which roots vouch for them.

    A simulator has its own certificate beside its API, vouched for by the roots of its CA bundle.

    Raises:
        NotReady: this installation has no such cloud.
    """
    endpoints = endpoints_of(cloud)
    if cloud == "global":
        return Trust(hosts=frozenset(settings.PARTNERCENTER_CERTIFICATE_HOSTS))
    return Trust(hosts=frozenset({urlsplit(endpoints.api).netloc}), roots=endpoints.ca_bundle)


def hosts_of(cloud: str) -> frozenset[str]:
    """Return the hosts whose addresses in events are read. Raises: as `trust_of`."""
    return HOSTS | {urlsplit(endpoints_of(cloud).api).netloc}
