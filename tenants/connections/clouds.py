"""The clouds a connection may lead to: Microsoft's own, and simulators outside production.

Addresses come from the settings and never from a row, so nobody who may edit a connection can send
its secret to a host of his choice.
"""

from dataclasses import replace

from django.conf import settings

from partnercenter.client import Endpoints
from portal.core.errors import NotReady


def cloud_choices() -> list[tuple[str, str]]:
    """Return each cloud's name with the words a form shows for it."""
    return [
        (name, "Microsoft (worldwide)" if name == "global" else f"Simulator ({name})")
        for name in settings.PARTNERCENTER_CLOUDS
    ]


def endpoints_of(cloud: str) -> Endpoints:
    """Return a cloud's addresses.

    Raises:
        NotReady: this installation has no such cloud, for instance a simulator in production.
    """
    addresses = settings.PARTNERCENTER_CLOUDS.get(cloud)
    if addresses is None:
        raise NotReady(
            f"This installation has no cloud called “{cloud}”. Choose another one for the"
            " connection, or have its address added to the settings.",
            code="cloud_unknown",
        )
    endpoints = Endpoints(
        api=addresses["API"],
        authority=addresses["AUTHORITY"],
        graph=addresses["GRAPH"],
        ca_bundle=addresses["CA_BUNDLE"] or None,
    )
    # A simulator is its own storage too.
    return endpoints if cloud == "global" else replace(endpoints, storage=endpoints.graph)
